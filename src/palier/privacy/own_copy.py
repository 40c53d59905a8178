"""Everything kept about somebody, for them: as a paper and as JSON, third parties left out (GDP-08, REG-19)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.documents import papers
from palier.journal.operations import note_access, record
from palier.kernel import clock, phones
from palier.kernel.errors import NotAllowed, NotPossibleNow
from palier.people.models import Person
from palier.privacy import events, policies, requests
from palier.privacy.models import PrivacySettings, RightsRequest
from palier.privacy.parts import Part, in_words, said
from palier.privacy.parts_person import PERSON_PARTS
from palier.privacy.parts_volunteer import VOLUNTEER_PARTS
from palier.territories.models import Organisation, Territory
from palier.volunteers.models import Volunteer

FORMAT = "palier.own_copy/1"
# Derived, technical, or of the staff: no part of anybody's copy, and why. A guard test keeps this list honest.
NOT_IN_A_COPY = {
    "people.searchword": "computed from the name and address that are in the copy",
    "people.compartmentgrant": "which of the staff may enter",
    "people.searchname": "computed from the name and address that are in the copy",
    "people.nameword": "names that somebody in the territory bears, of nobody in particular",
    "people.namekey": "computed from those names",
    "exchange.import": "a file that the staff brought; blanked after thirty days",
    "exchange.line": "what a file brought stands in her file; kept thirty days so that it can be taken back",
    "exchange.progress": "how far a job is",
    "exchange.columnmemory": "what columns were said to be",
    "people.double": "two numbers of files and how alike they are; what was decided is in the journal",
    "people.joinedfile": "numbers of rows, and former values that the journal of the copy says",
    "people.suppression": "hashes: nothing in them can be led back to somebody",
    "accounts.user": "the staff see and change their own on their account page",
    "accounts.membership": "the staff's place in the house",
    "accounts.absence": "of the staff; the account page shows it",
    "accounts.oncall": "of the staff",
    "accounts.session": "of the staff; the account page lists them",
    "accounts.actionlink": "a hash and a number",
    "api.received": "numbers of web-hooks",
    "privacy.privacysettings": "of the organisation",
    "register.designation": "which of the staff the mayor named",
    "register.undertaking": "of the staff",
    "register.communication": "of the organisation; whose entry was in one is in her copy, with the recipients",
    "register.rectification": "a notice on its way to the recipients, gone with them; what it says is in the entry",
}


@dataclass(frozen=True)
class Line:
    name: str
    label: str
    words: str
    value: Any


@dataclass(frozen=True)
class Row:
    when: str
    at: Any
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Chapter:
    part: Part
    rows: tuple[Row, ...]


def parts_of(subject: Person | Volunteer) -> list[Part]:
    return PERSON_PARTS if isinstance(subject, Person) else VOLUNTEER_PARTS


def chapters(subject: Person | Volunteer) -> list[Chapter]:
    """What may be given, part by part; an empty part says « nothing »."""
    return [Chapter(part, tuple(_rows(part, subject))) for part in parts_of(subject) if part.shown]


def is_kept_apart(subject: Person | Volunteer) -> bool:
    """Whether a person has to read something first; says nothing of what."""
    return any(part.kept_apart(subject) for part in parts_of(subject))


def _rows(part: Part, subject: Person | Volunteer) -> Iterator[Row]:
    for row in part.of(subject):
        lines = []
        for name, label in part.shown.items():
            shown = None
            if isinstance(label, tuple):
                label, shown = label
            words = shown(row) if shown else said(row, name)
            if words:
                lines.append(Line(name, str(label), words, words if shown else plain(getattr(row, name))))
        at = getattr(row, part.when) if part.when else None
        if lines:
            yield Row(in_words(at), plain(at), tuple(lines))


def plain(value: Any) -> Any:
    """Fit for JSON."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value)
    return value


# --- As files


@transaction.atomic
def make(request_id: int, *, form: str, large_print: bool = False, actor: Actor) -> bytes | dict[str, Any]:
    """The copy as `pdf` or `json`, logged; what the law keeps apart is not in it and opens a duty to read it (SAF-05).

    Raises NotPossibleNow until the identity was seen.
    """
    request = (
        RightsRequest.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("person", "volunteer")
        .get(pk=request_id)
    )
    if not policies.may_answer(actor, request):
        raise NotAllowed
    subject = request.subject
    if subject is None:
        raise NotPossibleNow(_("Aucune fiche : il n’y a rien à copier. Répondez-le à la personne."))
    if not request.identity:
        raise NotPossibleNow(_("Vérifiez d’abord l’identité de la personne."))
    found = chapters(subject)
    count = sum(len(chapter.rows) for chapter in found)
    if is_kept_apart(subject) and request.is_open:
        requests.ask_review(request.pk, actor=actor)
    if request.is_open:
        request.copied_at = clock.now()
        request.save(update_fields=["copied_at"])
    record(events.COPY_MADE, actor=actor, about=[request, subject], format=form, rows=count)
    note_access(actor=actor, operation="export", about=subject, reason=request.reference)
    return as_json(request, found) if form == "json" else as_pdf(request, found, large_print=large_print)


def as_json(request: RightsRequest, found: list[Chapter]) -> dict[str, Any]:
    """One object; `parts` in the order of the paper. Names of fields are the columns', values as they are kept."""
    return {
        "format": FORMAT,
        "reference": request.reference,
        "made_on": clock.today().isoformat(),
        "of": {"kind": "person" if request.person_id else "volunteer", "name": request.name},
        "by": sender(request.territory_id).name,
        "notes": left_out(request.territory_id),
        "parts": [
            {
                "of": chapter.part.code,
                "title": str(chapter.part.title),
                "why": str(chapter.part.why),
                "rows": [
                    {**({"at": row.at} if row.at else {}), **{line.name: line.value for line in row.lines}}
                    for row in chapter.rows
                ],
            }
            for chapter in found
        ],
    }


def as_pdf(request: RightsRequest, found: list[Chapter], *, large_print: bool = False) -> bytes:
    subject = request.subject
    assert subject is not None
    sections = tuple(
        papers.Section(
            str(chapter.part.title),
            str(chapter.part.why),
            tuple(
                papers.Record(tuple((line.label, line.words) for line in row.lines), row.when)
                for row in chapter.rows
            ),
        )
        for chapter in found
    )
    paper = papers.OwnCopy(
        sender(request.territory_id),
        papers.Addressee(subject.full_name),
        clock.today(),
        sections,
        left_out=tuple(left_out(request.territory_id)),
        reference=request.reference,
    )
    return papers.pdf(paper, large_print=large_print)


def left_out(territory_id: int) -> list[str]:
    """The same sentences in every copy, whatever was left out of it: they reveal nothing."""
    officer = PrivacySettings.of(territory_id)
    sentences = [
        _(
            "Le nom des agents et des voisins, et ce que d’autres ont dit d’eux-mêmes, ne sont pas copiés. La loi peut "
            "aussi demander qu’une partie soit relue avant d’être transmise (RGPD, article 15.4)."
        )
    ]
    if officer.officer_name:
        name = ", ".join(part for part in (officer.officer_name, officer.officer_email) if part)
        sentences.append(_("Délégué à la protection des données : %(name)s.") % {"name": name})
    return sentences


def sender(territory_id: int) -> papers.Sender:
    """The lead organisation as it stands at the head of a paper."""
    territory = Territory.objects.get(pk=territory_id)
    lead = Organisation.objects.get(territory_id=territory_id, is_lead=True)
    return papers.Sender(
        lead.name,
        (),
        phones.pretty(lead.phone or territory.public_phone),
        lead.email or territory.public_email,
    )
