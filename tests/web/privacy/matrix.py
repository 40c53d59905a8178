"""Who may use the rights desk and the access log."""

DESK = {"agent", "coordinator", "head"}
COORDINATES = {"coordinator", "head"}
ADMINISTERS = {"head", "administrator"}
MATRIX = (
    dict.fromkeys(("rights_requests", "rights_request_new", "rights_request", "rights_identity"), DESK)
    | dict.fromkeys(
        (
            "rights_extend",
            "rights_review",
            "rights_recipients",
            "rights_copy",
            "rights_visa_ask",
            "rights_visa",
            "rights_elimination",
            "rights_erase",
            "rights_answer",
        ),
        COORDINATES,
    )
    | dict.fromkeys(("privacy_settings", "access_log", "access_log_export", "processing_record"), ADMINISTERS)
)
