"""Reading the environment: small typed helpers that stop on a wrong value and say which variable it was."""

import os
from pathlib import Path


class WrongSetting(SystemExit):
    """A variable of the environment cannot be used; the message names it."""


def text(name: str, default: str | None = None) -> str:
    """`NAME`, or the content of the file that `NAME_FILE` names; stops when neither is there and no default is."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise WrongSetting(f"{name}_FILE: {file} cannot be read ({error.strerror})") from error
    value = os.environ.get(name, default)
    if value is None:
        raise WrongSetting(f"{name} is not set (see docs/operate/settings.md)")
    return value


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise WrongSetting(f"{name} must be a whole number, not {value!r}") from None


def switch(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise WrongSetting(f"{name} must be 1 or 0, not {value!r}")


def words(name: str, default: str = "") -> list[str]:
    return [word for word in os.environ.get(name, default).replace(",", " ").split() if word]
