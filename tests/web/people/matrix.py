"""Who may use the people's files."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(
    ("people", "person", "person_new", "person_edit", "contact_add", "consent_note", "compartments"), DESK
)
# Who may enter the files kept apart is said by the head of service.
HEAD = {"head"}
MATRIX |= dict.fromkeys(("compartment_open", "compartment_grant", "compartment_revoke"), HEAD)
