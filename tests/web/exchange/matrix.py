"""Who may bring a list of people in, or take one out."""

SERVICE = {"coordinator", "head"}
MATRIX = dict.fromkeys(
    (
        "imports", "import_file", "import_columns", "import_sheet", "import_decide", "import_decide_all", "import_apply",
        "import_take_back", "import_drop", "import_errors", "people_export",
    ),
    SERVICE,
)  # fmt: skip
