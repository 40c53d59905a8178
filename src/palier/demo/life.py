"""Simulated time: what people do happens at its moment, and the jobs run between, each when something is due.

The territory itself is the real one: every step is an operation of the screens or a job of the worker, in a
transaction of its own behind the wall (or inside the one that the caller has opened).
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from palier.accounts.actor import Actor
from palier.duties.jobs import climb_due
from palier.kernel import clock
from palier.matching.jobs import widen_due
from palier.messaging.drain import drain
from palier.messaging.jobs import care_for_territory
from palier.territories import walls
from palier.visits import jobs as visit_jobs
from palier.volunteers.operations import come_back_due

Step = Callable[[], object]

# What is due now, by job, and when the next thing will be: one look at the partial indexes of open things.
_DUE = """
select
  exists (select 1 from messaging_message where state = 'queued' and due_at <= %(now)s),
  exists (select 1 from matching_wave where closed_at is null and answers_by <= %(now)s),
  exists (select 1 from visits_visit v where v.closed_at is null and v.ends_at + make_interval(mins => %(grace)s) <= %(now)s
          and not exists (select 1 from duties_duty d where d.subject_kind = 'visits.visit' and d.subject_id = v.id
                          and d.kind = 'prove_visit' and d.settled_at is null)),
  exists (select 1 from visits_visit v where v.closed_at is null and v.reminded_at is null and v.ends_at > %(now)s
          and v.starts_at <= %(now)s + interval '50 hours'),
  exists (select 1 from visits_visit v where v.asked_after_at is null and v.neighbour_says = ''
          and v.state in ('planned', 'done') and v.ends_at <= %(now)s and v.ends_at > %(now)s - interval '24 hours')
   or exists (select 1 from needs_need n join visits_visit v on v.need_id = n.id where n.closed_at is null
              and n.state = 'to_conclude' and v.state = 'done' and v.proved_at <= %(now)s - interval '48 hours'),
  exists (select 1 from duties_duty where settled_at is null and climbs_at <= %(now)s),
  exists (select 1 from messaging_message where state in ('failed', 'unclear') and not needs_care and closed_at is null),
  least(
    (select min(due_at) from messaging_message where state = 'queued' and due_at > %(now)s),
    (select min(answers_by) from matching_wave where closed_at is null and answers_by > %(now)s),
    (select min(ends_at) + make_interval(mins => %(grace)s) from visits_visit
      where closed_at is null and ends_at + make_interval(mins => %(grace)s) > %(now)s),
    (select min(climbs_at) from duties_duty where settled_at is null and climbs_at > %(now)s)
  )
"""


@dataclass(order=True)
class _Planned:
    at: datetime
    order: int
    step: Step = field(compare=False)


class Life:
    """A territory's life from one moment to another. `observers` look after each step at what the system has made."""

    def __init__(self, territory_id: int, start: datetime, *, grace_minutes: int = 30) -> None:
        self.territory_id, self.now, self.grace = territory_id, start, grace_minutes
        self.observers: list[Step] = []
        self.counts: dict[str, int] = {}
        self._planned: list[_Planned] = []
        self._order = 0
        self._next_jobs: datetime | None = None
        self._upkeep_on = start

    def at(self, moment: datetime, step: Step) -> None:
        """Have something happen then; what is past happens next."""
        self._order += 1
        heapq.heappush(self._planned, _Planned(max(moment, self.now), self._order, step))

    def after(self, delay: timedelta, step: Step) -> None:
        self.at(self.now + delay, step)

    def run(self, until: datetime) -> None:
        """Let everything planned up to `until` happen, and stop there."""
        while True:
            next_step = self._planned[0].at if self._planned else None
            moments = [moment for moment in (next_step, self._next_jobs) if moment is not None]
            if not moments or min(moments) > until:
                break
            self.now = max(self.now, min(moments))
            with clock.at(self.now):
                if next_step is not None and next_step <= self.now:
                    step = heapq.heappop(self._planned).step
                    with walls.inside(self.territory_id):
                        step()
                    self._count("steps")
                self.jobs()
        self.now = max(self.now, until)
        with clock.at(self.now):
            self.jobs()

    def jobs(self) -> None:
        """Run the jobs that have something to do at this moment, then remember when the next will."""
        for _round in range(20):
            with walls.inside(self.territory_id):
                for observe in self.observers:
                    observe()
                with connection.cursor() as cursor:
                    cursor.execute(_DUE, {"now": self.now, "grace": self.grace})
                    *due, upcoming = cursor.fetchone()
            worked = False
            for is_due, (name, job) in zip(due, self._jobs(), strict=True):
                # The reminder and the question afterwards look by themselves whose hour it is: not each minute.
                if is_due and (name not in _SELDOM or self._may_again(name)):
                    worked = bool(job()) or worked
                    self._count(name)
            if not worked:
                break
        self._next_jobs = max(upcoming, self.now + timedelta(minutes=1)) if upcoming else None
        quarter = self.now + timedelta(minutes=30)
        if any(due[index] for index, (name, _job) in enumerate(self._jobs()) if name in _SELDOM):
            self._next_jobs = min(self._next_jobs or quarter, quarter)

    def _jobs(self) -> tuple[tuple[str, Step], ...]:
        territory_id = self.territory_id
        return (
            ("drain", self._drain),
            ("widen", lambda: widen_due(territory_id)),
            ("miss", lambda: visit_jobs.miss_due(territory_id)),
            ("remind", lambda: visit_jobs.remind_due(territory_id)),
            ("ask_after", lambda: visit_jobs.ask_after(territory_id)),
            ("climb", lambda: climb_due(territory_id)),
            ("care", lambda: care_for_territory(territory_id)),
        )

    def _drain(self) -> int:
        with walls.inside(self.territory_id):
            return drain(self.now)

    def _may_again(self, name: str) -> bool:
        key = f"last {name}"
        minute = int(self.now.timestamp() // 60)
        if minute - self.counts.get(key, -99) < 25:
            return False
        self.counts[key] = minute
        return True

    def rests_over(self) -> None:
        come_back_due(actor=Actor.job("volunteers.come_back_due", self.territory_id))

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


_SELDOM = frozenset({"remind", "ask_after"})
