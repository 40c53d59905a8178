"""The yearly round: everybody whose entry is a year old is asked; whoever does not answer stays (REG-12)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from palier.accounts.actor import Actor
from palier.duties.models import Kind as DutyKind
from palier.duties.operations import desk_team, open_duty, settle_duties
from palier.journal.operations import record
from palier.kernel import clock, typed
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow
from palier.register import days, events, policies
from palier.register.models import Confirmation, ConfirmationRound, Enrolment
from palier.register.operations import checking
from palier.register.operations.changing import take_out
from palier.territories.models import Territory

# From the first card to the last call.
TIME_FOR_A_ROUND = timedelta(days=60)


@transaction.atomic
def open_round(register_id: int, *, name: str = "", actor: Actor) -> ConfirmationRound:
    """Ask everybody whose information was not confirmed for a year; one round at a time in a register."""
    register = checking.register_of(register_id, actor=actor)
    territory = Territory.objects.get(pk=actor.territory_id)
    today = days.today(territory)
    rows = Enrolment.objects.present().filter(register=register).to_reconfirm(today)
    asked = list(rows.order_by("pk").values_list("pk", flat=True))
    if not asked:
        raise NotPossibleNow(_("Toutes les inscriptions ont été confirmées depuis moins d’un an."))
    name = typed.line("name", name, 80) or _("Confirmation %(year)s") % {"year": today.year}
    now = clock.now()
    try:
        with transaction.atomic():
            made = ConfirmationRound.objects.create(
                territory_id=actor.territory_id,
                register=register,
                name=name,
                opened_at=now,
                opened_by=actor.name[:120],
                due_at=now + TIME_FOR_A_ROUND,
            )
    except IntegrityError as error:
        raise NotPossibleNow(_("Un tour de confirmation est déjà en cours.")) from error
    Confirmation.objects.bulk_create(
        Confirmation(territory_id=actor.territory_id, round=made, enrolment_id=number) for number in asked
    )
    owner = checking.somebody_named(register, actor=actor)
    open_duty(
        made,
        kind=DutyKind.FINISH_ROUND,
        due_at=made.due_at,
        owner=owner,
        team=None if owner else desk_team(actor.territory_id),
        label=name,
        actor=actor,
    )
    record(events.ROUND_OPENED, actor=actor, about=[made], count=len(asked))
    return made


@transaction.atomic
def mark_cards_sent(round_id: int, *, enrolment_ids: Sequence[int] | None = None, actor: Actor) -> int:
    """The cards left: all that were not sent yet, or those of these people. Gives how many."""
    made = _locked(round_id, actor)
    cards = Confirmation.objects.filter(round=made, card_sent_at__isnull=True, result="")
    if enrolment_ids is not None:
        cards = cards.filter(enrolment_id__in=enrolment_ids)
    return cards.update(card_sent_at=clock.now())


@transaction.atomic
def note_confirmation(enrolment_id: int, *, result: str, actor: Actor) -> Enrolment:
    """What she answered, by card or by telephone, in a round or by herself.

    « Pas jointe » changes nothing of the entry: silence removes nobody. « Ne veut plus » removes at once.
    """
    enrolment = checking.locked_enrolment(enrolment_id, actor=actor)
    typed.one_of("result", result, [value for value in Confirmation.Result.values if value])
    if enrolment.state == Enrolment.State.REMOVED:
        raise NotPossibleNow(_("Cette personne n’est plus au registre."))
    now = clock.now()
    asked = Confirmation.objects.filter(enrolment=enrolment, round__closed_at__isnull=True)
    asked.update(result=result, noted_at=now, noted_by=actor.name[:120])
    record(events.CONFIRMED, actor=actor, about=[enrolment], result=result)
    if result == Confirmation.Result.REMOVED:
        take_out(enrolment, Enrolment.Reason.REQUESTED, actor=actor)
    elif result != Confirmation.Result.NO_ANSWER:
        territory = Territory.objects.get(pk=actor.territory_id)
        enrolment.last_confirmed_on = days.today(territory)
        enrolment.save(update_fields=["last_confirmed_on"])
    return enrolment


@transaction.atomic
def close_round(round_id: int, *, actor: Actor) -> ConfirmationRound:
    """The round is over; who did not answer is « pas jointe », stays, and is flagged « à reconfirmer »."""
    made = _locked(round_id, actor)
    if made.closed_at is not None:
        return made
    now = clock.now()
    Confirmation.objects.filter(round=made, result="").update(
        result=Confirmation.Result.NO_ANSWER, noted_at=now, noted_by=actor.name[:120]
    )
    made.closed_at, made.closed_by = now, actor.name[:120]
    made.save(update_fields=["closed_at", "closed_by"])
    settle_duties(made, actor=actor)
    counts = dict(
        Confirmation.objects.filter(round=made)
        .order_by("result")
        .values_list("result")
        .annotate(count=Count("pk"))
    )
    record(events.ROUND_CLOSED, actor=actor, about=[made], counts=counts)
    return made


def _locked(round_id: int, actor: Actor) -> ConfirmationRound:
    made = (
        ConfirmationRound.objects.visible_to(actor)
        .select_related("register")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=round_id)
        .first()
    )
    if made is None:
        raise BadInput("round_id", _("Ce tour n’existe pas."), "choice")
    if not policies.may_read(actor, made.register_id):
        raise NotAllowed
    return made
