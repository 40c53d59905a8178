"""A list of people that goes out: what the actor sees and no more, with a reason, and a line that stays."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.exchange import events, policies, writing
from palier.exchange.reading.apart import Cell
from palier.journal.models import Entry
from palier.journal.operations import note_access, record
from palier.kernel import clock, phones, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import finding
from palier.people.models import Contact, Person
from palier.territories.models import Territory

MOST = 200_000
AN_HOUR = timedelta(hours=1)
# Somebody who takes lists out all day long is asked to wait (SEC-11).
MOST_AN_HOUR = 20
BATCH = 2_000


@dataclass(frozen=True)
class Exported:
    content: bytes
    media_type: str
    ending: str
    rows: int


Cells = Callable[[Person, list[Contact]], Cell]


def columns() -> dict[str, tuple[str, Cells]]:
    """What may be taken out, in the order of the file: key, its name, its cell."""
    return {
        "title": (_("Civilité"), lambda p, _c: str(p.get_title_display()) if p.title != "none" else ""),
        "last_name": (_("Nom"), lambda p, _c: p.last_name),
        "first_name": (_("Prénom"), lambda p, _c: p.first_name),
        "birth_name": (_("Nom de naissance"), lambda p, _c: p.birth_name),
        "birth_on": (_("Date de naissance"), lambda p, _c: p.birth_on),
        "phones": (_("Téléphone"), lambda p, _c: " / ".join(_number(one.e164) for one in p.phones.all())),
        "street": (_("Adresse"), lambda p, _c: p.street),
        "access": (_("Étage, accès"), lambda p, _c: p.access),
        "postcode": (_("Code postal"), lambda p, _c: p.postcode),
        "city": (_("Commune"), lambda p, _c: p.city),
        "lives_alone": (_("Vit seule ou seul"), lambda p, _c: p.lives_alone),
        "contact_name": (_("Personne à prévenir"), lambda _p, c: c[0].name if c else ""),
        "contact_relation": (
            _("Lien"),
            lambda _p, c: (c[0].note or str(c[0].get_relation_display())) if c else "",
        ),
        "contact_phone": (
            _("Téléphone de la personne à prévenir"),
            lambda _p, c: _number(c[0].phone) if c else "",
        ),
        "talk_note": (_("Pour lui parler"), lambda p, _c: p.talk_note),
        "home_note": (_("Chez elle ou chez lui"), lambda p, _c: p.home_note),
        "telecare_number": (_("Numéro d’abonné"), lambda p, _c: p.telecare_number),
        "state": (_("Situation"), lambda p, _c: str(p.get_state_display())),
    }


USUAL = ("title", "last_name", "first_name", "birth_on", "phones", "street", "postcode", "city")


@transaction.atomic
def export_people(
    *, reason: str, chosen: Sequence[str], format: str, words: str = "", state: str = "", actor: Actor
) -> Exported:
    """The people the actor sees (those whom `words` finds, those in `state`), with the columns chosen.

    Raises BadInput for a missing reason, NotPossibleNow after too many in an hour.
    """
    if not policies.may_export(actor):
        raise NotAllowed
    reason = typed.line("reason", reason, 160)
    if len(reason) < 4:
        raise BadInput(
            "reason", _("Dites pourquoi, en quelques mots : votre nom et ce motif sont notés."), "required"
        )
    typed.one_of("format", format, writing.FORMATS)
    known = columns()
    chosen = [key for key in known if key in chosen]
    if not chosen:
        raise BadInput("columns", _("Choisissez au moins une colonne."), "required")
    if state:
        typed.one_of("state", state, Person.State.values)
    # Two clicks at once are counted one after the other.
    Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    _not_all_day(actor)
    wanted = _people(words, state, actor)
    cells = [known[key][1] for key in chosen]
    rows = [[cell(person, around) for cell in cells] for person, around in wanted]
    names = [known[key][0] for key in chosen]
    if format == "json":
        content = writing.as_json(
            {
                "format": "palier-people",
                "version": 1,
                "exported_at": clock.now().isoformat(),
                "people": [dict(zip(chosen, map(_plain, row), strict=True)) for row in rows],
            }
        )
        ending = "json"
    else:
        content, ending = writing.as_file(format, names, rows, _("Personnes"))
    filters = _filters(words, state)
    record(
        events.PEOPLE_EXPORTED,
        actor=actor,
        about=[Territory.objects.get(pk=actor.territory_id)],
        rows=len(rows),
        format=format,
        columns=chosen,
        state=state,
        reason=reason,
        words=words,
    )
    note_access(
        actor=actor,
        operation="export",
        kind="people.person",
        reason=f"{len(rows)} · {format} · {filters} · {reason}",
    )
    return Exported(content, writing.FORMATS[ending], ending, len(rows))


def count_people(*, words: str, state: str, actor: Actor) -> int:
    """How many lines the export would have."""
    if words:
        return len(
            [
                one
                for one in finding.everybody(words, actor=actor, limit=MOST)
                if not state or one.state == state
            ]
        )
    seen = Person.objects.visible_to(actor).exclude(search_text="")
    return (seen.filter(state=state) if state else seen).count()


def _people(words: str, state: str, actor: Actor) -> Iterator[tuple[Person, list[Contact]]]:
    if words:
        ids = [one.pk for one in finding.everybody(words, actor=actor, limit=MOST)]
        seen = Person.objects.visible_to(actor).filter(pk__in=ids)
    else:
        # Whose file was blanked when its time was over is nobody any more.
        seen = Person.objects.visible_to(actor).exclude(search_text="")
    if state:
        seen = seen.filter(state=state)
    keys = list(seen.order_by("search_text", "pk").values_list("pk", flat=True)[:MOST])
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        around: dict[int, list[Contact]] = {}
        # Never those who must not know, whatever the columns.
        for contact in (
            Contact.objects.current().filter(person_id__in=part, do_not_contact=False).order_by("order", "pk")
        ):
            around.setdefault(contact.person_id, []).append(contact)
        people = Person.objects.filter(pk__in=part).prefetch_related("phones").in_bulk(part)
        for pk in part:
            if pk in people:
                yield people[pk], around.get(pk, [])


def _not_all_day(actor: Actor) -> None:
    if actor.membership_id is None:
        return
    recent = Entry.objects.filter(
        territory_id=actor.territory_id,
        code=events.PEOPLE_EXPORTED.code,
        at__gte=clock.now() - AN_HOUR,
        membership_id=actor.membership_id,
    )
    if recent.count() >= MOST_AN_HOUR:
        raise NotPossibleNow(
            _("Vous avez sorti beaucoup de listes en une heure. Attendez un peu, ou demandez à un collègue.")
        )


def _filters(words: str, state: str) -> str:
    # The words searched are a name more often than not: they stay in the journal, as personal, and not in this log.
    return " ".join(part for part in ("recherche" if words else "", state) if part) or "toutes"


def _number(e164: str) -> str:
    return phones.pretty(e164).replace(phones.NBSP, " ") if e164 else ""


def _plain(cell: Cell) -> Any:
    return cell.isoformat() if isinstance(cell, date) else cell
