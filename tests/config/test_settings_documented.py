"""Every variable of the environment that is read is documented, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/operate/settings.md"
READERS = {"text", "number", "switch", "words"}
# Their default is made when none is given, or hangs on another setting.
EXPLAINED = {"PALIER_SECRET_KEY", "PALIER_VAR", "PALIER_MAIL_TRANSPORT", "PALIER_SECOND_FACTOR"}
# Django's own, told in its documentation.
DJANGOS = {"DJANGO_SETTINGS_MODULE"}


def read_in(tree: ast.AST) -> Iterator[str]:
    """Names given to the helpers of `values`, and to `os.environ`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            of, first = ast.unparse(node.func.value), node.args[0]
            is_read = (of == "values" and node.func.attr in READERS) or (
                of == "os.environ" and node.func.attr in ("get", "pop", "setdefault")
            )
            if is_read and isinstance(first, ast.Constant):
                yield first.value
            elif is_read:
                # The helpers' own; what they read is what they are asked for.
                assert "values.py" in str(getattr(tree, "path", "")), ast.unparse(node)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            if isinstance(node.slice, ast.Constant) and isinstance(node.ctx, ast.Load):
                yield node.slice.value


def variables_read() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "src/palier").rglob("*.py"):
        tree = ast.parse(path.read_text())
        tree.path = path  # type: ignore[attr-defined]
        found |= set(read_in(tree))
    return found - DJANGOS


def documented() -> dict[str, str]:
    rows = re.findall(r"^\| `([A-Z_]+)`(?: ¶)? \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.M)
    assert [name for name, _default, meaning in rows if len(meaning) < 11] == []
    return {name: default for name, default, _meaning in rows}


def test_the_page_lists_what_is_read_and_nothing_else() -> None:
    assert variables_read() == set(documented())


def test_what_may_come_from_a_file_is_marked() -> None:
    texts = set(
        re.findall(r'values\.text\("([A-Z_]+)"', (ROOT / "src/palier/config/settings.py").read_text())
    )
    assert texts == set(re.findall(r"^\| `([A-Z_]+)` ¶", PAGE.read_text(), re.M))


def test_plain_defaults_are_those_of_the_code() -> None:
    source = (ROOT / "src/palier/config/settings.py").read_text()
    told = documented()
    for name, default in re.findall(r'values\.(?:text|number|words)\("([A-Z_]+)", "?([^",)]*)"?\)', source):
        if default.startswith(("str", "DEMO")) or name in EXPLAINED:
            continue
        assert told[name] == (f"`{default}`" if default else "empty"), name
    for name, default in re.findall(r'values\.switch\("([A-Z_]+)"(?:, (True|False))?\)', source):
        assert name in EXPLAINED or told[name] == ("`1`" if default == "True" else "`0`"), name
