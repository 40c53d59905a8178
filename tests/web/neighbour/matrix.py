"""A neighbour's link asks for no account."""

MATRIX = dict.fromkeys(
    (
        "neighbour_link", "neighbour_answer", "neighbour_confirm", "neighbour_withdraw", "neighbour_done",
        "neighbour_worried", "neighbour_calendar",
    ),
    frozenset({"open"}),
)  # fmt: skip
