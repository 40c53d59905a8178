"""Who may administer the team."""

ADMIN = {"head", "administrator"}
EVERYBODY = {"agent", "caller", "coordinator", "head", "administrator", "operator", "partner"}
MATRIX = {
    **dict.fromkeys(
        (
            "team",
            "member_new",
            "member",
            "member_end",
            "on_call_add",
            "territory_settings",
            "lists",
            "kind",
            "reason",
            "hours",
            "hours_remove",
            "closure_remove",
            "partner_list",
        ),
        ADMIN,
    ),
    "absence_add": EVERYBODY,
    "absence_remove": EVERYBODY,
}
