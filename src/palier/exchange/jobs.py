"""The long work on a file: asked for in the transaction of the click, done by the worker, and again if it was killed.

Each is one transaction and looks at the state first, so that running twice does it once. A job knows the import and who
asked; their rights are read again when it runs.
"""

import logging
from collections.abc import Callable

from procrastinate.contrib.django import app

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.exchange import operations
from palier.exchange.models import Import
from palier.exchange.operations.applying import stopped
from palier.territories import walls

logger = logging.getLogger("palier.exchange")

# So few lines are checked while the page is being asked for.
AT_ONCE = 400


@app.task(name="exchange.check", queue="exchange", retry=2)
def check(*, territory_id: int, import_id: int, membership_id: int | None) -> None:
    _run(operations.check, territory_id, import_id, membership_id, back_to=Import.State.UPLOADED)


@app.task(name="exchange.apply", queue="exchange", retry=2)
def apply(*, territory_id: int, import_id: int, membership_id: int | None) -> None:
    _run(operations.apply, territory_id, import_id, membership_id, back_to=Import.State.READY)


@app.task(name="exchange.take_back", queue="exchange", retry=2)
def take_back(*, territory_id: int, import_id: int, membership_id: int | None) -> None:
    _run(operations.take_back, territory_id, import_id, membership_id, back_to=Import.State.APPLIED)


def begin_check(import_id: int, *, actor: Actor) -> Import:
    """Check the lines: at once for a short list, as a job for a long one."""
    made = operations.ask_check(import_id, actor=actor)
    rows = max((int(sheet["rows"]) for sheet in made.sheets if sheet["number"] == made.sheet), default=0)
    if made.size < 40_000 and rows <= AT_ONCE:
        return operations.check(import_id, actor=actor)
    _queue(check, made, actor)
    return made


def begin_apply(import_id: int, *, actor: Actor) -> Import:
    made = operations.ask_apply(import_id, actor=actor)
    if made.state == Import.State.APPLYING:
        _queue(apply, made, actor)
    return made


def begin_take_back(import_id: int, *, actor: Actor) -> Import:
    made = operations.ask_take_back(import_id, actor=actor)
    if made.state == Import.State.TAKING_BACK:
        _queue(take_back, made, actor)
    return made


def _queue(task: "Callable[..., None]", made: Import, actor: Actor) -> None:
    task.defer(territory_id=made.territory_id, import_id=made.pk, membership_id=actor.membership_id)  # type: ignore[attr-defined]


def _run(
    work: Callable[..., Import], territory_id: int, import_id: int, membership_id: int | None, *, back_to: str
) -> None:
    with walls.inside(territory_id):
        actor = _actor(territory_id, membership_id)
    if actor is None:
        # Who asked does not work here any more: nobody may do it in their name.
        with walls.inside(territory_id):
            stopped(import_id, back_to=back_to, actor=Actor.job("exchange", territory_id))
        return
    try:
        with walls.inside(territory_id):
            work(import_id, actor=actor)
    except Exception:
        logger.exception("import %s of territory %s stopped", import_id, territory_id)
        with walls.inside(territory_id):
            stopped(import_id, back_to=back_to, actor=Actor.job("exchange", territory_id))


def _actor(territory_id: int, membership_id: int | None) -> Actor | None:
    if membership_id is None:
        return Actor.job("exchange", territory_id)
    found = Membership.objects.live().select_related("user", "organisation").filter(pk=membership_id).first()
    return Actor.member(found) if found is not None else None
