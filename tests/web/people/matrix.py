"""Who may use the people's files."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(("people", "person", "person_new", "person_edit", "contact_add", "consent_note"), DESK)
