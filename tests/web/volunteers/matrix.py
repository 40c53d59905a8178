"""Who may use the files of neighbours: the desk and nobody else."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(
    (
        "volunteers",
        "volunteer_new",
        "volunteer",
        "volunteer_change",
        "volunteer_check",
        "volunteer_welcome",
        "volunteer_rest",
        "volunteer_back",
        "volunteer_away",
        "volunteer_not_away",
        "volunteer_end",
    ),
    DESK,
)
