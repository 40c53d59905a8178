"""Who may read the telecare events, and who settles them."""

DESK = {"agent", "coordinator", "head"}
MATRIX = {"telecare_events": {"operator", *DESK}, "telecare_settle": DESK}
