"""What changed since a cursor, for desks without a stream: bounded reads by primary key, numbers only.

Two kinds of cursor. Ours, `i<floor>.<seen>…~<fingerprint>`: journal lines are numbered before they commit, so that a
line may become visible after a later one; the last ones are looked at again, and those already told are remembered
by their distance from the floor. A stream's, `t<milliseconds>`: the moment of the last event it carried.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

# How many numbers back a line may still appear; the pages' transactions are far shorter than that.
LOOK_BACK = 200
# A stream that broke: how many numbers back its moment is looked for, and what a commit may take.
STREAM_LOOK_BACK = 2000
SLACK = timedelta(seconds=3)
AT_MOST = 50

LAST = "select last_value from journal_entry_id_seq"
LINES = """
select id, subject_kind, subject_id from journal_entry
where id > %s and at > %s order by id desc limit 500
"""
OPEN_CALLS = "select id, state from calls_call where closed_at is null order by rang_at, id limit 100"

_OURS = re.compile(r"i(\d{1,18})((?:\.[0-9a-z]{1,4}){0,500})~([0-9a-f]{0,12})")
_STREAMS = re.compile(r"t(\d{1,15})")
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
# As `journal.live` names it.
CALL = "call"


@dataclass(frozen=True, slots=True)
class News:
    events: list[dict[str, str | int]]
    last: str


def news_since(cursor: str) -> News:
    """What changed in this territory; an empty or unreadable cursor begins at the present."""
    ours, streams = _OURS.fullmatch(cursor), _STREAMS.fullmatch(cursor)
    with connection.cursor() as sql:
        sql.execute(LAST)
        last = sql.fetchone()[0]
        floor, told, since, calls_then = max(0, last - LOOK_BACK), set(), _FIRST_MOMENT, None
        if ours:
            floor = min(int(ours[1]), last)
            told = {floor + int(step, 36) for step in ours[2].split(".")[1:]}
            calls_then = ours[3]
        elif streams:
            floor = max(0, last - STREAM_LOOK_BACK)
            since = datetime.fromtimestamp(int(streams[1]) / 1000, UTC) - SLACK
        sql.execute(LINES, [floor, since])
        lines = sql.fetchall()
        sql.execute(OPEN_CALLS)
        calls_now = hashlib.blake2s(repr(sql.fetchall()).encode(), digest_size=6).hexdigest()
    events: dict[tuple[str, int], None] = {}
    if ours or streams:
        for number, kind, subject in reversed(lines):
            if number not in told and kind != "calls.call":
                events[(kind, subject)] = None
    # Ringing and hanging up are no lines of the journal: the open calls are compared with what they were.
    if (ours or streams) and calls_now != calls_then:
        events[(CALL, 0)] = None
    next_floor = max(0, last - LOOK_BACK)
    seen = sorted(number - next_floor for number, _kind, _subject in lines if number > next_floor)
    steps = "".join(f".{_base36(step)}" for step in seen)
    return News(
        [{"kind": kind, "id": subject} for kind, subject in list(events)[-AT_MOST:]],
        f"i{next_floor}{steps}~{calls_now}",
    )


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        if not number:
            return digits
