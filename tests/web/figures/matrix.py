"""Who may read the figures and take them away."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(("figures", "figures_list", "figures_export"), DESK)
