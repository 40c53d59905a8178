from tests.at_once import every_open_thing_has_a_name  # noqa: F401
