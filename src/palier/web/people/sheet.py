"""The file on paper: for a visit, or for the day when the screens are down. What lies about is kept to what is needed."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from palier.documents import papers
from palier.journal.models import Entry
from palier.kernel import clock, phones, text
from palier.people.models import Consent, Contact, Person
from palier.territories.models import Territory
from palier.web.jinja import gettext as _
from palier.web.jinja import moment
from palier.web.pages import DeskRequest, at_the_desk, permission, section
from palier.web.people import living
from palier.web.people.queries import page_of, worded

LINES = 15


@section("people")
@permission(at_the_desk)
def person_sheet(request: DeskRequest, pk: int) -> HttpResponse:
    """One file as PDF/UA, in usual or large letters; no door code, nobody who must not be called, no report."""
    person = get_object_or_404(
        Person.objects.visible_to(request.actor).select_related("telecare_operator"), pk=pk
    )
    request.accesses.append(("export", "people.person", pk, _("fiche imprimée")))
    content = papers.pdf(_paper(person, request), large_print=bool(request.GET.get("gros")))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="fiche-{pk}.pdf"'
    return response


def _paper(person: Person, request: DeskRequest) -> papers.PersonSheet:
    zone = Territory.objects.get(pk=person.territory_id).zone
    alone = _("vit seule") if person.is_woman else _("vit seul")
    who = [
        text.age(person.birth_on, clock.today()) if person.birth_on else "",
        alone if person.lives_alone else "",
    ]
    found = page_of(person.pk, request.actor, now=clock.now(), zone=zone)
    assert found is not None
    week: living.Week = found[0]["lives"]["week"]
    rows, counts = _week(week, person.is_woman)
    lines = Entry.objects.filter(person_id=person.pk).exclude(subject_kind="concerns.concern")
    lines = lines.exclude(code__startswith="concerns.").order_by("-at", "-pk")
    number = lines.count()
    journal = []
    for entry in lines[:LINES]:
        line = worded((entry.pk, entry.code, entry.at, entry.actor_name, entry.data, entry.personal))
        at = entry.at.astimezone(zone)
        journal.append(
            papers.Happened(
                text.day_short(at.date(), clock.today()),
                text.hour(at),
                str(line["title"]),
                str(line["body"]),
                str(line["actor"]),
            )
        )
    return papers.PersonSheet(
        name=person.full_name,
        tag="" if person.state == Person.State.ACTIVE else person.get_state_display(),
        who=", ".join(part for part in who if part),
        home=", ".join(
            part
            for part in (person.street, person.access, f"{person.postcode} {person.city}".strip())
            if part
        ),
        phone="   ".join(phones.pretty(one.e164) for one in person.phones.all()),
        to_talk=(person.talk_note,) if person.talk_note else (),
        if_no_answer=tuple(_around(contact) for contact in _reachable(person)),
        at_home=tuple(_at_home(person)),
        agreed=tuple(_agreed(person)),
        week_says=week.sentence if rows else "",
        week=rows,
        that_day=counts,
        journal=tuple(journal),
        journal_says=_("Les %(n)s dernières lignes sur %(of)s, sans les signalements")
        % {"n": len(journal), "of": number}
        if number > len(journal)
        else "",
        printed_by=request.actor.name,
        printed_on=moment(clock.now()),
    )


def _reachable(person: Person) -> list[Contact]:
    """In the order to call them; whom not to call is on no paper."""
    return [one for one in person.contacts.all() if one.phone and not one.do_not_contact][:4]


def _around(contact: Contact) -> str:
    what = contact.note or contact.get_relation_display()
    key = _("a la clé") if contact.has_key else ""
    return f"{', '.join(part for part in (contact.name, what, key) if part)} : {phones.pretty(contact.phone)}"


def _at_home(person: Person) -> list[str]:
    lines = []
    if person.telecare_operator is not None:
        lines.append(
            _("Téléassistance %(operator)s, abonnement n° %(number)s.")
            % {"operator": person.telecare_operator.name, "number": person.telecare_number}
        )
    if person.home_note:
        lines.append(person.home_note)
    if person.has_stairs:
        lines.append(_("Il y a des étages à monter."))
    if person.has_pets:
        lines.append(_("Il y a un animal."))
    return lines


def _agreed(person: Person) -> list[str]:
    """The last line of each purpose holds."""
    last: dict[str, Consent] = {}
    for line in person.consents.order_by("at", "pk"):
        last[line.purpose] = line
    given = [line.get_purpose_display() for line in last.values() if line.is_given]
    refused = [line.get_purpose_display() for line in last.values() if not line.is_given]
    if refused:
        given.append(_("Pas d’accord : %(what)s") % {"what": ", ".join(refused)})
    return given


def _week(week: living.Week, is_woman: bool) -> tuple[tuple[papers.Week, ...], tuple[str, ...]]:
    """Who calls or comes, day by day, as on the page; and of each day how many, « seule » written out."""
    if not week.rows:
        return (), ()
    nobody = _("seule") if is_woman else _("seul")
    absent = _("absente") if is_woman else _("absent")
    counts = [
        absent if away else str(count) if count else nobody
        for count, away in zip(week.counts, week.away, strict=True)
    ]
    return tuple(papers.Week(row.who, row.how, tuple(row.cells)) for row in week.rows), tuple(counts)
