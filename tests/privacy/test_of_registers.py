"""Rights where a register holds somebody: named in the copy, gone with an erasure, its recipients told."""

import json

from palier.kernel import clock
from palier.privacy import erasing, own_copy, recipients, requests
from palier.register import operations as register
from palier.register.models import Enrolment
from tests.register.conftest import desk  # noqa: F401


def asked(person, actor, kind):
    made = requests.take_down(
        kind=kind, channel="desk", received_on=clock.today(), person_id=person.pk, actor=actor
    )
    return requests.note_identity(made.pk, how="id_card", seen_on=clock.today(), actor=actor)


def handed_over(desk):  # noqa: F811
    desk.alert()
    made = register.ask_communication(
        desk.register.pk,
        authority="prefect",
        plan="Plan grand froid",
        reference="Lettre du 10 novembre",
        profile="full",
        recipients=[("Lucie Prefet", "SIDPC")],
        expires_on=desk.in_days(20).date(),
        actor=desk.nadia,
    )
    register.approve_communication(made.pk, actor=desk.julien)


def test_REG_19_the_copy_names_who_received_her_entry_and_the_page_who_must_be_told(desk, alba):  # noqa: F811
    odette = desk.person()
    desk.enrol(odette)
    handed_over(desk)
    assert [one.name for one in recipients.of(odette)] == ["SIDPC (Lucie Prefet)"]
    text = json.dumps(
        own_copy.make(asked(odette, alba, "access").pk, form="json", actor=alba), ensure_ascii=False
    )
    assert "Lucie Prefet (SIDPC)" in text and "Plan grand froid" in text


def test_REG_11_an_erasure_takes_her_out_of_the_register_although_its_letter_is_still_owed(desk, alba):  # noqa: F811
    odette = desk.person()
    desk.enrol(odette)
    request = asked(odette, alba, "erasure")
    assert erasing.plan(request).open_duties == ()
    erasing.erase(request.pk, actor=alba)
    assert not Enrolment.objects.filter(person=odette).exists()
