"""How agents, neighbours and the people they help behave in simulated time: everything through operations.

What the system does by itself is left to the system: waves widen, reminders leave, missing proofs become duties,
threads close. Here is only what people do: answer or not, go or not, press a button, call back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from django.db import connection, transaction

from palier.accounts.actor import Actor
from palier.calls import operations as calls
from palier.calls.models import Call, PlannedCall
from palier.concerns.models import Concern
from palier.concerns.operations import close_concern
from palier.demo.ground import Ground
from palier.demo.life import Life
from palier.kernel import calendars, clock
from palier.kernel.errors import NotPossibleNow
from palier.matching import operations as matching
from palier.matching.models import Offer
from palier.messaging.operations import receive
from palier.needs.models import Need
from palier.needs.operations import change_need, close_need
from palier.people.models import Person
from palier.people.operations import note_consent
from palier.people.queries import consents_of
from palier.referrals import operations as referrals
from palier.telecare.operations import receive_event
from palier.territories.hours import calendar_of
from palier.visits import operations as visits
from palier.visits.models import Visit

# Nothing new is lost between two looks: numbers grow.
_NEWS = """
select
  (select array_agg(id order by id) from matching_offer where id > %(offer)s),
  (select array_agg(id order by id) from visits_visit where id > %(visit)s),
  (select array_agg(id order by id) from calls_plannedcall where id > %(planned)s),
  (select array_agg(id order by id) from concerns_concern where id > %(concern)s),
  (select array_agg(id order by id) from needs_need where closed_at is null and state in ('to_propose', 'nobody'))
"""
_YES = ("OUI", "Oui", "oui merci", "Oui volontiers", "OK", "oui je peux")
_NO = ("NON", "Non désolé", "non", "Pas cette fois", "Non merci")


@dataclass
class Script:
    """What is known beforehand of one need: how it ends, and what goes wrong on the way."""

    # The how-manyth neighbour asked says yes; None: nobody does.
    yes_at: int | None = 1
    # neighbour, association, service, unmet, no_longer_needed; "" leaves it with the desk.
    ending: str = "neighbour"
    withdraws: bool = False
    proves: str = "page"
    neighbour_says: str = "well"
    person_says: str = "well"
    # After so many neighbours without a yes, the agent turns to partners.
    patience: int = 6
    # Asked so far, counted as the questions leave.
    asked: int = 0

    @property
    def is_given_up(self) -> bool:
        return self.yes_at is None and self.asked >= self.patience


class Behaviour:
    """Everybody's part in one territory."""

    def __init__(self, life: Life, ground: Ground, random: Random) -> None:
        self.life, self.ground, self.random = life, ground, random
        self.territory_id = ground.territory.pk
        self.calendar = calendar_of(self.territory_id)
        self.desk = ground.desk()
        self.agents = [actor for actor in self.desk if actor.role == "agent"] or self.desk
        self.coordinator = next((actor for actor in self.desk if actor.coordinates), self.desk[0])
        self.scripts: dict[int, Script] = {}
        self.seen = {"offer": 0, "visit": 0, "planned": 0, "concern": 0}
        self.in_hand: set[int] = set()
        # What a « OUI » from a telephone would answer.
        self.last_question: dict[str, int] = {}
        self._messages = 0
        self._units = 0
        life.observers.append(self.look)

    # --- parts

    def agent(self) -> Actor:
        return self.random.choice(self.agents)

    def working(self, at: datetime) -> datetime:
        """`at` itself while the desk is open, else the next morning."""
        return calendars.next_opening(self.calendar, at) or at

    def minutes(self, low: float, high: float) -> timedelta:
        return timedelta(minutes=self.random.uniform(low, high))

    def script_of(self, need_id: int) -> Script:
        if need_id not in self.scripts:
            self.scripts[need_id] = self.new_script(need_id)
        return self.scripts[need_id]

    def new_script(self, need_id: int) -> Script:
        return Script()

    def person_of(self, need_id: int) -> Person:
        return Person.objects.get(needs=need_id)

    # --- looking at what the system did

    def look(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_NEWS, self.seen)
            offers, new_visits, planned, concerns, waiting = cursor.fetchone()
        if offers:
            self.seen["offer"] = offers[-1]
            self.on_offers(offers)
        for number in new_visits or ():
            self.seen["visit"] = number
            self.on_visit(number)
        for number in planned or ():
            self.seen["planned"] = number
            self.on_planned_call(number)
        for number in concerns or ():
            self.seen["concern"] = number
            self.on_concern(number)
        for number in waiting or ():
            if number not in self.in_hand:
                self.in_hand.add(number)
                self.on_waiting_need(number)

    # --- a need waits for the desk

    def on_waiting_need(self, need_id: int) -> None:
        soon = self.working(self.life.now + self.minutes(4, 40))
        self.life.at(soon, lambda: self.find_somebody(need_id))

    def find_somebody(self, need_id: int) -> None:
        self.in_hand.discard(need_id)
        need = Need.objects.select_related("kind").get(pk=need_id)
        script = self.script_of(need_id)
        if need.closed_at is not None or need.state not in (Need.State.TO_PROPOSE, Need.State.NOBODY):
            return
        agent = self.agent()
        if script.ending == "no_longer_needed":
            close_need(need_id, outcome=Need.Outcome.NO_LONGER, actor=agent)
            return
        if need.state == Need.State.TO_PROPOSE and not script.is_given_up and self.ask(need, script, agent):
            return
        self.other_ways(need, script, agent)

    def ask(self, need: Need, script: Script, agent: Actor) -> bool:
        """Send a wave, at another time when the one wanted is too near."""
        if need.ends_at <= self.life.now + timedelta(hours=3):
            self.put_off(need, agent)
        try:
            matching.send_wave(need.pk, actor=agent)
        except NotPossibleNow:
            return False
        return True

    def put_off(self, need: Need, agent: Actor) -> None:
        """She agreed to another day."""
        start = self.working(self.life.now + timedelta(days=self.random.randint(1, 2)))
        local = start.astimezone(clock.PARIS).replace(hour=9, minute=0, second=0, microsecond=0)
        change_need(
            need.pk, starts_at=local, ends_at=local + timedelta(hours=9), is_flexible=False, actor=agent
        )

    def give_up(self, need_id: int) -> None:
        """Enough neighbours were asked: the agent stops, and looks elsewhere."""
        if Need.objects.filter(pk=need_id, state=Need.State.ASKING).exists():
            matching.cancel_asking(need_id, actor=self.agent())

    def other_ways(self, need: Need, script: Script, agent: Actor) -> None:
        """Nobody could: a partner, a service of the town, later, or not at all."""
        if script.ending == "neighbour":
            self.put_off(need, agent)
            script.yes_at = script.asked + 1
            need.refresh_from_db()
            if not self.ask(need, script, agent):
                # Nobody near does this yet: again tomorrow.
                self.in_hand.add(need.pk)
                tomorrow = self.working(self.life.now + timedelta(hours=20))
                self.life.at(tomorrow, lambda: self.find_somebody(need.pk))
        elif script.ending in ("association", "service"):
            service_id = self.service_for(need, script.ending)
            if service_id is None:
                close_need(need.pk, outcome=Need.Outcome.UNMET, actor=agent)
                return
            if consents_of([need.person_id]).get(need.person_id, {}).get("partners") is None:
                note_consent(need.person_id, purpose="partners", is_given=True, actor=agent)
            referral = referrals.propose_referral(need.pk, service_id, actor=agent)
            answered = self.working(self.life.now + self.minutes(60, 600))
            self.life.at(answered, lambda: self.partner_answers(referral.pk))
        elif script.ending == "unmet":
            close_need(need.pk, outcome=Need.Outcome.UNMET, actor=agent)

    def service_for(self, need: Need, ending: str) -> int | None:
        nature = "association" if ending == "association" else "town"
        found = [
            service
            for service in self.ground.services.values()
            if service.nature == nature and service.served.filter(kind_id=need.kind_id).exists()
        ]
        return self.random.choice(found).pk if found else None

    def partner_answers(self, referral_id: int) -> None:
        agent = self.agent()
        try:
            referrals.answer_referral(
                referral_id, accepted=True, answer="D’accord, nous y allons.", actor=agent
            )
        except NotPossibleNow:
            return
        done = self.working(self.life.now + self.minutes(300, 2_400))
        self.life.at(done, lambda: self.partner_did_it(referral_id))

    def partner_did_it(self, referral_id: int) -> None:
        try:
            referrals.referral_done(referral_id, actor=self.agent())
        except NotPossibleNow:
            return

    # --- neighbours

    def on_offers(self, numbers: list[int]) -> None:
        """Questions that have just been asked: who answers, and when."""
        offers = Offer.objects.filter(pk__in=numbers).order_by("pk")
        for number, need_id, asked_at, phone in offers.values_list(
            "pk", "need_id", "asked_at", "volunteer__phone"
        ):
            self.last_question[phone] = number
            script = self.script_of(need_id)
            script.asked += 1
            draw = self.random.random()
            if script.yes_at is not None and script.asked == script.yes_at:
                self.answer_later(number, True, asked_at + self.minutes(4, 50))
            elif script.yes_at is not None and script.asked > script.yes_at and draw < 0.14:
                self.answer_later(number, True, asked_at + self.minutes(55, 200))
            elif draw < 0.36:
                self.answer_later(number, False, asked_at + self.minutes(3, 55))
            if script.is_given_up and script.asked == script.patience:
                self.life.at(self.working(asked_at + self.minutes(50, 90)), partial(self.give_up, need_id))

    def answer_later(self, offer_id: int, yes: bool, at: datetime) -> None:
        # Nobody answers before eight in the morning: the question itself has waited.
        local = at.astimezone(clock.PARIS)
        if local.hour >= 20 or local.hour < 8:
            morning = (local + timedelta(hours=4)).replace(
                hour=8, minute=self.random.randint(2, 40), second=0
            )
            at = max(at, morning)
        self.life.at(at, lambda: self.answer(offer_id, yes))

    def answer(self, offer_id: int, yes: bool) -> None:
        offer = Offer.objects.select_related("volunteer").get(pk=offer_id)
        if offer.state not in (Offer.State.ASKED, Offer.State.PASSED, Offer.State.CANCELLED):
            return
        neighbour = self.neighbour(offer)
        draw = self.random.random()
        try:
            if draw < 0.6 and self.last_question[offer.volunteer.phone] == offer_id:
                self.write(offer.volunteer.phone, self.random.choice(_YES if yes else _NO))
            elif draw < 0.92:
                matching.answer_offer(offer_id, yes=yes, how="link", actor=neighbour)
            else:
                agent = self.agent()
                matching.answer_offer(offer_id, yes=yes, how="voice", noted_by=agent.name, actor=agent)
        except NotPossibleNow:
            return

    def neighbour(self, offer: Offer) -> Actor:
        return Actor.neighbour(offer.volunteer_id, offer.volunteer.full_name, self.territory_id)

    def write(self, number: str, body: str) -> None:
        """A text message comes in from a telephone, as from the provider."""
        self._messages += 1
        machine = Actor.machine("sms", self.territory_id)
        provider_id = f"{int(self.life.now.timestamp())}-{self._messages}"
        with transaction.atomic():
            inbound = receive(
                provider="demo", provider_id=provider_id, sender=number, body=body, actor=machine
            )
            if inbound is not None and not inbound.understood_as:
                matching.read_inbound(inbound, actor=machine)

    # --- visits

    def on_visit(self, visit_id: int) -> None:
        visit = Visit.objects.get(pk=visit_id)
        script = self.script_of(visit.need_id)
        if script.withdraws:
            script.withdraws = False
            script.yes_at = script.asked + self.random.randint(1, 2)
            back = min(self.life.now + self.minutes(30, 600), visit.ends_at - timedelta(hours=2))
            if back > self.life.now:
                self.life.at(back, lambda: self.withdraw(visit_id))
                return
        came = self.when_he_comes(visit)
        self.life.at(came, lambda: self.arrive(visit_id))
        verified = self.working(visit.ends_at + timedelta(minutes=35) + self.minutes(10, 180))
        self.life.at(verified, lambda: self.verify(visit_id))

    def when_he_comes(self, visit: Visit) -> datetime:
        start, end = max(visit.starts_at, self.life.now), visit.ends_at
        local = start.astimezone(clock.PARIS)
        if (end - start) > timedelta(hours=14):
            # « Cette semaine »: a day of his own choice, in daylight.
            days = max(0, (end - start).days - 1)
            local = (local + timedelta(days=self.random.randint(0, days))).replace(
                hour=self.random.randint(10, 17)
            )
            return min(max(local, start), end - timedelta(minutes=30))
        span = (end - start).total_seconds() - 1_800
        return start + timedelta(seconds=self.random.uniform(0, max(span, 60)))

    def withdraw(self, visit_id: int) -> None:
        visit = Visit.objects.select_related("volunteer").get(pk=visit_id)
        neighbour = Actor.neighbour(visit.volunteer_id, visit.volunteer.full_name, self.territory_id)
        try:
            visits.withdraw(visit_id, reason="Un empêchement", actor=neighbour)
        except NotPossibleNow:
            return

    def arrive(self, visit_id: int) -> None:
        visit = Visit.objects.select_related("volunteer", "person").get(pk=visit_id)
        if visit.state != Visit.State.PLANNED:
            return
        script = self.script_of(visit.need_id)
        neighbour = Actor.neighbour(visit.volunteer_id, visit.volunteer.full_name, self.territory_id)
        if script.proves == "telecare" and visit.person.telecare_number:
            self.press(visit.person, 87)
        elif script.proves in ("page", "telecare"):
            visits.prove(visit_id, how="page", actor=neighbour)
        else:
            return
        if script.neighbour_says:
            said = self.minutes(20, 90)
            self.life.after(said, lambda: self.report(visit_id, script.neighbour_says))

    def press(self, person: Person, code: int) -> None:
        """The unit of a subscriber tells the operator, and the operator tells us."""
        self._units += 1
        assert person.telecare_operator_id is not None
        receive_event(
            organisation_id=person.telecare_operator_id,
            unit=person.telecare_number,
            reference=f"{self._units:08d}",
            status_code=code,
            at=self.life.now,
            actor=Actor.machine("telecare", self.territory_id, person.telecare_operator_id),
        )

    def report(self, visit_id: int, says: str) -> None:
        visit = Visit.objects.select_related("volunteer").get(pk=visit_id)
        neighbour = Actor.neighbour(visit.volunteer_id, visit.volunteer.full_name, self.territory_id)
        try:
            visits.neighbour_report(
                visit_id, says=says, note=self.worry() if says == "worried" else "", actor=neighbour
            )
        except NotPossibleNow:
            return

    def worry(self) -> str:
        return "Elle m’a semblé très fatiguée, et le frigo était presque vide."

    def verify(self, visit_id: int) -> None:
        """Nobody proved it: the agent telephones, and he had been there."""
        visit = Visit.objects.get(pk=visit_id)
        if visit.state == Visit.State.PLANNED and visit.ends_at <= self.life.now:
            visits.prove(visit_id, how="call", actor=self.agent())

    # --- calls owed

    def on_planned_call(self, planned_id: int) -> None:
        due = PlannedCall.objects.values_list("due_at", flat=True).get(pk=planned_id)
        self.life.at(self.working(due + self.minutes(0, 25)), lambda: self.call_back(planned_id))

    def call_back(self, planned_id: int) -> None:
        planned = PlannedCall.objects.get(pk=planned_id)
        if planned.closed_at is not None:
            return
        agent = self.agent()
        if planned.attempts < 2 and self.random.random() < 0.18:
            calls.keep_planned_call(planned_id, outcome="no_answer", actor=agent)
            self.on_planned_call(planned_id)
            return
        says = self.script_of(planned.need_id).person_says if planned.need_id else "well"
        calls.keep_planned_call(
            planned_id, outcome="reached", feedback=says if planned.why == "feedback" else "", actor=agent
        )
        if planned.why == "feedback" and planned.need_id is not None:
            need_id = planned.need_id
            if says not in ("well", "so_so") or self.script_of(need_id).neighbour_says == "worried":
                self.life.at(
                    self.working(self.life.now + self.minutes(20, 200)), lambda: self.conclude(need_id)
                )

    def conclude(self, need_id: int) -> None:
        need = Need.objects.get(pk=need_id)
        if need.state == Need.State.TO_CONCLUDE:
            visits.conclude(need_id, actor=self.agent())

    # --- concerns

    def on_concern(self, concern_id: int) -> None:
        self.life.at(self.working(self.life.now + self.minutes(60, 420)), lambda: self.look_at(concern_id))

    def look_at(self, concern_id: int) -> None:
        if Concern.objects.open().filter(pk=concern_id).exists():
            close_concern(
                concern_id,
                outcome=self.random.choice(("reassured", "followed", "referred")),
                what_was_done="Rappelée et vue par sa famille. Tout est en ordre, on la rappelle la semaine prochaine.",
                actor=self.coordinator,
            )

    # --- somebody rings

    def ring(self, number: str, then: Callable[[Call, Actor], Any], *, minutes: float = 4.0) -> None:
        """The exchange announces a call; an agent picks it up and writes it down."""
        self._messages += 1
        key = f"{int(self.life.now.timestamp())}-{self._messages}"
        machine = Actor.machine("standard", self.territory_id)
        agent = self.agent()
        call = calls.ring(provider="standard", call_key=key, number_raw=number, actor=machine)
        calls.answer(call.pk, by_membership_id=agent.membership_id, actor=machine)
        self.life.after(timedelta(minutes=minutes), lambda: self._written(call.pk, then, agent, machine))

    def _written(
        self, call_id: int, then: Callable[[Call, Actor], Any], agent: Actor, machine: Actor
    ) -> None:
        calls.hang_up(call_id, actor=machine)
        then(Call.objects.get(pk=call_id), agent)

    def missed(self, number: str) -> None:
        self._messages += 1
        machine = Actor.machine("standard", self.territory_id)
        call = calls.ring(
            provider="standard",
            call_key=f"{int(self.life.now.timestamp())}-{self._messages}",
            number_raw=number,
            actor=machine,
        )
        self.life.after(timedelta(seconds=40), lambda: calls.hang_up(call.pk, actor=machine))
