"""Every address of the desk, tried from the next territory and in a transaction that cannot write (QA-09, SEC-01)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.calls import operations as calls
from palier.concerns.operations import open_concern
from palier.kernel import clock
from palier.territories import walls
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer
from tests import factories, flow
from tests.guards.test_permission_matrix import matrix, ours
from tests.web.client import desk_client

# Words that stand in Belrive's rows and nowhere else.
TRACES = (
    "Zéphyrine",
    "Quatrebarbes",
    "Impasse-du-Secret",
    "0261914799",
    "02 61 91 47 99",
    "+33261914799",
    "Archibald",
)
# Addresses by the name of something that is no number: what they are told.
WORDS = {"mark": "0" * 24, "token": "pas-un-lien", "code": "rien", "name": "rien"}


@pytest.fixture
def towns(transactional_db: None) -> Iterator[tuple[Territory, dict[str, int], Membership, Membership]]:
    """Belrive with something of everything, really committed, and a head of Valmont beside hers."""
    with clock.at(factories.local(2026, 11, 12, 10, 20)):
        with transaction.atomic():
            town = factories.territory()
            head = factories.member(town, "Archibald", "Belrivois", "head")
            things = fill(town, factories.actor(head))
        with transaction.atomic():
            valmont = factories.territory("valmont", "Valmont")
            stranger = factories.member(valmont, "Carla", "Nunes", "head")
        yield town, things, head, stranger


def fill(town: Territory, actor: Actor) -> dict[str, int]:
    """One of each kind of row; gives the numbers by kind."""
    person = factories.person(
        town, "Zéphyrine", "Quatrebarbes", phone="+33261914799", street="1 Impasse-du-Secret"
    )
    michel = factories.volunteer(town, "Archibald", "Voisin")
    visit = flow.agreed_visit(person, michel, actor)
    second = flow.need_for(person, actor)
    machine = Actor.machine("telephone", town.pk)
    call = calls.ring(provider="pbx", call_key="one", number_raw="02 61 91 47 99", actor=machine)
    concern = open_concern(person_id=person.pk, facts="Chez Zéphyrine, le frigo est vide.", actor=actor)
    return {
        "person": person.pk, "volunteer": michel.pk, "visit": visit.pk, "need": visit.need_id, "other_need": second.pk,
        "call": call.pk, "concern": concern.pk, "offer": visit.offer_id, "member": actor.membership_id or 0,
    }  # fmt: skip


def addresses(numbers: set[int]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each address with each number, and the methods it takes."""
    for name, entry in sorted(ours().items()):
        converters = entry.pattern.converters
        methods = getattr(entry.callback, "methods", ("get", "post"))
        for number in (
            sorted(numbers) if any(type(c).__name__ == "IntConverter" for c in converters.values()) else [0]
        ):
            values = {
                key: number if type(converter).__name__ == "IntConverter" else WORDS.get(key, "rien")
                for key, converter in converters.items()
            }
            yield name, reverse(name, kwargs=values), tuple(methods)


def test_QA_09_somebody_of_another_territory_reaches_nothing_of_ours(towns: Any) -> None:
    """Each address, with each number of Belrive's rows, read and written: never its words, never a change."""
    town, things, _head, stranger = towns
    with walls.inside(stranger.territory_id):
        client = desk_client(stranger)
    before = rows_of(town)
    numbers = set(things.values())
    # A number may also be that of a row of the stranger's own, which is theirs to open.
    theirs = own_numbers(stranger)
    leaks, odd, refused = [], [], 0
    for name, address, _methods in addresses(numbers):
        if matrix().get(name) == {"open"}:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            body = answer.content.decode(errors="replace")
            if any(trace in body for trace in TRACES):
                leaks.append((method, address))
            if answer.status_code >= 500:
                odd.append((method, address, answer.status_code))
            numbered = {int(number) for number in re.findall(r"\d+", address)}
            refused += answer.status_code in (403, 404)
            if numbered and not numbered & theirs and answer.status_code == 200:
                odd.append((method, address, answer.status_code))
    assert leaks == []
    assert odd == []
    assert refused > 100, "really tried"
    assert rows_of(town) == before


def own_numbers(stranger: Membership) -> set[int]:
    with walls.inside(stranger.territory_id):
        from palier.territories.models import HelpKind, Organisation, Team

        found = {stranger.pk}
        for model in (HelpKind, Organisation, Team, Membership):
            found |= set(model.objects.values_list("pk", flat=True))
        from palier.calls.models import CallReason

        return found | set(CallReason.objects.values_list("pk", flat=True))


def rows_of(town: Territory) -> dict[str, int]:
    from django.apps import apps

    from palier.territories.models import Walled

    with walls.inside(town.pk):
        return {
            model._meta.label: model._default_manager.count()
            for model in apps.get_models()
            if issubclass(model, Walled)
        }


def test_a_page_that_is_read_writes_nothing(towns: Any) -> None:
    """The database itself refuses: each GET runs in a READ ONLY transaction, over committed rows, and none fails."""
    _town, things, head, _stranger = towns
    with walls.inside(head.territory_id):
        client = desk_client(head)
    broken = []
    seen = 0
    for _name, address, methods in addresses(set(things.values())):
        if "get" not in [method.lower() for method in methods]:
            continue
        answer = client.get(address)
        seen += answer.status_code == 200
        if answer.status_code >= 500:
            broken.append((address, answer.status_code))
    assert broken == []
    assert seen > 15, "the pages were really shown"


def test_a_view_that_writes_in_a_get_is_refused(
    towns: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The control of the test above."""
    from palier.web.account import views

    _town, _things, head, _stranger = towns
    with walls.inside(head.territory_id):
        client = desk_client(head)

    def writes(*_args: Any, **_kwargs: Any) -> Any:
        Volunteer.objects.update(about="écrit")

    assert client.get(reverse("my_account")).status_code == 200

    monkeypatch.setattr(views, "device_name", writes)
    client.raise_request_exception = False
    assert client.get(reverse("my_account")).status_code >= 500


def test_a_number_that_is_too_large_is_not_found(towns: Any) -> None:
    _town, _things, head, _stranger = towns
    with walls.inside(head.territory_id):
        client = desk_client(head)
    odd = []
    for _name, address, methods in addresses({2**63, 10**30}):
        if "get" in [method.lower() for method in methods]:
            answer = client.get(address)
            if answer.status_code >= 500:
                odd.append((address, answer.status_code))
    assert odd == []
