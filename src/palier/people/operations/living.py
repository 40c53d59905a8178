"""How she lives: who comes in a week, when she is away, with whom she lives, who decides for her, what opens her door."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import open_duty, settle_duties
from palier.journal.operations import note_access, record
from palier.kernel import clock, ranges, sealing, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.people import events, policies
from palier.people.living import Away, HomeSecret, Household, Presence, Protection
from palier.people.models import Person
from palier.people.operations.checking import locked, reason_of
from palier.territories.models import Territory

SECRET = "palier.people.home"
# Who left without a day of return is asked about after a week.
ASK_AFTER = timedelta(days=7)
_AT = time(9)


# --- who comes and calls in a week ------------------------------------------------------------------------------


@transaction.atomic
def note_presence(
    person_id: int,
    *,
    who: str,
    kind: str,
    days: Sequence[int],
    at: time | None = None,
    part: str = "",
    is_ours: bool = False,
    actor: Actor,
) -> Presence:
    """Somebody calls or comes on these days of each week. The same one twice is one."""
    person = _hers(person_id, actor)
    values = _presence(who, kind, days, at, part, is_ours)
    twin = person.presences.filter(**values).first()
    if twin is not None:
        return twin
    order = (person.presences.aggregate(last=Max("order"))["last"] or 0) + 1
    made = Presence.objects.create(territory_id=actor.territory_id, person=person, order=order, **values)
    record(events.WEEK_CHANGED, actor=actor, about=[person], who=made.who)
    return made


@transaction.atomic
def change_presence(
    presence_id: int,
    *,
    who: str,
    kind: str,
    days: Sequence[int],
    at: time | None = None,
    part: str = "",
    is_ours: bool = False,
    actor: Actor,
) -> Presence:
    """The whole line as it is from now on."""
    person = _hers(Presence.objects.values_list("person_id", flat=True).get(pk=presence_id), actor)
    presence = person.presences.get(pk=presence_id)
    values = _presence(who, kind, days, at, part, is_ours)
    changed = [name for name, value in values.items() if getattr(presence, name) != value]
    if changed:
        for name in changed:
            setattr(presence, name, values[name])
        presence.save(update_fields=changed)
        record(events.WEEK_CHANGED, actor=actor, about=[person], who=presence.who)
    return presence


@transaction.atomic
def remove_presence(presence_id: int, *, actor: Actor) -> None:
    """They no longer come."""
    person = _hers(Presence.objects.values_list("person_id", flat=True).get(pk=presence_id), actor)
    presence = person.presences.get(pk=presence_id)
    who = presence.who
    presence.delete()
    record(events.WEEK_CHANGED, actor=actor, about=[person], who=who)


def _presence(
    who: str, kind: str, days: Sequence[int], at: time | None, part: str, is_ours: bool
) -> dict[str, object]:
    who = typed.line("who", who, 80)
    if not who:
        raise BadInput("who", _("Écrivez qui appelle ou passe."), "required")
    typed.one_of("kind", kind, Presence.Kind.values)
    chosen = sorted(set(days))
    if not chosen or not set(chosen) <= set(range(7)):
        raise BadInput("days", _("Cochez au moins un jour."), "required")
    if part:
        typed.one_of("part", part, Presence.Part.values)
    if at is not None and part:
        raise BadInput("part", _("Une heure ou un moment de la journée, pas les deux."), "both")
    return {"who": who, "kind": kind, "days": chosen, "at": at, "part": part, "is_ours": bool(is_ours)}


# --- away ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def say_away(
    person_id: int,
    *,
    reason: str,
    starts_on: date,
    ends_on: date | None = None,
    ask_on: date | None = None,
    told_by: str = "",
    actor: Actor,
) -> Away:
    """She is not at home from a day to a day; without a last day somebody asks again, in a week unless told.

    Whoever plans calls and visits follows the event. Somebody owes a look on the day of her return. One absence at a time:
    a new one with the same first day changes the one that is noted.
    """
    person = _hers(person_id, actor)
    typed.one_of("reason", reason, Away.Reason.values)
    told_by = typed.line("told_by", told_by, 120)
    territory = Territory.objects.get(pk=actor.territory_id)
    today = clock.today(territory.zone)
    if ends_on is not None and ends_on < starts_on:
        raise BadInput("ends_on", _("Le retour ne peut pas venir avant le départ."), "range")
    if ends_on is not None and ends_on < today:
        raise BadInput("ends_on", _("Cette absence est déjà finie."), "past")
    if starts_on > today + timedelta(days=400):
        raise BadInput("starts_on", _("Cette date est trop lointaine. Vérifiez l’année."), "too_far")
    if person.state != Person.State.ACTIVE:
        raise NotPossibleNow(_("La fiche de %(name)s est fermée.") % {"name": person.full_name})
    if ends_on is not None:
        ask = ends_on + timedelta(days=1)
    else:
        ask = ask_on or max(today, starts_on) + ASK_AFTER
        if ask <= today:
            raise BadInput("ask_on", _("Choisissez un jour à venir pour redemander."), "past")
    away = person.away_times.open().filter(starts_on=starts_on).first()
    if (
        away is None
        and person.away_times.open()
        .filter(starts_on__lte=ends_on or date.max)
        .exclude(ends_on__lt=starts_on)
        .exists()
    ):
        raise NotPossibleNow(_("Une absence est déjà notée à ces dates. Notez d’abord le retour."))
    values = {"reason": reason, "ends_on": ends_on, "ask_on": ask, "told_by": told_by}
    if away is None:
        away = Away.objects.create(
            territory_id=actor.territory_id,
            person=person,
            starts_on=starts_on,
            noted_by=actor.name[:120],
            opened_at=clock.now(),
            **values,
        )
    elif all(getattr(away, name) == value for name, value in values.items()):
        return away
    else:
        for name, value in values.items():
            setattr(away, name, value)
        away.save(update_fields=list(values))
    _owe_the_question(away, territory, actor)
    record(
        events.AWAY_SAID,
        actor=actor,
        about=[person, away],
        away=away.pk,
        reason=reason,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat() if ends_on else None,
        back_at=_morning(ask, territory).isoformat(),
        is_woman=person.is_woman,
        words=told_by,
    )
    return away


@transaction.atomic
def ask_again(away_id: int, *, ask_on: date, actor: Actor) -> Away:
    """Still away, nobody knows until when: the question comes again on another day."""
    person, away = _open_away(away_id, actor)
    territory = Territory.objects.get(pk=actor.territory_id)
    if ask_on <= clock.today(territory.zone):
        raise BadInput("ask_on", _("Choisissez un jour à venir pour redemander."), "past")
    away.ends_on, away.ask_on = None, ask_on
    away.save(update_fields=["ends_on", "ask_on"])
    _owe_the_question(away, territory, actor)
    record(
        events.AWAY_SAID,
        actor=actor,
        about=[person, away],
        away=away.pk,
        reason=away.reason,
        starts_on=away.starts_on.isoformat(),
        ends_on=None,
        back_at=_morning(ask_on, territory).isoformat(),
        is_woman=person.is_woman,
    )
    return away


@transaction.atomic
def say_back(away_id: int, *, actor: Actor) -> Away:
    """She is home again: nobody asks any more. Said twice is said once."""
    person_id = Away.objects.values_list("person_id", flat=True).get(pk=away_id)
    person = _hers(person_id, actor)
    away = person.away_times.get(pk=away_id)
    if away.closed_at is not None:
        return away
    end_away(away, actor=actor)
    record(events.AWAY_ENDED, actor=actor, about=[person, away], is_woman=person.is_woman)
    return away


def end_away(away: Away, *, actor: Actor) -> None:
    """Close one absence, her row locked by the caller."""
    away.closed_at = clock.now()
    away.save(update_fields=["closed_at"])
    settle_duties(away, actor=actor)


def _open_away(away_id: int, actor: Actor) -> tuple[Person, Away]:
    person = _hers(Away.objects.values_list("person_id", flat=True).get(pk=away_id), actor)
    away = person.away_times.get(pk=away_id)
    if away.closed_at is not None:
        raise NotPossibleNow(_("Le retour est déjà noté."))
    return person, away


def _owe_the_question(away: Away, territory: Territory, actor: Actor) -> None:
    open_duty(
        away,
        kind=DutyKind.ASK_IF_BACK,
        due_at=_morning(away.ask_on, territory),
        person_id=away.person_id,
        label=_("Retour prévu") if away.ends_on else _("Redemander des nouvelles"),
        actor=actor,
    )


def _morning(day: date, territory: Territory) -> datetime:
    return ranges.moment(day, _AT, territory.zone)


# --- with whom ----------------------------------------------------------------------------------------------------


@transaction.atomic
def share_home(person_id: int, other_id: int, *, actor: Actor) -> Household:
    """These two live together; whoever lives with either of them does too."""
    if person_id == other_id:
        raise BadInput("other", _("Choisissez quelqu’un d’autre."), "same")
    # In the order of their numbers: two desks that join the same two wait for each other.
    one, two = (_hers(pk, actor) for pk in sorted((person_id, other_id)))
    if one.household_id is not None and one.household_id == two.household_id:
        return Household.objects.get(pk=one.household_id)
    home = Household.objects.filter(pk=one.household_id or two.household_id or 0).first()
    if home is None:
        home = Household.objects.create(territory_id=actor.territory_id)
    former = {pk for pk in (one.household_id, two.household_id) if pk is not None and pk != home.pk}
    Person.objects.filter(household_id__in=former).update(household=home)
    Person.objects.filter(pk__in=[one.pk, two.pk]).update(household=home, lives_alone=False)
    Household.objects.filter(pk__in=former).delete()
    for person in (one, two):
        record(events.HOME_SHARED, actor=actor, about=[person], others=1)
    return home


@transaction.atomic
def leave_home(person_id: int, *, actor: Actor) -> Person:
    """She lives with them no longer; a household of one is none."""
    person = _hers(person_id, actor)
    home = person.household_id
    if home is None:
        return person
    person.household = None
    person.save(update_fields=["household"])
    if Person.objects.filter(household_id=home).count() < 2:
        Household.objects.filter(pk=home).delete()
    record(events.HOME_LEFT, actor=actor, about=[person])
    return person


# --- who decides for her ------------------------------------------------------------------------------------------


@transaction.atomic
def note_protection(
    person_id: int,
    *,
    measure: str,
    representative_id: int | None = None,
    through_them: str = "",
    since: date | None = None,
    until: date | None = None,
    actor: Actor,
) -> Protection:
    """The measure of legal protection that holds; noted again it is changed."""
    person = _hers(person_id, actor)
    typed.one_of("measure", measure, Protection.Measure.values)
    through_them = typed.line("through_them", through_them, 200)
    if since and until and until < since:
        raise BadInput("until", _("La fin ne peut pas venir avant le début."), "range")
    if representative_id is not None and not person.contacts.current().filter(pk=representative_id).exists():
        raise BadInput("representative", _("Choisissez quelqu’un de son entourage."), "choice")
    held = person.protections.filter(ended_at__isnull=True).first()
    values = {
        "measure": measure,
        "representative_id": representative_id,
        "through_them": through_them,
        "since": since,
        "until": until,
    }
    if held is None:
        held = Protection.objects.create(territory_id=actor.territory_id, person=person, **values)
    elif all(getattr(held, name) == value for name, value in values.items()):
        return held
    else:
        for name, value in values.items():
            setattr(held, name, value)
        held.save(update_fields=[name.removesuffix("_id") for name in values])
    record(events.PROTECTION_NOTED, actor=actor, about=[person], measure=measure)
    return held


@transaction.atomic
def end_protection(person_id: int, *, actor: Actor) -> None:
    """The measure no longer holds."""
    person = _hers(person_id, actor)
    if person.protections.filter(ended_at__isnull=True).update(ended_at=clock.now()):
        record(events.PROTECTION_ENDED, actor=actor, about=[person])


# --- what opens the door -------------------------------------------------------------------------------------------


@transaction.atomic
def keep_secret(person_id: int, *, kind: str, value: str, actor: Actor) -> HomeSecret:
    """A door code or where the key is, closed at rest; a new one takes the place of the former."""
    person = _hers(person_id, actor)
    typed.one_of("kind", kind, HomeSecret.Kind.values)
    value = typed.line("value", value, 120)
    if not value:
        raise BadInput("value", _("Écrivez le code, ou où se trouve la clé."), "required")
    secret, _created = HomeSecret.objects.update_or_create(
        territory_id=actor.territory_id,
        person=person,
        kind=kind,
        defaults={
            "sealed": sealing.closed(value, SECRET),
            "noted_by": actor.name[:120],
            "noted_at": clock.now(),
        },
    )
    record(events.SECRET_KEPT, actor=actor, about=[person], kind=kind)
    return secret


@transaction.atomic
def reveal_secret(secret_id: int, *, why: str, actor: Actor) -> tuple[HomeSecret, str]:
    """Show one of them, once: who looked, and why, is noted in the journal and in the access log."""
    person = _hers(HomeSecret.objects.values_list("person_id", flat=True).get(pk=secret_id), actor)
    why = reason_of("why", why)
    secret = person.secrets.get(pk=secret_id)
    value = sealing.opened(secret.sealed, SECRET)
    note_access(actor=actor, operation="reveal", about=secret, reason=why)
    record(events.SECRET_SHOWN, actor=actor, about=[person], kind=secret.kind, why=why)
    return secret, value


@transaction.atomic
def forget_secret(secret_id: int, *, actor: Actor) -> None:
    """The code changed, the key was given back."""
    person = _hers(HomeSecret.objects.values_list("person_id", flat=True).get(pk=secret_id), actor)
    secret = person.secrets.get(pk=secret_id)
    kind = secret.kind
    secret.delete()
    record(events.SECRET_FORGOTTEN, actor=actor, about=[person], kind=kind)


def _hers(person_id: int, actor: Actor) -> Person:
    person = locked(person_id, actor=actor)
    if not policies.may_change(actor):
        raise NotAllowed
    return person
