"""Who may use the concern reports."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(("concerns", "concern_new", "concern"), DESK)
