"""One's own account is for everybody who signed in."""

EVERYBODY = {"agent", "caller", "coordinator", "head", "administrator", "operator", "partner"}
MATRIX = {
    **dict.fromkeys(("my_account", "session_end", "language", "display"), EVERYBODY),
    "choose_place": {"open"},
}
