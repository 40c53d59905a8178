"""Who may play with the demonstration's telephones; outside a demonstration nobody finds them."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(("demo_phones", "demo_reply", "demo_ring", "demo_press"), DESK)
