"""What one call's page shows: who it may be, whom it is about, the answers offered, what to know while talking."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import ngettext

from palier.accounts.models import Role
from palier.calls import queries as calls
from palier.calls.models import Call, PlannedCall
from palier.duties.models import Kind
from palier.kernel import calendars, clock, phones, ranges, text
from palier.people.finding import search
from palier.people.models import Contact, Person
from palier.people.queries import consents_of
from palier.territories.hours import calendar_of
from palier.territories.models import Territory
from palier.volunteers.models import Volunteer
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest
from palier.web.phone import queries, windows
from palier.web.phone.forms import CallForm

FOUND_AT_MOST = 7
SEVERAL_AT_MOST = 5
CONTACTS_SHOWN = 2
# How long somebody who typed on a call counts as being on it.
STILL_WRITING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to « who is it? »: its value in the form, and the words."""

    value: str
    label: str


@dataclass
class Sheet:
    """One call as one agent sees it: what was typed so far decides whom it is about."""

    request: DeskRequest
    call: Call
    typed: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    planned_id: int | None = None
    # What is being saved counts as said, even when the answers were those for somebody else.
    is_saved: bool = False
    # Everything the form is checked against, when it was read at once.
    written: queries.Written | None = None

    @cached_property
    def territory(self) -> Territory:
        if self.written is not None:
            return self.written.territory
        return Territory.objects.get(pk=self.request.actor.territory_id)

    @cached_property
    def guess(self) -> calls.CallerGuess:
        return calls.who_may_be(self.call, actor=self.request.actor)

    # --- who is it --------------------------------------------------------------------------------------------

    @cached_property
    def callers(self) -> list[Choice]:
        """Those the number speaks for, five at most: files first, then people around a file, then neighbours."""
        found = [Choice(f"p{person.pk}", person.full_name) for person in self.guess.people]
        found += [
            Choice(
                f"c{contact.pk}",
                _("%(name)s, pour %(person)s") % {"name": contact.name, "person": contact.person.full_name},
            )
            for contact in self.guess.contacts
        ]
        found += [
            Choice(
                f"v{v.pk}",
                _("%(name)s, voisin") % {"name": v.full_name}
                if v.gender != "woman"
                else _("%(name)s, voisine") % {"name": v.full_name},
            )
            for v in self.guess.volunteers
        ]
        return found[:SEVERAL_AT_MOST]

    @cached_property
    def chosen(self) -> str:
        """« p12 », « c5 », « v7 », « new » or nothing: what was typed, else the only one it may be."""
        caller, found = _last(self.typed, "caller"), _last(self.typed, "found")
        if caller and caller != "other":
            return caller
        if caller == "other" or found:
            return found
        if self.call.person_id:
            return f"p{self.call.person_id}"
        if self.call.volunteer_id:
            return f"v{self.call.volunteer_id}"
        if len(self.callers) == 1:
            return self.callers[0].value
        return ""

    @cached_property
    def contact(self) -> Contact | None:
        if self.chosen[:1] != "c":
            return None
        for contact in self.guess.contacts:
            if self.chosen == f"c{contact.pk}":
                return contact
        return (
            Contact.objects.select_related("person")
            .filter(pk=_number(self.chosen), person__in=Person.objects.visible_to(self.request.actor))
            .first()
        )

    @cached_property
    def person(self) -> Person | None:
        if self.contact is not None:
            return self.contact.person
        if self.chosen[:1] != "p":
            return None
        if self.written is not None:
            return self.written.person
        for person in self.guess.people:
            if self.chosen == f"p{person.pk}":
                return person
        return Person.objects.visible_to(self.request.actor).filter(pk=_number(self.chosen)).first()

    @cached_property
    def volunteer(self) -> Volunteer | None:
        for volunteer in self._neighbours:
            if self.chosen == f"v{volunteer.pk}":
                return volunteer
        if self.chosen[:1] == "v":
            return Volunteer.objects.visible_to(self.request.actor).filter(pk=_number(self.chosen)).first()
        # Somebody's file was chosen, and the number is a neighbour's: it is the neighbour who speaks of her.
        return None

    @property
    def _neighbours(self) -> list[Volunteer]:
        """Those whose number it is."""
        return [] if self.written is not None and not self.written.has_neighbours else self.guess.volunteers

    @property
    def rejected(self) -> bool:
        return _last(self.typed, "caller") == "other"

    @property
    def asks_caller(self) -> bool:
        """Several share the number, or the only one it may be is not the one."""
        return len(self.callers) > 1 or (self.rejected and bool(self.callers))

    @property
    def asks_found(self) -> bool:
        return self.rejected or not self.callers

    @property
    def hides_found(self) -> bool:
        """The search opens with « Quelqu'un d'autre »."""
        return bool(self.callers) and not self.rejected

    @cached_property
    def found(self) -> list[Choice]:
        """What the search field found, and the one chosen before."""
        people = (
            search(self.text, actor=self.request.actor, limit=FOUND_AT_MOST)
            if len(self.text.strip()) >= 2
            else []
        )
        choices = [Choice(f"p{person.pk}", _described(person)) for person in people]
        picked = _last(self.typed, "found")
        if (
            picked[:1] == "p"
            and all(choice.value != picked for choice in choices)
            and self.person is not None
        ):
            choices.insert(0, Choice(picked, _described(self.person)))
        return choices

    # --- the band ---------------------------------------------------------------------------------------------

    @property
    def she(self) -> bool:
        return self.person is None or self.person.is_woman

    @cached_property
    def title(self) -> str:
        if self.contact is not None:
            return self.contact.name
        if self.person is not None:
            years = text.age(self.person.birth_on, clock.today()) if self.person.birth_on else ""
            return f"{self.person.full_name}, {years}" if years else self.person.full_name
        if self.volunteer is not None:
            return next(
                c.label
                for c in [*self.callers, Choice(self.chosen, self.volunteer.full_name)]
                if c.value == self.chosen
            )
        if len(self.callers) > 1:
            return _("Qui appelle ?")
        if self.call.is_withheld:
            return _("Numéro masqué")
        return _("Numéro inconnu") if self.call.number else _("Nouvel appel")

    @cached_property
    def check(self) -> str:
        """What the agent asks to be sure, in the voice of a conversation; after the number."""
        if self.contact is not None:
            note = f" ({self.contact.note})" if self.contact.note else ""
            return _("proche de %(name)s%(note)s. Vérifiez de qui on parle.") % {
                "name": self.contact.person.full_name,
                "note": note,
            }
        if self.person is not None:
            known = any(person.pk == self.person.pk for person in self.guess.people)
            return _("numéro connu.") if known else ""
        if self.volunteer is not None:
            return _("numéro d’un voisin : %(state)s.") % {
                "state": str(self.volunteer.get_state_display()).lower()
            }
        if len(self.callers) > 1:
            count = len(self.callers)
            return ngettext(
                "%(count)s personne a ce numéro. Demandez le prénom.",
                "%(count)s personnes ont ce numéro. Demandez le prénom.",
                count,
            ) % {"count": count}
        if self.call.is_withheld or not self.call.number:
            return _("Demandez de qui il s’agit. Le nom n’est pas obligatoire.")
        return _("aucune fiche n’a ce numéro. Le nom n’est pas obligatoire.")

    @property
    def asks_street(self) -> str:
        """The street without its number: she confirms it, the agent does not give it away."""
        if self.person is None or self.contact is not None:
            return ""
        return re.sub(r"^\d+\s*(bis|ter|quater)?,?\s+", "", str(self.person.street))

    @property
    def state(self) -> str:
        return {
            Call.State.RINGING: _("sonne"),
            Call.State.ANSWERED: _("noté à la main") if self.is_by_hand else _("appel en cours"),
            Call.State.ENDED: _("terminé, à noter"),
        }.get(Call.State(self.call.state), str(self.call.get_state_display()))

    @property
    def is_by_hand(self) -> bool:
        return self.call.provider == "desk"

    @cached_property
    def dial(self) -> list[str]:
        """The numbers to ring, for a call that goes out."""
        if not self.is_by_hand:
            return []
        if self.person is not None:
            return [number.e164 for number in self.person.phones.all()[:2]]
        return [row["number"] for row in self.planned if row["id"] == self.planned_id and row["number"]]

    @property
    def began_at(self) -> datetime:
        return self.call.answered_at or self.call.rang_at

    @property
    def lasted(self) -> str:
        seconds = max(0, int(((self.call.ended_at or clock.now()) - self.began_at).total_seconds()))
        hours, rest = divmod(seconds, 3600)
        return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"

    @property
    def say(self) -> str:
        """The sentence to open with: older people fear cold calling."""
        first = self.request.actor.name.split(" ")[0]
        return _("« C’est %(name)s, du %(organisation)s. »") % {
            "name": first,
            "organisation": self.request.desk.organisation_name,
        }

    # --- what to know while talking ---------------------------------------------------------------------------

    @cached_property
    def talk(self) -> list[str]:
        note = self.person.talk_note if self.person else ""
        return [line.strip() for line in note.splitlines() if line.strip()]

    @cached_property
    def last_lines(self) -> list[dict[str, Any]]:
        return queries.last_lines(self.person.pk) if self.person else []

    @cached_property
    def planned(self) -> list[dict[str, Any]]:
        if self.written is not None:
            rows = self.written.planned
        else:
            rows = queries.planned_calls(
                self.request.actor,
                person_id=self.person.pk if self.person else None,
                number=self.call.number,
                also=self.planned_id,
            )
        ticked = set(self.typed.get("keeps", ())) if self.has_draft else {str(self.planned_id)}
        whys = dict(PlannedCall.Why.choices)
        for row in rows:
            row["why_label"] = str(whys[row["why"]])
            row["late"] = row["due_at"] < clock.now()
            row["kept"] = str(row["id"]) in ticked or (not self.has_draft and row["late"])
        return rows

    @cached_property
    def owed(self) -> list[dict[str, Any]]:
        if self.person is None:
            return []
        kinds = dict(Kind.choices)
        return [{**row, "kind_label": str(kinds[row["kind"]])} for row in queries.owed(self.person.pk)]

    @property
    def feedback_for(self) -> dict[str, Any] | None:
        """The call after a visit that this call keeps."""
        return next((row for row in self.planned if row["why"] == PlannedCall.Why.FEEDBACK), None)

    @property
    def has_draft(self) -> bool:
        return "next" in self.typed or "words" in self.typed

    @cached_property
    def keyholders(self) -> list[Contact]:
        return [contact for contact in self.contacts if contact.has_key]

    @cached_property
    def contacts(self) -> list[Contact]:
        if self.person is None:
            return []
        if self.written is not None:
            return self.written.contacts
        return list(self.person.contacts.filter(do_not_contact=False).order_by("order", "pk"))

    @cached_property
    def beside(self) -> dict[str, Any]:
        """The other desks: who writes or talks here, what rings meanwhile."""
        rows = queries.beside(
            self.call,
            self.request.actor,
            self.person.pk if self.person else None,
            clock.now() - STILL_WRITING,
        )
        return {
            "here": list(dict.fromkeys(name for kind, name, _at, _pk in rows if kind != "rings")),
            "ringing": [{"id": pk, "name": name, "at": at} for kind, name, at, pk in rows if kind == "rings"],
        }

    # --- the form ---------------------------------------------------------------------------------------------

    @cached_property
    def lists(self) -> dict[str, list[tuple[str, Any]]]:
        """The answers that depend on the town, the person and the day."""
        read = self.written
        colleagues = read.colleagues if read else queries.colleagues(self.request.actor)
        me = self.request.actor.membership_id
        mine = [(str(pk), _("Moi")) for pk, _name, _role in colleagues if pk == me]
        others = [(str(pk), name) for pk, name, _role in colleagues if pk != me]
        nobody = ("", _("Personne pour l’instant"))
        coordinators = [
            (str(pk), name) for pk, name, role in colleagues if role == Role.COORDINATOR and pk != me
        ]
        rest = [choice for choice in [*mine, *others] if choice not in coordinators]
        shared = {
            "owner": [*mine, *others, nobody],
            "concern_owner": [*coordinators, *rest, nobody],
        }
        return {
            **shared,
            "who": self.who,
            "reasons": read.reasons if read else queries.reasons(),
            "mood": self.moods,
            "next": self.nexts,
            "kind": read.help_kinds if read else queries.help_kinds(),
            "when": windows.choices(self.territory),
            "keeps": [(str(row["id"]), row["why_label"]) for row in self.planned],
        }

    @cached_property
    def who(self) -> list[tuple[str, str]]:
        answers = self._who_may_speak
        said = _last(self.typed, "who")
        if self.is_saved and said not in dict(answers) and said in Call.Who.values:
            answers = [*answers, (said, str(Call.Who(said).label))]
        return answers

    @property
    def _who_may_speak(self) -> list[tuple[str, str]]:
        someone = [
            ("relative", _("Un proche")),
            ("professional", _("Professionnel")),
            ("volunteer", _("Un voisin")),
        ]
        if self.volunteer is not None:
            return [("volunteer", self.volunteer.first_name), *someone[:2]]
        if self.chosen == "new":
            return [("self", _("La personne")), *someone]
        if self.person is None:
            return [("anonymous", _("Ne dit pas son nom")), ("self", _("La personne")), *someone]
        known = [
            (
                f"contact:{contact.pk}",
                _("%(name)s, %(relation)s")
                % {
                    "name": contact.name.split(" ")[0] if not contact.is_professional else contact.name,
                    "relation": contact.note or contact.get_relation_display(),
                },
            )
            for contact in self._shown_contacts
        ]
        if not self._neighbours:
            someone = someone[:2]
        return [("self", _("Elle") if self.she else _("Lui")), *known, *someone]

    @property
    def _shown_contacts(self) -> list[Contact]:
        """The first three to call, and the one whose number it is."""
        shown = self.contacts[:CONTACTS_SHOWN]
        if self.contact is not None and self.contact not in shown:
            shown = [self.contact, *shown[: CONTACTS_SHOWN - 1]]
        return shown

    @property
    def moods(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Call.Mood.choices if value]

    @property
    def nexts(self) -> list[tuple[str, str]]:
        return [
            ("nothing", _("Rien")),
            ("call_back", _("La rappeler") if self.she else _("Le rappeler")),
            ("need", _("Noter un besoin")),
            ("concern", _("Signaler")),
        ]

    @cached_property
    def initial(self) -> dict[str, Any]:
        back = self._next_working_hour()
        usual = {
            "who": self.usual_who,
            "owner": str(self.request.actor.membership_id),
            "when": windows.usual(self.territory),
            "back_on": back.date(),
            "back_at": back.time(),
            "neighbour_consent": self.agrees_to_neighbours,
            "urgency": "today",
            "new_phone": phones.pretty(self.call.number) if self.call.number else "",
            "opened": int(clock.now().timestamp()),
            "constraints": self._constraints,
            "words": self.call.words,
            "mood": self.call.mood,
            "planned": self.planned_id or "",
        }
        if not self.has_draft:
            return {
                **usual,
                **{k: v for k, v in CallForm.initial_from(self.typed).items() if k in self.typed},
            }
        return {**usual, **CallForm.initial_from(self.typed), **self._who_still_there()}

    @property
    def usual_who(self) -> str:
        if self.contact is not None:
            return f"contact:{self.contact.pk}"
        return self.who[0][0]

    def _who_still_there(self) -> dict[str, str]:
        """The one who spoke may not be around the person chosen since."""
        spoke = _last(self.typed, "who")
        return {} if spoke in dict(self.who) else {"who": self.usual_who}

    @cached_property
    def agrees_to_neighbours(self) -> bool:
        if self.person is None:
            return False
        return consents_of([self.person.pk])[self.person.pk].get("neighbour_help") is True

    @property
    def _constraints(self) -> list[str]:
        if self.person is None:
            return []
        return [
            code
            for code, there in (("stairs", self.person.has_stairs), ("pets", self.person.has_pets))
            if there
        ]

    def _next_working_hour(self) -> datetime:
        """Tomorrow at ten, or the next day the desk is open then."""
        zone = self.territory.zone
        calendar = calendar_of(self.territory.pk)
        day = clock.today(zone) + timedelta(days=1)
        opens = calendars.next_opening(calendar, ranges.moment(day, windows.DAY[0], zone))
        local = opens.astimezone(zone) if opens else ranges.moment(day, windows.DAY[0], zone).astimezone(zone)
        return local.replace(hour=max(10, local.hour), minute=0, second=0, microsecond=0, tzinfo=None)


def sheet_of_saved(request: DeskRequest, pk: int, typed: Mapping[str, Any]) -> Sheet | None:
    """The sheet of a form that is being saved. Whom it is about is in the form; else it is found as on the page."""
    caller, found = _last(typed, "caller"), _last(typed, "found")
    named = caller if caller and caller != "other" else found
    planned_id = _whole(_last(typed, "planned"))
    read = queries.to_write(request.actor, pk, _number(named) if named[:1] == "p" else None, planned_id)
    if read is None:
        return None
    return Sheet(
        request,
        read.call,
        typed,
        text=_last(typed, "q"),
        planned_id=planned_id,
        is_saved=True,
        written=read if read.person is not None and named[:1] == "p" else None,
    )


def draft_of(call: Call, request: DeskRequest) -> dict[str, list[str]]:
    """What this agent typed on this call and has not saved, by the names of the form."""
    typed = calls.draft_of(call, request.actor)
    draft = {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in typed.items()
        if name in CallForm.base_fields and value not in (None, "")
    }
    # After « Annuler » the operation gives back what it had saved under its own names.
    if typed.get("who") == Call.Who.CONTACT and typed.get("contact_id"):
        draft["who"] = [f"contact:{typed['contact_id']}"]
    if (
        typed.get("person_id")
        and not _last(draft, "found")[:1] == "p"
        and _last(draft, "caller")[:1] not in ("p", "c")
    ):
        draft["found"] = [f"p{typed['person_id']}"]
    return draft


def _described(person: Person) -> str:
    """« Odette Marchand, 84 ans, 12 rue des Tilleuls »: enough to tell two of one name apart."""
    years = text.age(person.birth_on, clock.today()) if person.birth_on else ""
    return ", ".join(part for part in (person.full_name, years, person.street) if part)


def _last(typed: Mapping[str, Any], name: str) -> str:
    values = typed.get(name) or [""]
    return str(values[-1] if isinstance(values, list) else values)


def _whole(value: str) -> int | None:
    return int(value) if value.isdigit() and len(value) < 19 else None


def _number(value: str) -> int:
    return int(value[1:]) if value[1:].isdigit() and len(value) < 19 else 0
