"""Who may use the people's files."""

DESK = {"agent", "coordinator", "head"}
_OF_A_FILE = (
    "people", "people_found", "person", "person_new", "person_edit", "contact_add", "contact_edit", "contact_move", "contact_remove",
    "contact_apart", "contact_reveal", "contact_allow", "consent_note", "ledger", "objection_note", "week", "presence_edit",
    "presence_remove", "away_new", "away_back", "away_ask", "household", "household_leave", "protection", "protection_end",
    "secrets", "secret_reveal", "secret_forget", "notes", "note_withdraw", "opened_for", "leaving", "coming_back",
    "condolences_done", "keep_apart", "compartments",
)  # fmt: skip
MATRIX = dict.fromkeys(_OF_A_FILE, DESK)
# Who may enter the files kept apart is said by the head of service.
HEAD = {"head"}
MATRIX |= dict.fromkeys(("compartment_open", "compartment_grant", "compartment_revoke"), HEAD)
MATRIX |= {"person_sheet": DESK}
# Two files that may be of one person; everybody at the desk decides of what they see.
MATRIX |= dict.fromkeys(("people_like", "doubles", "double", "double_decide", "join_undo"), DESK)
COORDINATION = {"coordinator", "head"}
MATRIX |= dict.fromkeys(("doubles_find", "doubles_forget"), COORDINATION)
