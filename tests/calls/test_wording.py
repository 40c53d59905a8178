"""Every line of the timeline is a whole sentence, also when what was personal is erased."""

import pytest

import palier.calls.events
import palier.concerns.events
import palier.needs.events
import palier.partners.events
import palier.people.events
import palier.volunteers.events
from palier.journal.events import Event

CONTEXTS = [
    palier.calls.events,
    palier.concerns.events,
    palier.needs.events,
    palier.people.events,
    palier.volunteers.events,
]
EVENTS = [thing for context in CONTEXTS for thing in vars(context).values() if isinstance(thing, Event)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.code)
def test_an_event_is_worded_without_any_of_its_data(event):
    sentence = event.title({})
    assert sentence[0].isupper() and "%" not in sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"who": "self", "is_woman": True}, "Elle a appelé"),
        ({"who": "self", "is_woman": False}, "Il a appelé"),
        ({"who": "contact", "name": "Sylvie"}, "Sylvie a appelé"),
        ({"who": "contact"}, "Un proche a appelé"),
        ({"direction": "outbound", "by": "Nadia Benali", "who": "self"}, "Appel de Nadia Benali"),
    ],
)
def test_the_sentence_agrees_with_who_spoke(data, sentence):
    assert palier.calls.events.CALL_LOGGED.title(data) == sentence


def test_he_and_she_are_told_apart():
    left = palier.people.events.PERSON_LEFT.title
    assert left({"state": "deceased", "is_woman": False}) == "Il est décédé : ses appels s’arrêtent"
    assert left({"state": "deceased", "is_woman": True}) == "Elle est décédée : ses appels s’arrêtent"
