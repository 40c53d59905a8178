"""Which roles may use each address of the telephone desk."""

DESK = {"agent", "coordinator", "head"}

MATRIX = {
    "phone_desk": DESK,
    "call_start": DESK,
    "call": DESK,
    "call_answer": DESK,
    "call_draft": DESK,
    "call_keep": DESK,
    "call_danger": DESK,
    "call_set_aside": DESK,
    "call_no_answer": DESK,
    "call_undo": DESK,
}
