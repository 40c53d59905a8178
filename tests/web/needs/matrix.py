"""Who may use the needs and what is done about them."""

DESK = {"agent", "coordinator", "head"}
MATRIX = dict.fromkeys(
    (
        "needs",
        "need_new",
        "need",
        "need_change",
        "need_close",
        "need_reopen",
        "need_owner",
        "need_match",
        "need_consent",
        "need_stop",
        "need_refer",
        "need_take_back",
        "need_answer",
        "need_keep_apart",
        "visit_prove",
        "visit_not_done",
        "visit_cancel",
        "visit_withdraw",
        "visit_report",
        "need_feedback",
    ),
    DESK,
)
