"""Who may read what was handed to a partner, and who answers for them."""

DESK = {"agent", "coordinator", "head"}
MATRIX = {
    "referrals": {"partner"},
    "referral_answer": {"partner", *DESK},
    "referral_done": {"partner", *DESK},
}
