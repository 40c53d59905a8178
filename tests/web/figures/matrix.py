"""Who may see the figures, open their lists and take them out."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(("figures", "figures_list", "figures_export"), DESK)
