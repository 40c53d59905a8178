"""Simulated time: what people do happens at its moment, and the jobs run between, each when something is due.

The territory itself is the real one: every step is an operation of the screens or a job of the worker, in a
transaction of its own behind the wall (or inside the one that the caller has opened).
"""

import gc
import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

# What is due now, by job, and when the next thing will be: one look at the partial indexes of open things. The
# conditions are those by which the jobs choose, so that none is started in vain.
_DUE = """
with planned as (
  select id, starts_at, ends_at, agreed_at, reminded_at, asked_after_at, neighbour_says,
    ends_at + make_interval(mins => %(grace)s) as missed_at,
    date_trunc('day', case when is_flexible then ends_at - interval '1 second' else starts_at end at time zone %(zone)s)
      at time zone %(zone)s as day
  from visits_visit where closed_at is null
), done as (
  select v.proof, v.proved_at, v.ends_at, v.asked_after_at, v.neighbour_says, v.person_says
  from needs_need n join visits_visit v on v.need_id = n.id
  where n.closed_at is null and n.state = 'to_conclude' and v.state = 'done'
), moments as (
  select 'drain' as job, min(due_at) as at from messaging_message where state = 'queued'
  union all select 'widen', min(answers_by) from matching_wave where closed_at is null
  union all select 'miss', min(missed_at) from planned where not exists (
    select 1 from duties_duty d where d.subject_kind = 'visits.visit' and d.subject_id = planned.id
    and d.kind = 'prove_visit' and d.settled_at is null)
  union all select 'remind', min(day - interval '7 hours') from planned
    where reminded_at is null and agreed_at < day - interval '7 hours' and day > %(now)s
  union all select 'ask_after', min(ends_at) from planned
    where asked_after_at is null and neighbour_says = '' and ends_at > %(now)s - interval '24 hours'
  union all select 'ask_after', min(proved_at + interval '31 minutes') from done
    where asked_after_at is null and neighbour_says = '' and proof in ('telecare', 'call') and ends_at > %(now)s - interval '24 hours'
      and proved_at + interval '31 minutes' < ends_at + interval '24 hours'
  union all select 'ask_after', min(proved_at + interval '48 hours') from done where neighbour_says = '' and person_says in ('well', 'so_so')
  union all select 'climb', min(climbs_at) from duties_duty where settled_at is null
  union all select 'care', min(created_at) from messaging_message
    where state in ('failed', 'unclear') and not needs_care and closed_at is null
)
select job, min(at) from moments where at is not null group by job
"""


def hurry() -> None:
    """Settings of this session, for a long life in a short time.

    A crash would lose the last moments of an invented life, which is begun again anyway. The relations of a thing are
    joined as they are written: trying all orders of ten tables takes the planner longer than the reading.
    """
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        cursor.execute("set join_collapse_limit = 3")
    # Millions of small things that live on: looking for garbage among them again and again finds none.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@dataclass(order=True)
class _Planned:
    at: datetime
    order: int
    step: Step = field(compare=False)
    quiet: bool = field(default=False, compare=False)


class Life:
    """A territory's life from one moment to another. `observers` look after each step at what the system has made."""

    def __init__(self, territory_id: int, start: datetime, *, grace_minutes: int = 30) -> None:
        self.territory_id, self.now, self.grace = territory_id, start, grace_minutes
        self.observers: list[Step] = []
        self.counts: dict[str, int] = {}
        self._planned: list[_Planned] = []
        self._order = 0
        self._next_jobs: datetime | None = None

    def at(self, moment: datetime, step: Step, *, quiet: bool = False) -> None:
        """Have something happen then; what is past happens next. `quiet`: no job has anything to do because of it."""
        self._order += 1
        heapq.heappush(self._planned, _Planned(max(moment, self.now), self._order, step, quiet))

    def after(self, delay: timedelta, step: Step, *, quiet: bool = False) -> None:
        self.at(self.now + delay, step, quiet=quiet)

    def run(self, until: datetime) -> None:
        """Let everything planned up to `until` happen, and stop there.

        Each step and each job is a transaction of its own, unless the caller has opened one.
        """
        with self._behind_the_wall():
            if self._next_jobs is None:
                # What was there before this life began has its moments too.
                with clock.at(self.now):
                    self.jobs()
            while True:
                next_step = self._planned[0].at if self._planned else None
                moments = [moment for moment in (next_step, self._next_jobs) if moment is not None]
                if not moments or min(moments) > until:
                    break
                self.now = max(self.now, min(moments))
                with clock.at(self.now):
                    quiet = False
                    if next_step is not None and next_step <= self.now:
                        planned = heapq.heappop(self._planned)
                        planned.step()
                        quiet = planned.quiet
                        self._count("steps")
                    if not quiet or (self._next_jobs is not None and self._next_jobs <= self.now):
                        self.jobs()
            self.now = max(self.now, until)
            with clock.at(self.now):
                self.jobs()

    @contextmanager
    def _behind_the_wall(self) -> Iterator[None]:
        """The whole session stands behind this territory's wall, so that an operation opens its own transaction."""
        if connection.in_atomic_block:
            with walls.inside(self.territory_id):
                yield
            return
        with connection.cursor() as cursor:
            cursor.execute("select set_config('palier.territory', %s, false)", [str(self.territory_id)])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('palier.territory', '', false)")

    def jobs(self) -> None:
        """Run the jobs that have something to do at this moment, then remember when the next will."""
        for _round in range(20):
            for observe in self.observers:
                observe()
            with connection.cursor() as cursor:
                cursor.execute(_DUE, {"now": self.now, "grace": self.grace, "zone": clock.PARIS.key})
                moments = dict(cursor.fetchall())
            due = [name for name, at in moments.items() if at <= self.now]
            if not due or not any([self._work(name) for name in _ORDER if name in due]):
                break
        later = [max(at, self.now + timedelta(minutes=2)) for at in moments.values()]
        self._next_jobs = min(later) if later else None

    def _work(self, name: str) -> bool:
        self._count(name)
        match name:
            case "drain":
                return bool(self._drain())
            case "widen":
                return bool(widen_due(self.territory_id))
            case "miss":
                return bool(visit_jobs.miss_due(self.territory_id))
            case "remind":
                return bool(visit_jobs.remind_due(self.territory_id))
            case "ask_after":
                return bool(visit_jobs.ask_after(self.territory_id))
            case "climb":
                return bool(climb_due(self.territory_id))
            case _:
                return bool(care_for_territory(self.territory_id))

    def _drain(self) -> int:
        with walls.inside(self.territory_id):
            return drain(self.now)

    def rests_over(self) -> None:
        come_back_due(actor=Actor.job("volunteers.come_back_due", self.territory_id))

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


# Messages leave first: a question that waited beside the job that gives up on it would be lost in vain.
_ORDER = ("drain", "widen", "miss", "remind", "ask_after", "climb", "care")
