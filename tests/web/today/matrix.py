"""Who may use the day board."""

DESK = {"agent", "coordinator", "head"}
EVERYBODY = {"agent", "caller", "coordinator", "head", "administrator", "operator", "partner"}
MATRIX = {
    "home": EVERYBODY,
    "today": DESK,
    "duty_take": DESK,
    "duty_give": DESK,
    "duty_acknowledge": DESK,
    "note_of_the_day": {"coordinator", "head"},
    "message": DESK,
    "inbound_message": DESK,
}
