"""What the tests of the telephone desk begin with: a telephone that rings, a form as it is typed."""

from typing import Any

from palier.accounts.actor import Actor
from palier.calls import operations as calls
from palier.calls.models import Call

ODETTE = "02 61 91 47 20"


def ring(town: Any, number: str = ODETTE, key: str = "one", *, answered_by: Any = None) -> Call:
    machine = Actor.machine("telephone", town.pk)
    call = calls.ring(provider="pbx", call_key=key, number_raw=number, actor=machine)
    if answered_by is not None:
        calls.answer(call.pk, by_membership_id=answered_by.membership_id, actor=machine)
        call.refresh_from_db()
    return call


def typed(person: Any = None, **more: Any) -> dict[str, Any]:
    """A call for nothing: to talk."""
    fields = {"caller": f"p{person.pk}"} if person is not None else {"found": ""}
    who = "self" if person is not None else "anonymous"
    return (
        fields
        | {
            "who": who,
            "reasons": ["talk"],
            "mood": "as_usual",
            "words": "Parle de son jardin.",
            "next": "nothing",
        }
        | more
    )


def text_of(answer: Any) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("’", "'")
