"""Who may play with the demo's telephones, in a demo."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(("demo_phones", "demo_reply", "demo_ring", "demo_press"), DESK)
