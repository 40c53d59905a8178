"""The calendar file of a visit, read back as a neighbour's telephone reads it."""

from datetime import date, timedelta

import icalendar
import pytest

from palier.kernel import clock
from palier.visits import operations
from palier.visits.calendar import ics
from tests import factories, flow

pytestmark = pytest.mark.django_db


def read(visit):
    data = ics(visit)
    calendar = icalendar.Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    return calendar, event, data


def visit_on(belrive, bruno, day, start, end, **fields):
    odette = factories.person(belrive, **fields.pop("person", {}))
    michel = factories.volunteer(belrive, free=tuple((d, "00:00", "23:59") for d in range(7)))
    return flow.agreed_visit(
        odette,
        michel,
        bruno,
        starts_at=factories.local(*day, *start),
        ends_at=factories.local(*day, *end),
        **fields,
    )


def test_the_file_says_first_name_and_town_and_nothing_else(belrive, bruno):
    visit = visit_on(belrive, bruno, (2026, 11, 14), (9, 0), (12, 0))
    calendar, event, data = read(visit)
    assert str(event["summary"]) == "Visite : Odette (Belrive)"
    assert calendar["method"] == "PUBLISH"
    text = data.decode()
    for secret in ("Marchand", "Tilleuls", "02 61", "33261914720", "Lait"):
        assert secret not in text
    assert event["dtstamp"].dt == clock.now()


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ((2026, 11, 14), (9, 0), (12, 0)),
        # The night clocks go forward, and the one they go back.
        ((2027, 3, 28), (1, 30), (4, 0)),
        ((2027, 10, 31), (0, 30), (10, 0)),
        ((2026, 12, 31), (22, 0), (23, 30)),
    ],
)
def test_the_hours_survive_the_way_there_and_back(belrive, bruno, day, start, end):
    moment = factories.local(*day, *start) - timedelta(days=3)
    with clock.at(moment.replace(hour=10)):
        visit = visit_on(belrive, bruno, day, start, end)
        _calendar, event, data = read(visit)
    assert event["dtstart"].dt == visit.starts_at and event["dtend"].dt == visit.ends_at
    assert str(event["dtstart"].params["TZID"]) == "Europe/Paris"
    assert b"BEGIN:VTIMEZONE" in data and b"TZID:Europe/Paris" in data


def test_lines_are_folded_at_seventy_five_octets_even_inside_accents(belrive, bruno):
    visit = visit_on(
        belrive,
        bruno,
        (2026, 11, 14),
        (9, 0),
        (12, 0),
        person={"first_name": "Éléonore-Hélène-Gaëlle-Béatrice-Zoé", "city": "Saint-Éloi-lès-Mines"},
    )
    _calendar, event, data = read(visit)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert "Éléonore-Hélène-Gaëlle-Béatrice-Zoé" in str(event["summary"])


def test_this_week_is_a_line_without_hours_that_keeps_nobody_busy(belrive, bruno):
    odette, michel = factories.person(belrive), factories.volunteer(belrive)
    visit = flow.agreed_visit(
        odette,
        michel,
        bruno,
        is_flexible=True,
        starts_at=factories.local(2026, 11, 16, 0),
        ends_at=factories.local(2026, 11, 21, 0),
    )
    _calendar, event, data = read(visit)
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 16), date(2026, 11, 21))
    assert event["transp"] == "TRANSPARENT" and b"VTIMEZONE" not in data


def test_a_visit_called_off_takes_itself_out_of_the_calendar(belrive, bruno):
    visit = visit_on(belrive, bruno, (2026, 11, 14), (9, 0), (12, 0))
    _calendar, before, _data = read(visit)
    visit = operations.cancel(visit.pk, actor=bruno)
    calendar, after, _data = read(visit)
    assert calendar["method"] == "CANCEL" and after["status"] == "CANCELLED"
    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) > int(before["sequence"])
