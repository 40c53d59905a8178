"""A neighbour's way: applies, is seen and vetted, helps, rests, comes back, ends."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.kernel.text import fold
from palier.territories.hours import calendar_of, working_time
from palier.territories.models import HelpKind, Territory
from palier.territories.streets import locate
from palier.volunteers import events, policies, queries
from palier.volunteers.models import AcceptedKind, Application, AwayTime, FreeTime, Volunteer
from palier.volunteers.states import MOVES

# Somebody who offers help and hears nothing for a week does not offer it again.
ANSWER_WITHIN = timedelta(hours=40)
AVOIDABLE = ("stairs", "pets", "heavy")
_LONGEST_REST = timedelta(days=400)
_LINES = {"first_name": 60, "last_name": 60, "street": 120, "postcode": 5, "city": 80, "about": 80}
_PLAIN = frozenset({"x", "y", "has_car"})
CHANGEABLE = frozenset(
    {
        *_LINES,
        *_PLAIN,
        "gender",
        "birth_on",
        "phone",
        "email",
        "languages",
        "reach_minutes",
        "max_per_month",
        "avoids",
        "kinds",
        "free",
    }
)
Free = Sequence[tuple[int, str, str]]


@transaction.atomic
def apply(
    *,
    first_name: str,
    last_name: str,
    phone: str,
    gender: str = "unsaid",
    birth_on: date | None = None,
    email: str = "",
    street: str = "",
    postcode: str = "",
    city: str = "",
    x: float | None = None,
    y: float | None = None,
    about: str = "",
    languages: Sequence[str] = ("fr",),
    kinds: Sequence[str] = (),
    free: Free = (),
    reach_minutes: int = 15,
    max_per_month: int = 4,
    avoids: Sequence[str] = (),
    has_car: bool = False,
    actor: Actor,
) -> Volunteer:
    """Write down somebody's wish to help; it waits for an answer, and the desk owes it within a week.

    Refused when somebody of that name and number is there already.
    """
    if not policies.may_enrol(actor):
        raise NotAllowed
    # One at a time in a territory: a double click must find the first.
    territory = Territory.objects.select_for_update(no_key=True).get(pk=actor.territory_id)
    values = _checked(
        {
            "first_name": first_name,
            "last_name": last_name,
            "phone": phone,
            "gender": gender,
            "birth_on": birth_on,
            "email": email,
            "street": street,
            "postcode": postcode,
            "city": city,
            "x": x,
            "y": y,
            "about": about,
            "languages": languages,
            "reach_minutes": reach_minutes,
            "max_per_month": max_per_month,
            "avoids": avoids,
            "has_car": has_car,
        },
        territory.phone_region,
    )
    _refuse_nameless(values["first_name"], values["last_name"])
    if x is None and y is None and (place := locate(actor.territory_id, values["street"])):
        values["x"], values["y"] = place
    key = fold(f"{values['last_name']} {values['first_name']}")[:200]
    for other in Volunteer.objects.filter(phone=values["phone"]).exclude(state=Volunteer.State.ENDED):
        if other.search_text == key:
            raise NotPossibleNow(
                _("%(name)s s’est déjà proposé. Ouvrez sa fiche.") % {"name": other.full_name}
            )
    accepted = _kinds(kinds)
    times = _free_times(free)
    volunteer = Volunteer.objects.create(
        territory_id=actor.territory_id, search_text=key, created_at=clock.now(), **values
    )
    _write_kinds(volunteer, accepted)
    _write_free_times(volunteer, times)
    now = clock.now()
    application = Application.objects.create(
        territory_id=actor.territory_id, volunteer=volunteer, received_at=now
    )
    open_duty(
        application,
        kind=DutyKind.VET_VOLUNTEER,
        due_at=working_time(calendar_of(actor.territory_id), now, ANSWER_WITHIN),
        actor=actor,
    )
    record(
        events.VOLUNTEER_APPLIED,
        actor=actor,
        about=[volunteer],
        kinds=sorted(kind.code for kind in accepted),
        gender=volunteer.gender,
    )
    return volunteer


@transaction.atomic
def note_check(volunteer_id: int, *, check: str, on: date, actor: Actor) -> Volunteer:
    """Note identity seen, interview held or charter signed: a date and a name, never a copy."""
    volunteer = _locked(volunteer_id, actor)
    if not policies.may_vet(actor):
        raise NotAllowed
    if volunteer.state == Volunteer.State.ENDED:
        raise NotPossibleNow(_("%(name)s ne fait plus partie des voisins.") % {"name": volunteer.full_name})
    typed.one_of("check", check, ("identity", "interview", "charter"))
    on = typed.past_day("on", on)
    day, by = {
        "identity": ("identity_seen_on", "identity_seen_by"),
        "interview": ("interview_on", "interview_by"),
        "charter": ("charter_signed_on", ""),
    }[check]
    if getattr(volunteer, day) == on:
        return volunteer
    setattr(volunteer, day, on)
    written = [day]
    if by:
        setattr(volunteer, by, actor.name[:120])
        written.append(by)
    volunteer.save(update_fields=written)
    record(events.VOLUNTEER_CHECKED, actor=actor, about=[volunteer], check=check, on=on.isoformat())
    return volunteer


@transaction.atomic
def welcome(volunteer_id: int, *, actor: Actor) -> Volunteer:
    """A vetted applicant may be asked from now on; the application is closed as accepted."""
    volunteer = _locked(volunteer_id, actor)
    if not policies.may_welcome(actor):
        raise NotAllowed
    _refuse_move(volunteer, Volunteer.State.ACTIVE, _("%(name)s est déjà parmi les voisins."))
    missing = {
        "interview": _("l’entretien"),
        "identity": _("l’identité vérifiée"),
        "charter": _("la charte signée"),
    }
    if lacking := queries.missing_checks(volunteer):
        raise NotPossibleNow(
            _("Il manque : %(what)s.") % {"what": ", ".join(missing[name] for name in lacking)}
        )
    volunteer.state = Volunteer.State.ACTIVE
    volunteer.save(update_fields=["state"])
    _close_application(volunteer, Application.Outcome.ACCEPTED, actor)
    record(events.VOLUNTEER_WELCOMED, actor=actor, about=[volunteer], gender=volunteer.gender)
    return volunteer


@transaction.atomic
def rest(volunteer_id: int, *, until: datetime, actor: Actor) -> Volunteer:
    """Ask nothing of a neighbour until a day; resting already, the day is moved."""
    volunteer = _locked(volunteer_id, actor)
    if not (policies.may_change(actor) or actor.volunteer_id == volunteer.pk):
        raise NotAllowed
    until = typed.future("until", until)
    if until > clock.now() + _LONGEST_REST:
        raise BadInput(
            "until", _("Une pause dure un an au plus. Choisissez une date plus proche."), "too_far"
        )
    resting = volunteer.state == Volunteer.State.RESTING
    if not resting:
        _refuse_move(volunteer, Volunteer.State.RESTING, _("%(name)s n’est pas encore parmi les voisins."))
    if resting and volunteer.resting_until == until:
        return volunteer
    volunteer.state, volunteer.resting_until = Volunteer.State.RESTING, until
    volunteer.save(update_fields=["state", "resting_until"])
    zone = Territory.objects.get(pk=actor.territory_id).zone
    record(
        events.VOLUNTEER_RESTS,
        actor=actor,
        about=[volunteer],
        until=until.astimezone(zone).strftime("%d/%m/%Y"),
    )
    return volunteer


@transaction.atomic
def come_back(volunteer_id: int, *, actor: Actor) -> Volunteer:
    """The rest is over."""
    volunteer = _locked(volunteer_id, actor)
    if not (policies.may_change(actor) or actor.volunteer_id == volunteer.pk):
        raise NotAllowed
    if volunteer.state in (Volunteer.State.ACTIVE, Volunteer.State.TRIAL):
        return volunteer
    if volunteer.state != Volunteer.State.RESTING:
        raise NotPossibleNow(_("%(name)s n’est pas en pause.") % {"name": volunteer.full_name})
    volunteer.state, volunteer.resting_until = Volunteer.State.ACTIVE, None
    volunteer.save(update_fields=["state", "resting_until"])
    record(events.VOLUNTEER_BACK, actor=actor, about=[volunteer])
    return volunteer


def come_back_due(*, actor: Actor) -> int:
    """Bring back everybody whose rest is over; gives how many."""
    over = Volunteer.objects.filter(
        territory_id=actor.territory_id, state=Volunteer.State.RESTING, resting_until__lte=clock.now()
    )
    ids = list(over.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        come_back(pk, actor=actor)
    return len(ids)


@transaction.atomic
def end(volunteer_id: int, *, outcome: str = "withdrawn", actor: Actor) -> Volunteer:
    """The neighbour stops, or the applicant is not kept (`outcome`: withdrawn, declined).

    What was promised to them is taken back by the contexts above, which follow the event.
    """
    volunteer = _locked(volunteer_id, actor)
    if not policies.may_end(actor):
        raise NotAllowed
    typed.one_of("outcome", outcome, (Application.Outcome.WITHDRAWN, Application.Outcome.DECLINED))
    was = volunteer.state
    _refuse_move(volunteer, Volunteer.State.ENDED, _("%(name)s ne fait déjà plus partie des voisins."))
    volunteer.state, volunteer.ended_at, volunteer.resting_until = Volunteer.State.ENDED, clock.now(), None
    volunteer.save(update_fields=["state", "ended_at", "resting_until"])
    _close_application(volunteer, outcome, actor)
    record(events.VOLUNTEER_ENDED, actor=actor, about=[volunteer], was=was, outcome=outcome)
    return volunteer


@transaction.atomic
def change_volunteer(volunteer_id: int, *, actor: Actor, **fields: Any) -> Volunteer:
    """Change the named fields and no other; `kinds` and `free` replace what was there."""
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"change_volunteer does not know {sorted(unknown)}")
    volunteer = _locked(volunteer_id, actor)
    if not policies.may_change(actor):
        raise NotAllowed
    if volunteer.state == Volunteer.State.ENDED:
        raise NotPossibleNow(_("%(name)s ne fait plus partie des voisins.") % {"name": volunteer.full_name})
    kinds, free = fields.pop("kinds", None), fields.pop("free", None)
    region = Territory.objects.values_list("phone_region", flat=True).get(pk=actor.territory_id)
    values = _checked(fields, region)
    if values.get("street", volunteer.street) != volunteer.street and "x" not in values:
        values["x"], values["y"] = locate(actor.territory_id, values["street"]) or (None, None)
    changed = {name for name, value in values.items() if getattr(volunteer, name) != value}
    for name in changed:
        setattr(volunteer, name, values[name])
    _refuse_nameless(volunteer.first_name, volunteer.last_name)
    if changed:
        volunteer.search_text = fold(f"{volunteer.last_name} {volunteer.first_name}")[:200]
        volunteer.save(update_fields=[*sorted(changed), "search_text"])
    if kinds is not None:
        wanted = _kinds(kinds)
        if {kind.pk for kind in wanted} != set(volunteer.accepted.values_list("kind_id", flat=True)):
            volunteer.accepted.all().delete()
            _write_kinds(volunteer, wanted)
            changed.add("kinds")
    if free is not None:
        times = _free_times(free)
        if sorted(times) != sorted(volunteer.free_times.values_list("weekday", "starts_at", "ends_at")):
            volunteer.free_times.all().delete()
            _write_free_times(volunteer, times)
            changed.add("free")
    if changed:
        record(events.VOLUNTEER_CHANGED, actor=actor, about=[volunteer], fields=sorted(changed))
    return volunteer


@transaction.atomic
def note_away(volunteer_id: int, *, starts_at: datetime, ends_at: datetime, actor: Actor) -> AwayTime:
    """Days when this neighbour is asked nothing. The same absence twice is one."""
    volunteer = _locked(volunteer_id, actor)
    if not (policies.may_change(actor) or actor.volunteer_id == volunteer.pk):
        raise NotAllowed
    if volunteer.state == Volunteer.State.ENDED:
        raise NotPossibleNow(_("%(name)s ne fait plus partie des voisins.") % {"name": volunteer.full_name})
    starts_at, ends_at = typed.moment("first", starts_at), typed.moment("last", ends_at)
    if ends_at <= starts_at:
        raise BadInput("last", _("Le dernier jour vient après le premier."), "order")
    if ends_at <= clock.now():
        raise BadInput("last", _("Ces jours sont déjà passés."), "past")
    typed.near("last", ends_at)
    away, created = AwayTime.objects.get_or_create(
        territory_id=volunteer.territory_id, volunteer=volunteer, starts_at=starts_at, ends_at=ends_at
    )
    if created:
        record(events.VOLUNTEER_CHANGED, actor=actor, about=[volunteer], fields=["away"])
    return away


@transaction.atomic
def forget_away(volunteer_id: int, away_id: int, *, actor: Actor) -> Volunteer:
    """The absence is off; saying it twice changes nothing."""
    volunteer = _locked(volunteer_id, actor)
    if not (policies.may_change(actor) or actor.volunteer_id == volunteer.pk):
        raise NotAllowed
    if volunteer.away_times.filter(pk=away_id).delete()[0]:
        record(events.VOLUNTEER_CHANGED, actor=actor, about=[volunteer], fields=["away"])
    return volunteer


def _locked(volunteer_id: int, actor: Actor) -> Volunteer:
    volunteers = Volunteer.objects.filter(territory_id=actor.territory_id)
    return volunteers.select_for_update(of=("self",), no_key=True).get(pk=volunteer_id)


def _refuse_move(volunteer: Volunteer, to: str, sentence: str) -> None:
    if to not in MOVES[volunteer.state]:
        raise NotPossibleNow(sentence % {"name": volunteer.full_name})


def _close_application(volunteer: Volunteer, outcome: str, actor: Actor) -> None:
    application = Application.objects.filter(volunteer=volunteer, closed_at__isnull=True).first()
    if application is None:
        return
    application.closed_at, application.outcome = clock.now(), outcome
    application.save(update_fields=["closed_at", "outcome"])
    settle_duties(application, actor=actor)


def _refuse_nameless(first_name: str, last_name: str) -> None:
    if not first_name:
        raise BadInput(
            "first_name", _("Écrivez le prénom : c’est ainsi que le voisin sera annoncé."), "required"
        )
    if not last_name:
        raise BadInput("last_name", _("Écrivez le nom de famille."), "required")


def _checked(fields: dict[str, Any], region: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _LINES:
            values[name] = typed.line(name, value, _LINES[name])
        elif name == "phone":
            values[name] = typed.phone(name, value, region)
            if not values[name]:
                raise BadInput(name, _("Écrivez un numéro où joindre ce voisin."), "required")
        elif name == "email":
            values[name] = typed.email(name, value)
        elif name == "gender":
            values[name] = typed.one_of(name, value, Volunteer.Gender.values)
        elif name == "birth_on":
            values[name] = typed.birth(name, value)
        elif name == "languages":
            values[name] = _languages(value)
        elif name == "avoids":
            values[name] = sorted({typed.one_of(name, code, AVOIDABLE) for code in value})
        elif name == "reach_minutes":
            values[name] = _within(name, value, 5, 120, _("Entre 5 et 120 minutes à pied."))
        elif name == "max_per_month":
            values[name] = _within(name, value, 1, 31, _("Entre 1 et 31 fois par mois."))
        else:
            values[name] = value
    return values


def _within(field: str, value: int, least: int, most: int, sentence: str) -> int:
    if not least <= value <= most:
        raise BadInput(field, sentence, "range")
    return value


def _languages(codes: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(code.strip().lower() for code in codes if code.strip()))
    if any(len(code) != 2 or not (code.isascii() and code.isalpha()) for code in found):
        raise BadInput("languages", _("Choisissez les langues dans la liste."), "choice")
    return found


def _kinds(codes: Iterable[str]) -> list[HelpKind]:
    wanted = set(codes)
    found = list(HelpKind.objects.filter(code__in=wanted).order_by("order", "pk"))
    if {kind.code for kind in found} != wanted:
        raise BadInput(
            "kinds", _("Une de ces aides n’est plus dans la liste. Choisissez de nouveau."), "choice"
        )
    return found


def _free_times(free: Free) -> list[tuple[int, time, time]]:
    times = set()
    for weekday, start, finish in free:
        try:
            begins, ends = time.fromisoformat(start), time.fromisoformat(finish)
        except ValueError as bad:
            raise BadInput("free", _("Écrivez les heures ainsi : 09:00."), "hour") from bad
        if weekday not in range(7) or ends <= begins:
            raise BadInput("free", _("La fin doit venir après le début, le même jour."), "order")
        times.add((weekday, begins, ends))
    return sorted(times)


def _write_kinds(volunteer: Volunteer, kinds: list[HelpKind]) -> None:
    AcceptedKind.objects.bulk_create(
        AcceptedKind(territory_id=volunteer.territory_id, volunteer=volunteer, kind=kind) for kind in kinds
    )


def _write_free_times(volunteer: Volunteer, times: list[tuple[int, time, time]]) -> None:
    FreeTime.objects.bulk_create(
        FreeTime(
            territory_id=volunteer.territory_id,
            volunteer=volunteer,
            weekday=day,
            starts_at=begin,
            ends_at=finish,
        )
        for day, begin, finish in times
    )
