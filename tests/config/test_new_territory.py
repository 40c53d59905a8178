"""A real site's first minute: a territory in which a call can be logged and a need proposed at once."""

import pytest
from django.core.management import CommandError, call_command

from palier.accounts.models import Membership
from palier.calls.models import CallReason
from palier.duties.operations import desk_team
from palier.territories import walls
from palier.territories.models import HelpKind, Territory
from tests import factories
from tests.web.client import desk_client

pytestmark = pytest.mark.django_db

WANTED = {
    "--name": "Belrive", "--sender": "Belrive", "--phone": "02 61 91 00 12", "--host": "palier.belrive.example",
    "--insee": "45999", "--postcode": "45990", "--head": "helene@belrive.example", "--first-name": "Hélène", "--last-name": "Marty",
}  # fmt: skip


def make(code="belrive", **changes):
    wanted = WANTED | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    call_command("new_territory", code, *[part for pair in wanted.items() for part in pair])


def test_the_head_of_a_new_territory_finds_a_desk_that_works(now):
    make()
    town = Territory.objects.get()
    with walls.inside(town.pk):
        assert HelpKind.objects.count() == 10 and CallReason.objects.count() == 10
        assert desk_team(town.pk).answers_the_phone
        head = Membership.objects.select_related("user").get()
        assert head.role == "head" and not head.user.has_usable_password()
        client = desk_client(factories.actor(head))
        assert client.get("/aujourdhui/").status_code == 200
        started = client.post("/telephone/nouveau/")
        assert started.status_code == 302
        assert client.get(started["Location"]).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "bel rive"}, {"phone": "12"}, {"head": "helene"}, {"insee": "4599"}, {"sender": "Un nom bien trop long"},
        {"sender": "Ville œ"},
    ],
)  # fmt: skip
def test_a_wrong_word_writes_nothing_and_says_which(now, wrong):
    with pytest.raises(CommandError):
        make(**wrong)
    assert not Territory.objects.exists()


def test_a_code_that_is_taken_is_refused(now):
    make()
    with pytest.raises(CommandError, match="already"):
        make(head="autre@belrive.example")
