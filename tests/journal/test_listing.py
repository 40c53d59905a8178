"""The page of the events is what the code says."""

from pathlib import Path

from palier.journal import listing
from palier.journal.events import registry

PAGE = Path(__file__).resolve().parents[2] / "docs/architecture/events.md"


def test_the_page_of_the_events_is_up_to_date() -> None:
    assert PAGE.read_text() == listing.page(), "run: palier show_events --write"


def test_each_event_stands_there_with_a_sentence_and_what_follows() -> None:
    page = listing.page()
    for code in registry.events:
        assert f"| `{code}` |" in page
    assert "`visits." in page, "who reacts is named by context and function"
