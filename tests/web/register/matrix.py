"""Who may use the registers: nobody by role alone. What is named here for a role shows no entry (REG-13, REG-15)."""

NAMED: set[str] = set()
HEAD = {"head"}
MATRIX = {
    # Of the head: which registers there are, who is named, what people are told. No name of anybody enrolled.
    **dict.fromkeys(
        (
            "registers", "register_new", "designations", "designation_end", "annex", "register_notice", "register_settings",
            "register_end", "blank_form", "passage_cards",
        ),
        HEAD,
    ),
    # Only with a designation, which no role carries.
    **dict.fromkeys(
        (
            "undertaking", "register", "enrol", "register_use", "letters_print", "letters_sent", "inform", "communications",
            "communication_new", "register_round", "round_cards", "round_sent", "round_close", "request_close", "enrolment",
            "enrolment_change", "enrolment_agree", "enrolment_object", "enrolment_remove", "enrolment_confirm", "enrolment_letter",
            "communication", "communication_approve", "communication_refuse", "communication_file", "rectification_letter",
            "recipients_told", "register_duty",
        ),
        NAMED,
    ),
    "alerts": {"agent", "coordinator", "head"},
    **{name: {"coordinator", "head"} for name in ("alert_new", "alert_change", "alert_end")},
    **{name: {"open"} for name in ("public_form", "public_received", "public_paper")},
}  # fmt: skip
