"""The queue's own jobs: following the journal, and giving a killed worker's jobs back."""

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app

from palier.journal.models import Entry
from palier.journal.operations import follow
from palier.territories import walls

logger = logging.getLogger("palier.jobs")


@app.task(name="journal.follow", queue="notices", retry=5)
def follow_entry(*, territory_id: int, entry_id: int) -> None:
    """Run the followers of one journal entry behind its own wall."""
    with walls.inside(territory_id):
        follow(entry_id)


def enqueue_followers(entry: Entry) -> None:
    """Queue in the entry's own transaction: it is there if and only if the change is."""
    follow_entry.defer(territory_id=entry.territory_id, entry_id=entry.pk)


@app.periodic(cron="* * * * *")
@app.task(
    name="queue.give_back_stalled", queue="upkeep", queueing_lock="queue.give_back_stalled", pass_context=True
)
async def give_back_stalled(context: JobContext, timestamp: int) -> None:
    """A job of a worker that was killed stays `doing`; the queue does not give it back by itself."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=30):
        logger.warning("job %s given back", job.id)
        await app.job_manager.retry_job(job)
