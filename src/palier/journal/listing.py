"""The events of the house as a table: what each says, which of its data is personal, and what comes of it."""

from collections.abc import Callable, Iterator

from palier.journal.events import Event, Reaction, registry

HEAD = """# The journal's events

Written by `palier show_events --write`; a test fails when it is out of date. One row is written for each change of
state, in its transaction. *Reactions* run in the same transaction; *followers* as a job after it, possibly twice.
"""


# What a datum may be, the most telling first: its own name, a number, a moment.
STAND_INS: tuple[Callable[[str], object], ...] = (
    lambda name: f"‹{name}›",
    lambda _: 3,
    lambda _: "2026-11-12T10:00:00+00:00",
)


def sample(event: Event) -> str:
    """The event's sentence with the names of its data in place of data; a number or a moment where it wants one."""
    data: dict[str, object] = {name: STAND_INS[0](name) for name in event.public | event.personal}
    for choice in (data, *_variations(data)):
        try:
            return event.title(choice)
        except (ValueError, TypeError, KeyError):
            continue
    raise ValueError(f"{event.code} cannot be worded")


def _variations(data: dict[str, object]) -> Iterator[dict[str, object]]:
    """One datum changed, then all of them."""
    for stand_in in STAND_INS[1:]:
        for name in sorted(data):
            yield {**data, name: stand_in(name)}
    for stand_in in STAND_INS[1:]:
        yield {name: stand_in(name) for name in data}


def lines() -> list[str]:
    """The page, in Markdown."""
    found = [HEAD]
    for context in sorted({code.split(".")[0] for code in registry.events}):
        found += [
            f"\n## {context}\n",
            "| event | says | public data | personal data | reactions | followers |",
            "|---|---|---|---|---|---|",
        ]
        for code, event in sorted(registry.events.items()):
            if code.split(".")[0] == context:
                cells = (
                    f"`{code}`",
                    sample(event).replace("|", "\\|"),
                    ", ".join(sorted(event.public)),
                    ", ".join(sorted(event.personal)),
                    _names(registry.reactions.get(code, [])),
                    _names(registry.followers.get(code, [])),
                )
                found.append("| " + " | ".join(cells) + " |")
    return found


def page() -> str:
    return "\n".join(lines()) + "\n"


def _names(functions: list[Reaction]) -> str:
    return ", ".join(f"`{_name(function)}`" for function in functions)


def _name(function: Callable[..., object]) -> str:
    context = function.__module__.removeprefix("palier.").rsplit(".", 1)[0]
    return f"{context}.{function.__name__}"
