from tests.at_once import every_open_thing_has_a_name  # noqa: F401
from tests.register.conftest import desk  # noqa: F401
