"""The whole life of a need under random steps, legal and not, on a simulated clock: what must hold after each.

Every step is an operation as the screens, the text messages, the operator and the jobs call it. A step that is
refused by name is as good as one that is taken; anything else is a failure.
"""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from palier.accounts.actor import Actor
from palier.calls.models import PlannedCall
from palier.calls.operations import keep_planned_call
from palier.duties.jobs import climb_due
from palier.duties.models import Duty
from palier.journal.events import registry
from palier.journal.models import Entry
from palier.kernel import clock
from palier.kernel.errors import Refusal
from palier.matching import jobs as matching_jobs
from palier.matching import links
from palier.matching import operations as matching
from palier.matching.models import Offer, Wave
from palier.messaging.models import Message
from palier.messaging.operations import receive
from palier.needs.models import Need
from palier.needs.operations import change_need, close_need, reopen_need
from palier.partners.operations import add_service
from palier.referrals import operations as referrals
from palier.referrals.models import Referral
from palier.telecare.models import Event
from palier.telecare.operations import receive_event, settle_event
from palier.territories import walls
from palier.territories.models import Organisation
from palier.visits import jobs as visit_jobs
from palier.visits import operations as visits
from palier.visits.models import Visit
from palier.visits.queries import mission_card
from tests import factories, flow

START = factories.local(2026, 11, 12, 10, 20)
NEIGHBOURS = st.integers(min_value=0, max_value=3)
TEXTS = st.sampled_from(["OUI", "oui merci", "NON", "non désolé", "peut-être", "stop", "start"])
UNIT = "33000417"


class LifeOfANeed(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.moment: datetime = START
        self.texts = self.presses = 0
        self.looked_at: tuple[int | None, datetime] = (None, START)
        with clock.at(self.moment):
            self.town = factories.territory()
            self.agent = factories.actor(factories.member(self.town, "Nadia", "Benali", "coordinator"))
            operator = Organisation.objects.create(
                territory=self.town, kind="telecare_operator", name="VigiLoire", short_name="VigiLoire"
            )
            self.operator = Actor.machine("VigiLoire", self.town.pk, operator.pk)
            self.odette = factories.person(self.town, telecare_operator=operator, telecare_number=UNIT)
            self.neighbours = [
                factories.volunteer(self.town, name, "Voisin", x=620_000 + 80 * place)
                for place, name in enumerate(("Michel", "Fatou", "Thierry", "Jeanne"))
            ]
            self.service = self._service()
            self.need = flow.need_for(self.odette, self.agent)

    @initialize(stage=st.sampled_from(["noted", "asked", "agreed", "done"]))
    def it_has_come_so_far(self, stage: str) -> None:
        """Some lives are watched from later on, so that each part of one is walked through often."""
        if stage == "noted":
            return
        self.try_to(lambda: flow.ask(self.need, self.neighbours[:2], self.agent))
        if stage != "asked":
            self.try_to(lambda: flow.answer(self.need, self.neighbours[0]))
            assert self.visit() is not None
        if stage == "done":
            self.moment = flow.saturday(10)
            self.it_is_proved("page")
            assert Visit.objects.get().state == "done"

    def _service(self) -> Any:
        association = Organisation.objects.create(
            territory=self.town, kind="association", name="Les Tilleuls", short_name="Les Tilleuls"
        )
        return add_service(
            organisation_id=association.pk,
            name="Courses à domicile",
            nature="association",
            kinds=["shopping"],
            actor=Actor.job("tests", self.town.pk),
        )

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def try_to(self, step: Any) -> Any:
        """Take one step; a refusal by name leaves everything as it was."""
        with clock.at(self.moment):
            try:
                with transaction.atomic():
                    return step()
            except Refusal as refusal:
                assert str(refusal).strip() or type(refusal).__name__ == "NotAllowed"
                return None

    def visit(self) -> Visit | None:
        return Visit.objects.filter(need=self.need).order_by("-pk").first()

    def offer(self, who: int) -> Offer | None:
        mine = Offer.objects.filter(need=self.need, volunteer=self.neighbours[who])
        return mine.order_by("-asked_at", "-pk").first()

    # --- Time -----------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 31, 61, 8 * 60, 24 * 60, 50 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.moment += timedelta(minutes=minutes)

    @rule()
    def the_jobs_run(self) -> None:
        with clock.at(self.moment):
            for job in (
                matching_jobs.widen_due,
                visit_jobs.remind_due,
                visit_jobs.miss_due,
                visit_jobs.ask_after,
                climb_due,
            ):
                job(self.town.pk)
                walls.enter(self.town.pk)

    @rule()
    def the_messages_leave(self) -> None:
        Message.objects.filter(state="queued", due_at__lte=self.moment).update(
            state="sent", sent_at=self.moment
        )

    # --- The desk ---------------------------------------------------------------------------------------------------

    @rule(chosen=st.lists(NEIGHBOURS, unique=True, max_size=3), by_voice=st.booleans())
    def the_agent_asks(self, chosen: list[int], by_voice: bool) -> None:
        ids = [self.neighbours[who].pk for who in chosen]
        self.try_to(lambda: matching.send_wave(self.need.pk, ids, by_voice=by_voice, actor=self.agent))

    @rule()
    def the_agent_stops_asking(self) -> None:
        self.try_to(lambda: matching.cancel_asking(self.need.pk, actor=self.agent))

    @rule(who=NEIGHBOURS)
    def she_does_not_want_him(self, who: int) -> None:
        self.try_to(lambda: matching.keep_apart(self.odette.pk, self.neighbours[who].pk, actor=self.agent))

    @rule(days=st.integers(min_value=-1, max_value=9))
    def the_agent_moves_the_day(self, days: int) -> None:
        start = (self.moment + timedelta(days=days)).replace(hour=9, minute=0, second=0)
        self.try_to(
            lambda: change_need(
                self.need.pk, starts_at=start, ends_at=start + timedelta(hours=3), actor=self.agent
            )
        )

    @rule(outcome=st.sampled_from(["unmet", "no_longer_needed", "met_by_neighbour"]))
    @precondition(lambda self: Need.objects.get(pk=self.need.pk).closed_at is None)
    def the_agent_closes(self, outcome: str) -> None:
        self.try_to(lambda: close_need(self.need.pk, outcome=outcome, actor=self.agent))

    @rule()
    def the_agent_concludes(self) -> None:
        self.try_to(lambda: visits.conclude(self.need.pk, actor=self.agent))

    @rule()
    def she_needs_it_again(self) -> None:
        start = self.moment + timedelta(days=2)
        again = self.try_to(
            lambda: reopen_need(
                self.need.pk, starts_at=start, ends_at=start + timedelta(hours=3), actor=self.agent
            )
        )
        if again is not None:
            assert again.reopens_id == self.need.pk
            self.need = again

    @rule(step=st.sampled_from(["propose", "accept", "decline", "done", "withdraw"]))
    def a_partner(self, step: str) -> None:
        referral = Referral.objects.filter(need=self.need).order_by("-pk").first()
        if step == "propose":
            self.try_to(lambda: referrals.propose_referral(self.need.pk, self.service.pk, actor=self.agent))
        elif referral is not None:
            self.try_to(
                {
                    "accept": lambda: referrals.answer_referral(referral.pk, accepted=True, actor=self.agent),
                    "decline": lambda: referrals.answer_referral(
                        referral.pk, accepted=False, actor=self.agent
                    ),
                    "done": lambda: referrals.referral_done(referral.pk, actor=self.agent),
                    "withdraw": lambda: referrals.withdraw_referral(referral.pk, actor=self.agent),
                }[step]
            )

    # --- The neighbours ---------------------------------------------------------------------------------------------

    @rule(who=NEIGHBOURS, yes=st.booleans(), aloud=st.booleans())
    def a_neighbour_answers(self, who: int, yes: bool, aloud: bool) -> None:
        offer = self.offer(who)
        if offer is not None:
            actor = self.agent if aloud else flow.neighbour(self.neighbours[who])
            how = "voice" if aloud else "link"
            self.try_to(lambda: matching.answer_offer(offer.pk, yes=yes, how=how, actor=actor))

    @rule(who=NEIGHBOURS, body=TEXTS)
    def a_neighbour_writes(self, who: int, body: str) -> None:
        self.texts += 1
        actor = Actor.machine("SMS", self.town.pk)

        def write() -> None:
            inbound = receive(
                provider="demo",
                provider_id=str(self.texts),
                sender=self.neighbours[who].phone,
                body=body,
                actor=actor,
            )
            if inbound is not None and not inbound.understood_as:
                matching.read_inbound(inbound, actor=actor)

        self.try_to(write)

    @rule(by_desk=st.booleans())
    def the_neighbour_withdraws(self, by_desk: bool) -> None:
        visit = self.visit()
        if visit is not None:
            actor = self.agent if by_desk else Actor.neighbour(visit.volunteer_id, "Voisin", self.town.pk)
            self.try_to(lambda: visits.withdraw(visit.pk, actor=actor))

    @rule(who=NEIGHBOURS, step=st.sampled_from(["withdraw", "prove", "report"]))
    def somebody_elses_link_does_nothing(self, who: int, step: str) -> None:
        visit = self.visit()
        if visit is None or visit.volunteer_id == self.neighbours[who].pk:
            return
        before = (visit.state, visit.neighbour_says)
        stranger = flow.neighbour(self.neighbours[who])
        self.try_to(
            {
                "withdraw": lambda: visits.withdraw(visit.pk, actor=stranger),
                "prove": lambda: visits.prove(visit.pk, how="page", actor=stranger),
                "report": lambda: visits.neighbour_report(visit.pk, says="worried", actor=stranger),
            }[step]
        )
        visit.refresh_from_db()
        assert (visit.state, visit.neighbour_says) == before

    # --- The visit --------------------------------------------------------------------------------------------------

    @rule(how=st.sampled_from(["page", "call"]))
    def it_is_proved(self, how: str) -> None:
        visit = self.visit()
        if visit is not None:
            actor = (
                self.agent if how == "call" else Actor.neighbour(visit.volunteer_id, "Voisin", self.town.pk)
            )
            self.try_to(lambda: visits.prove(visit.pk, how=how, actor=actor))

    @rule(code=st.sampled_from([121, 10, 16, 4711]), ago=st.integers(min_value=0, max_value=240))
    def the_button_is_pressed(self, code: int, ago: int) -> None:
        self.presses += 1
        self.try_to(
            lambda: receive_event(
                organisation_id=self.operator.organisation_id or 0,
                unit=UNIT,
                reference=f"r{self.presses}",
                status_code=code,
                at=self.moment - timedelta(minutes=ago),
                actor=self.operator,
            )
        )

    @rule(as_visit=st.booleans())
    def the_agent_looks_at_an_event(self, as_visit: bool) -> None:
        event = Event.objects.filter(closed_at__isnull=True).order_by("pk").first()
        if event is not None:
            self.try_to(lambda: settle_event(event.pk, as_visit=as_visit, actor=self.agent))

    @rule(step=st.sampled_from(["cancel", "not_done"]))
    def the_visit_does_not_take_place(self, step: str) -> None:
        visit = self.visit()
        if visit is not None:
            self.try_to(lambda: getattr(visits, step)(visit.pk, actor=self.agent))

    @rule(says=st.sampled_from(["well", "worried"]))
    def he_says(self, says: str) -> None:
        visit = self.visit()
        if visit is not None:
            actor = Actor.neighbour(visit.volunteer_id, "Voisin", self.town.pk)
            self.try_to(lambda: visits.neighbour_report(visit.pk, says=says, actor=actor))

    @rule(
        outcome=st.sampled_from(["reached", "no_answer", "dropped"]),
        feedback=st.sampled_from(["well", "so_so", "badly", "did_not_come"]),
    )
    def she_is_called(self, outcome: str, feedback: str) -> None:
        planned = PlannedCall.objects.filter(closed_at__isnull=True).order_by("pk").first()
        if planned is not None:
            self.try_to(
                lambda: keep_planned_call(planned.pk, outcome=outcome, feedback=feedback, actor=self.agent)
            )

    # --- What must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def it_all_holds(self) -> None:
        """Looked at after each step that wrote in the journal, or moved the clock."""
        last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
        if (last, self.moment) == self.looked_at:
            return
        self.looked_at = (last, self.moment)
        self.nothing_open_is_without_a_name()
        self.what_is_closed_owes_nothing()
        self.at_most_one_yes_and_the_states_agree()
        self.no_address_without_a_yes()
        self.links_open_only_what_they_were_made_for()
        self.the_journal_tells_the_same_story()
        self.every_line_can_be_read()
        self.nobody_is_written_to_twice_for_one_thing()
        self.a_human_confirmed_every_wave()

    def nothing_open_is_without_a_name(self) -> None:
        with connection.cursor() as cursor:
            # The database checks what it would check at commit.
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
        for need in Need.objects.all():
            owed = Duty.objects.open().filter(subject_kind="needs.need", subject_id=need.pk).count()
            assert owed == (0 if need.closed_at else 1), need.state

    def what_is_closed_owes_nothing(self) -> None:
        for model, kind in (
            (Wave, "matching.wave"),
            (Visit, "visits.visit"),
            (Referral, "referrals.referral"),
            (PlannedCall, "calls.plannedcall"),
            (Event, "telecare.event"),
        ):
            closed = model.objects.filter(closed_at__isnull=False).values_list("pk", flat=True)
            assert not Duty.objects.open().filter(subject_kind=kind, subject_id__in=list(closed)).exists(), (
                kind
            )

    def at_most_one_yes_and_the_states_agree(self) -> None:
        for need in Need.objects.all():
            accepted = need.offers.filter(state="accepted").count()
            planned = need.visits.filter(state="planned").count()
            done = need.visits.filter(state="done").count()
            assert accepted == planned + done <= 1
            assert (need.state == "agreed") == (planned == 1)
            assert need.waves.filter(closed_at__isnull=True).count() == (1 if need.state == "asking" else 0)
            assert need.referrals.filter(closed_at__isnull=True).count() == (
                1 if need.state == "referred" else 0
            )
            assert need.state != "to_conclude" or done == 1
            assert not (need.state == "agreed" and need.agreed_at is None)
            if need.state not in ("asking", "nobody"):
                assert not need.offers.filter(state="asked").exists()

    def no_address_without_a_yes(self) -> None:
        for visit in Visit.objects.select_related("need__kind", "person", "territory"):
            card = mission_card(visit, self.moment)
            shown = "street" in card
            assert not shown or visit.state in ("planned", "done")
            assert not shown or self.moment <= visit.ends_at + timedelta(hours=24)
        for body in Message.objects.values_list("body", flat=True):
            assert "Marchand" not in body and "Tilleuls" not in body and "Odette" not in body

    def links_open_only_what_they_were_made_for(self) -> None:
        for offer in Offer.objects.filter(need=self.need).order_by("pk")[:2]:
            link = links.find_link(links.token_of(offer))
            assert link is not None and link.subject_id == offer.pk

    def the_journal_tells_the_same_story(self) -> None:
        codes = set(Entry.objects.values_list("code", flat=True))
        assert codes <= registry.events.keys()
        for need in Need.objects.all():
            lines = Entry.objects.filter(subject_kind="needs.need", subject_id=need.pk)
            assert lines.filter(code__in=["needs.opened", "needs.reopened"]).count() == 1
            assert lines.filter(code="needs.closed").count() == (1 if need.closed_at else 0)
            moved = lines.filter(code="needs.moved").order_by("-pk").first()
            if need.closed_at is None:
                assert need.state == (moved.data["state"] if moved else "to_propose")
        assert Entry.objects.filter(code="matching.offer_accepted").count() == Visit.objects.count()
        assert (
            Entry.objects.filter(code="visits.proved").count() == Visit.objects.filter(state="done").count()
        )
        assert Entry.objects.filter(code="matching.wave_sent").count() == Wave.objects.count()

    def every_line_can_be_read(self) -> None:
        for entry in Entry.objects.order_by("-pk")[:5]:
            assert registry.events[entry.code].title({**entry.data, **entry.personal})
            # After erasure the personal part is gone, and the line still reads.
            assert registry.events[entry.code].title(entry.data)

    def nobody_is_written_to_twice_for_one_thing(self) -> None:
        keys = list(Message.objects.values_list("key", flat=True))
        assert len(keys) == len(set(keys))
        for volunteer in self.neighbours:
            for template in ("offer_request", "offer_taken"):
                about = list(
                    Message.objects.filter(template=template, volunteer_id=volunteer.pk).values_list(
                        "about_id", flat=True
                    )
                )
                assert len(about) == len(set(about))

    def a_human_confirmed_every_wave(self) -> None:
        assert not Wave.objects.exclude(confirmed_by_id=self.agent.membership_id).exists()


@pytest.mark.django_db
def test_the_life_of_a_need_under_random_steps() -> None:
    run_state_machine_as_test(
        LifeOfANeed,
        settings=settings(
            # PALIER_LIVES=500 for a night of it.
            max_examples=int(os.environ.get("PALIER_LIVES", "10")),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
