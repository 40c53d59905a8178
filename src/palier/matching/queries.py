"""Who could be asked, read in a fixed number of queries however many neighbours there are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from palier.kernel import clock, phones
from palier.kernel.places import metres_for
from palier.kernel.ranges import moment
from palier.kernel.text import years
from palier.matching.models import KeepApart, Offer
from palier.matching.states import WAITING
from palier.messaging.models import Message, Suppression
from palier.needs.models import Need
from palier.people.models import Consent, Person
from palier.people.queries import consents_of
from palier.planning import candidates as planning
from palier.planning.candidates import Ask, Candidate, Helper, Proposal, Rule, Slot
from palier.volunteers.models import AcceptedKind, AwayTime, FreeTime, Volunteer

# The box looks a little further than the limit, so that « too far » can be shown with its one failed rule.
BOX_TIMES = 1.3
# Beyond so many, nearest first, nobody reads a list and a wave never gets there.
MOST = 600
ADULT = 18
# A plain « oui » this long after the question still answers it; later it may mean anything, and a person reads it.
LATE_ANSWER = timedelta(days=14)
# Somebody thanked because another was first, or whose question was taken back, may be asked again for the same need.
ASKED = (
    Offer.State.ASKED,
    Offer.State.PASSED,
    Offer.State.DECLINED,
    Offer.State.ACCEPTED,
    Offer.State.WITHDRAWN,
)


def need_to_match(need_id: int) -> Need:
    """The need with all that asking about it reads."""
    return Need.objects.select_related("person", "kind", "territory").get(pk=need_id)


def refusal_for_neighbours(need: Need) -> str | None:
    """Why this need cannot be given to a neighbour, as a sentence that says what to do; None when it can."""
    if not need.kind.is_for_neighbours:
        return _("Ce besoin ne peut pas être confié à un voisin.")
    if need.person.state != Person.State.ACTIVE:
        return _("Cette personne n’est plus suivie : on ne peut rien proposer pour elle.")
    agreed = consents_of([need.person_id]).get(need.person_id, {}).get(Consent.Purpose.NEIGHBOUR_HELP)
    if agreed is None:
        return _(
            "Demandez-lui d’abord : « Êtes-vous d’accord pour que nous donnions votre prénom et votre rue à un voisin ? »,"
            " puis notez sa réponse."
        )
    if not agreed:
        return _(
            "Elle n’est pas d’accord pour qu’un voisin connaisse son prénom et sa rue. On ne peut pas en proposer un."
        )
    return None


def proposal_for(need: Need, *, walk_limit: int | None = None) -> Proposal:
    """Everybody considered for a need: in order, almost, and set aside by rule."""
    ask = ask_for(need, walk_limit=walk_limit)
    helpers, beyond = helpers_for(need, walk_limit=ask.walk_limit)
    proposal = planning.propose(ask, helpers)
    if not beyond:
        return proposal
    # Those whom the search did not even read are told with the reason for it.
    rule = Rule.KIND if ask.is_remote else Rule.TOO_FAR
    counts = dict(proposal.set_aside)
    counts[rule] = counts.get(rule, 0) + beyond
    return replace(
        proposal,
        set_aside=tuple((each, counts[each]) for each in Rule if each in counts),
        considered=proposal.considered + beyond,
    )


def ask_for(need: Need, *, walk_limit: int | None = None) -> Ask:
    """What is asked, as the rules see it."""
    person, territory = need.person, need.territory
    constraints = set(need.conditions)
    if person.has_stairs:
        constraints.add("stairs")
    if person.has_pets:
        constraints.add("pets")
    return Ask(
        kind=need.kind.code,
        start=need.starts_at,
        end=need.ends_at,
        minutes=need.minutes,
        now=clock.now(),
        x=person.x,
        y=person.y,
        is_remote=need.kind.is_remote,
        tz=territory.zone,
        gender_wanted=need.gender_wanted,
        language=need.language,
        constraints=frozenset(constraints),
        walk_limit=walk_limit or territory.reach_minutes,
    )


def helpers_for(need: Need, *, walk_limit: int | None = None) -> tuple[list[Helper], int]:
    """The neighbours near the person (all who do this kind, for help by telephone), and how many were not read.

    The box on the map comes first, in the index; the rest is a fixed number of queries on those found.
    """
    known, called = _known_by(need)
    rows = _near(need, walk_limit or need.territory.reach_minutes, [*known, *called])
    everybody = Volunteer.objects.filter(territory_id=need.territory_id, state__in=_STATES).count()
    ids = [row["pk"] for row in rows]
    accept = set(
        AcceptedKind.objects.filter(kind_id=need.kind_id, volunteer_id__in=ids).values_list(
            "volunteer_id", flat=True
        )
    )
    # Who does not do this kind is counted for that; their hours are nobody's business here.
    doing = [pk for pk in ids if pk in accept]
    free = _free_times(doing, need)
    # Of those who are free on other days only: they have said when, and it is not then.
    elsewhere = [pk for pk in doing if pk not in free]
    said = set(FreeTime.objects.filter(volunteer_id__in=elsewhere).values_list("volunteer_id", flat=True))
    away = _away_times(doing, need)
    helped = _helped_in_month(doing, need)
    asked = set(
        need.offers.filter(
            state__in=ASKED, wave__starts_at=need.starts_at, wave__ends_at=need.ends_at
        ).values_list("volunteer_id", flat=True)
    )
    apart = set(KeepApart.objects.filter(person_id=need.person_id).values_list("volunteer_id", flat=True))
    stopped = _stopped([row["phone"] for row in rows if row["pk"] in accept])
    now, day = clock.now(), need.starts_at.astimezone(need.territory.zone).date()
    kinds, others = frozenset({need.kind.code}), frozenset[str]()
    helpers = [
        Helper(
            id=row["pk"],
            x=row["x"],
            y=row["y"],
            kinds=kinds if row["pk"] in accept else others,
            languages=frozenset(row["languages"]) | {"fr"},
            gender=row["gender"],
            free=free.get(row["pk"], () if row["pk"] in said else None),
            away=tuple(away.get(row["pk"], ())),
            resting=row["state"] == Volunteer.State.RESTING
            or (row["resting_until"] is not None and row["resting_until"] > now),
            reach_minutes=row["reach_minutes"],
            max_per_month=row["max_per_month"],
            helped_this_month=helped.get(row["pk"], 0),
            last_asked_at=row["last_asked_at"],
            visits_with_person=known.get(row["pk"], 0),
            calls_with_person=called.get(row["pk"], 0),
            refuses=frozenset(row["avoids"]),
            asked_already=row["pk"] in asked,
            excluded=row["pk"] in apart,
            is_minor=row["birth_on"] is not None and years(row["birth_on"], day) < ADULT,
            has_phone=bool(row["phone"]),
            stopped_sms=row["phone"] in stopped or not _takes_texts(row["phone"]),
        )
        for row in rows
    ]
    return helpers, max(0, everybody - len(rows))


# Who applied or left is no helper at all, and is not counted among those considered.
_STATES = (Volunteer.State.ACTIVE, Volunteer.State.TRIAL, Volunteer.State.RESTING)
_COLUMNS = (
    "pk", "x", "y", "state", "gender", "languages", "avoids", "reach_minutes", "max_per_month",
    "resting_until", "last_asked_at", "phone", "birth_on",
)  # fmt: skip


def _near(need: Need, walk_limit: int, known: Sequence[int]) -> list[dict[str, Any]]:
    """The nearest, whoever knows her wherever they live, and those whose address nobody located."""
    everybody = Volunteer.objects.filter(territory_id=need.territory_id, state__in=_STATES)
    person = need.person
    if need.kind.is_remote:
        who_accept = AcceptedKind.objects.filter(kind_id=need.kind_id).values("volunteer_id")
        return list(
            everybody.filter(pk__in=who_accept).order_by("last_asked_at", "pk").values(*_COLUMNS)[:MOST]
        )
    if person.x is None or person.y is None:
        return list(everybody.order_by("last_asked_at", "pk").values(*_COLUMNS)[:MOST])
    reach = metres_for(walk_limit) * BOX_TIMES
    box = everybody.filter(
        x__gte=person.x - reach, x__lte=person.x + reach, y__gte=person.y - reach, y__lte=person.y + reach
    )
    east, north = F("x") - person.x, F("y") - person.y
    # Three reads and not one « or »: each walks its index. Not ordered by id: on a large table the planner
    # then walks the whole primary key.
    rows = list(box.order_by(east * east + north * north, "x", "pk").values(*_COLUMNS)[:MOST])
    rows += everybody.filter(x__isnull=True).order_by("x", "pk").values(*_COLUMNS)[:MOST]
    if missing := set(known) - {row["pk"] for row in rows}:
        rows += everybody.filter(pk__in=missing).order_by("x", "pk").values(*_COLUMNS)
    return rows


def _takes_texts(number: str) -> bool:
    """PHN-02, with the everyday case first: the library takes longer for one number than all else for a neighbour."""
    return number.startswith(("+336", "+337")) or phones.can_receive_sms(number)


def _free_times(ids: Sequence[int], need: Need) -> dict[int, tuple[Slot, ...]]:
    """What they said of the weekdays that the window touches."""
    zone = need.territory.zone
    first, last = need.starts_at.astimezone(zone).date(), need.ends_at.astimezone(zone).date()
    # A window without length is given one by the help itself, which may end the next day.
    days = {(first + timedelta(days=ahead)).weekday() for ahead in range(min((last - first).days + 2, 7))}
    free: dict[int, list[Slot]] = defaultdict(list)
    for volunteer_id, weekday, start, end in FreeTime.objects.filter(
        volunteer_id__in=ids, weekday__in=sorted(days)
    ).values_list("volunteer_id", "weekday", "starts_at", "ends_at"):
        stop = end.hour * 60 + end.minute
        # « Jusqu’à 23 h 59 » is how a clock field says midnight.
        free[volunteer_id].append((weekday, start.hour * 60 + start.minute, 1440 if stop == 1439 else stop))
    return {volunteer_id: tuple(sorted(slots)) for volunteer_id, slots in free.items()}


def _away_times(ids: Sequence[int], need: Need) -> dict[int, list[tuple[datetime, datetime]]]:
    """Absences, and other people the neighbour already said yes to at that time."""
    away: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    end = max(need.ends_at, need.starts_at + timedelta(minutes=need.minutes))
    overlapping = Q(starts_at__lt=end, ends_at__gt=need.starts_at)
    for volunteer_id, start, stop in AwayTime.objects.filter(overlapping, volunteer_id__in=ids).values_list(
        "volunteer_id", "starts_at", "ends_at"
    ):
        away[volunteer_id].append((start, stop))
    # A promise for « cette semaine » leaves him free to choose another hour: only fixed windows take his time.
    promised = _promises(ids).filter(
        need__state=Need.State.AGREED,
        need__is_flexible=False,
        need__starts_at__lt=end,
        need__ends_at__gt=need.starts_at,
    )
    for volunteer_id, start, stop in promised.values_list("volunteer_id", "need__starts_at", "need__ends_at"):
        away[volunteer_id].append((start, stop))
    return away


def _helped_in_month(ids: Sequence[int], need: Need) -> dict[int, int]:
    """How often each helps in the month of this need: visits made and visits promised."""
    zone = need.territory.zone
    first = need.starts_at.astimezone(zone).date().replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    midnight = datetime.min.time()
    rows = (
        _promises(ids)
        .filter(
            need__starts_at__gte=moment(first, midnight, zone),
            need__starts_at__lt=moment(after, midnight, zone),
        )
        .order_by()
        .values_list("volunteer_id")
        .annotate(count=Count("pk"))
    )
    return dict(rows)


def _promises(ids: Iterable[int]) -> QuerySet[Offer]:
    return Offer.objects.filter(volunteer_id__in=list(ids), state=Offer.State.ACCEPTED)


def _known_by(need: Need) -> tuple[dict[int, int], dict[int, int]]:
    """Who has already been to her, and who has already helped her by telephone, with how often."""
    visits: dict[int, int] = {}
    calls: dict[int, int] = {}
    rows = (
        Offer.objects.filter(
            state=Offer.State.ACCEPTED, need__person_id=need.person_id, need__done_at__isnull=False
        )
        .order_by()
        .values_list("volunteer_id", "need__kind__is_remote")
        .annotate(count=Count("pk"))
    )
    for volunteer_id, is_remote, count in rows:
        (calls if is_remote else visits)[volunteer_id] = count
    return visits, calls


def _stopped(numbers: Sequence[str]) -> set[str]:
    return set(
        Suppression.objects.filter(
            channel=Message.Channel.SMS, address__in=[n for n in numbers if n], ended_at__isnull=True
        ).values_list("address", flat=True)
    )


# --- Reading a proposal -----------------------------------------------------------------------------------------


def first_of(proposal: Proposal, size: int, *, by_voice: bool = False) -> list[Candidate]:
    """The proposed wave: the first who can be written to, or simply the first when the agent telephones."""
    return list(proposal.candidates[:size]) if by_voice else planning.wave(proposal, size)


def reasons_of(candidate: Candidate) -> list[list[Any]]:
    """Why this neighbour, as it is kept with the offer: [code, sign, values], moments in ISO 8601."""
    return [
        [
            reason.code,
            reason.sign,
            {
                key: value.isoformat() if isinstance(value, datetime) else value
                for key, value in reason.values.items()
            },
        ]
        for reason in candidate.reasons
    ]


# --- Offers -----------------------------------------------------------------------------------------------------


def latest_question(address: str) -> Offer | None:
    """What an incoming « OUI » answers: the latest open question to a neighbour of this number, else the latest.

    A couple may share the number: the one who was asked last is meant.
    """
    questions = (
        Offer.objects.filter(volunteer__phone=address, need__ends_at__gt=clock.now())
        .exclude(state=Offer.State.WITHDRAWN)
        .select_related("volunteer", "wave", "need__person", "need__kind", "need__territory")
        .order_by("-asked_at", "-pk")
    )
    return questions.filter(state__in=[*WAITING, Offer.State.ACCEPTED]).first() or questions.first()


def question_over(address: str) -> Offer | None:
    """The latest question to this number whose need is past, if it is recent enough for a late answer to mean it."""
    return (
        Offer.objects.filter(volunteer__phone=address, asked_at__gt=clock.now() - LATE_ANSWER)
        .select_related("volunteer", "wave", "need__person", "need__kind", "need__territory")
        .order_by("-asked_at", "-pk")
        .first()
    )


def offers_of(need_id: int) -> list[Offer]:
    """Everybody asked for a need, wave by wave, in rank order, with their names."""
    return list(
        Offer.objects.filter(need_id=need_id)
        .select_related("volunteer", "wave")
        .order_by("wave__number", "rank", "pk")
    )


def volunteers_of(proposal: Proposal) -> dict[int, Volunteer]:
    """The neighbours named in a proposal, for the screen that shows them."""
    return Volunteer.objects.in_bulk(
        [candidate.helper.id for candidate in (*proposal.candidates, *proposal.almost)]
    )
