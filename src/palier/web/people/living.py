"""How she lives, for her file: read in one statement beside the head of the file, and laid out as a week."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from palier.accounts.actor import Actor
from palier.kernel import text
from palier.kernel.ranges import week_of
from palier.people.living import Away, HomeSecret, Objection, Presence, Protection
from palier.people.sight import seen
from palier.people.sight import values as sight_of
from palier.web.jinja import gettext as _

NOTES = 5
CALLS = 10

# Each inner select is a probe by her number. `seen_note`: shared, or hers who reads, or the coordination's.
LIVING = f"""
select
  (select coalesce(json_agg(json_build_array(r.id, r.who, r.kind, r.days, r.at, r.part, r.is_ours) order by r."order", r.id), '[]')
   from people_presence r where r.person_id = p.id),
  (select coalesce(json_agg(json_build_array(a.id, a.reason, a.starts_on, a.ends_on, a.ask_on, a.told_by) order by a.starts_on, a.id), '[]')
   from people_away a where a.person_id = p.id and a.closed_at is null),
  (select coalesce(json_agg(json_build_array(s.id, s.kind) order by s.kind, s.id), '[]')
   from people_homesecret s where s.person_id = p.id),
  (select json_build_array(m.measure, m.through_them, m.since, m.until, c.name, c.phone)
   from people_protection m left join people_contact c on c.id = m.representative_id
   where m.person_id = p.id and m.ended_at is null),
  (select coalesce(json_agg(json_build_array(h.id, h.first_name, h.last_name, h.state, h.title) order by h.search_text, h.id), '[]')
   from people_person h where h.household_id = p.household_id and h.id <> p.id and {seen("h")}),
  (select coalesce(json_agg(json_build_array(h.id, h.first_name, h.last_name, f.e164) order by h.search_text, h.id), '[]')
   from people_phonenumber f join people_phonenumber g on g.territory_id = f.territory_id and g.e164 = f.e164 and g.person_id <> f.person_id
   join people_person h on h.id = g.person_id and {seen("h")} where f.person_id = p.id),
  (select coalesce(json_agg(json_build_array(l.to, l.at) order by l.to), '[]') from (
     select distinct on ("to") "to", holds, at from people_objection where person_id = p.id order by "to", at desc, id desc) l
   where l.holds),
  (select coalesce(json_agg(n), '[]') from (
     select json_build_array(n.id, n.text, n.is_confidential, n.author_name, n.at, n.author_id) as n from people_note n
     where n.person_id = p.id and n.withdrawn_at is null
       and (not n.is_confidential or %(coordinates)s or n.author_id = %(me)s)
     order by n.at desc, n.id desc limit %(notes)s) listed),
  (select coalesce(json_agg(json_build_array(c.id, c.why, c.due_at, u.first_name, u.last_name, d.first_name, d.last_name) order by c.due_at, c.id), '[]')
   from calls_plannedcall c
   left join duties_duty o on o.subject_kind = 'calls.plannedcall' and o.subject_id = c.id and o.settled_at is null
   left join accounts_membership m on m.id = o.owner_id left join accounts_user u on u.id = m.user_id
   left join accounts_membership n on n.id = m.deputy_id left join accounts_user d on d.id = n.user_id
   where c.person_id = p.id and c.closed_at is null),
  (select coalesce(json_agg(json_build_array(v.id, w.first_name || ' ' || w.last_name, v.starts_at, v.state) order by v.starts_at, v.id), '[]')
   from visits_visit v join volunteers_volunteer w on w.id = v.volunteer_id
   where v.person_id = p.id and v.state in ('planned', 'done') and v.starts_at >= %(week_start)s and v.starts_at < %(week_end)s),
  (select coalesce(json_agg(json_build_array(c.rang_at, c.state) order by c.rang_at, c.id), '[]') from (
     select id, rang_at, state from calls_call where person_id = p.id and direction = 'outbound' and state in ('logged', 'set_aside')
     order by rang_at desc, id desc limit %(calls)s) c),
  p.needs_interpreter, p.left_on,
  exists (select 1 from duties_duty d where d.person_id = p.id and d.settled_at is null and (d.owner_id = %(me)s or d.raised_to_id = %(me)s)),
  exists (select 1 from calls_call c where c.person_id = p.id and c.answered_by_id = %(me)s and c.rang_at > %(lately)s),
  exists (select 1 from journal_access a where a.object_kind = 'people.person' and a.object_id = p.id
          and a.membership_id = %(me)s and a.reason <> '' and a.at > %(lately)s),
  exists (select 1 from duties_duty d where d.subject_kind = 'people.person' and d.subject_id = p.id and d.kind = 'condolences' and d.settled_at is null)
from people_person p where p.id = %(person)s and {seen("p")}
"""


@dataclass(slots=True)
class Row:
    """Somebody in the table of the week, with what stands under each day."""

    who: str
    how: str
    cells: list[str] = field(default_factory=lambda: [""] * 7)
    is_neighbour: bool = False


@dataclass(slots=True)
class Week:
    """A usual week, with what this one adds to it."""

    days: list[date]
    today: int
    rows: list[Row]
    counts: list[int]
    away: list[bool]
    alone: list[int]
    sentence: str
    propose_on: date | None
    propose_day: str


def asked(person_id: int, actor: Actor, now: datetime, zone: ZoneInfo) -> tuple[str, dict[str, Any]]:
    """The statement of a file's living part, for `statements.together`."""
    week = week_of(now.astimezone(zone).date(), zone)
    return LIVING, {
        "person": person_id,
        "me": actor.membership_id,
        "coordinates": actor.coordinates,
        "notes": NOTES,
        "calls": CALLS,
        "week_start": week.start,
        "week_end": week.end,
        "lately": now - timedelta(hours=12),
        **sight_of(actor),
    }


def read(row: tuple[Any, ...], now: datetime, zone: ZoneInfo, *, is_woman: bool) -> dict[str, Any]:
    """What the page shows of it, in words."""
    (presences, aways, secrets, protection, household, sharing, objections, notes, planned, visits, calls,
     needs_interpreter, left_on, has_duty, has_call, has_said_why, owes_condolences) = row  # fmt: skip
    today = now.astimezone(zone).date()
    absences = [_away(one, today, is_woman=is_woman) for one in aways]
    week = _week(presences, visits, planned, aways, today, zone, is_woman=is_woman)
    rhythm = [r for r in presences if r[6]]
    return {
        "week": week,
        "presences": len(presences),
        "absences": absences,
        "away": next((one for one in absences if one["now"]), None),
        "secrets": [
            {"id": s[0], "label": str(dict(HomeSecret.Kind.choices)[s[1]])} for s in secrets
        ],
        "protection": _protection(protection),
        "household": [
            {"id": h[0], "name": f"{h[1]} {h[2]}".strip(), "state": h[3], "is_woman": h[4] != "monsieur"} for h in household
        ],
        "sharing": [{"id": s[0], "name": f"{s[1]} {s[2]}".strip(), "phone": s[3]} for s in sharing],
        "objections": [
            {"label": str(dict(Objection.To.choices)[o[0]]), "at": datetime.fromisoformat(o[1])} for o in objections
        ],
        "notes": [
            {"id": n[0], "text": n[1], "confidential": n[2], "author": n[3], "at": datetime.fromisoformat(n[4]), "author_id": n[5]}
            for n in notes
        ],
        "rhythm": ", ".join(_rhythm(r) for r in rhythm),
        "rhythm_tag": _rhythm_tag(rhythm, is_woman=is_woman),
        "next_call": _next(planned, rhythm, today, zone),
        "calls": [{"at": datetime.fromisoformat(c[0]), "answered": c[1] == "logged"} for c in calls],
        "needs_interpreter": needs_interpreter,
        "left_on": left_on,
        "asks_why": not (has_duty or has_call or has_said_why),
        "owes_condolences": owes_condolences,
    }  # fmt: skip


def day_names() -> list[str]:
    return [_("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche")]


def day_heads() -> list[str]:
    return [_("Lun"), _("Mar"), _("Mer"), _("Jeu"), _("Ven"), _("Sam"), _("Dim")]


def listed(names: list[str]) -> str:
    """« lundi et jeudi », « lundi, mardi et jeudi »."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s et %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _hour(at: str | None, part: str) -> str:
    if at:
        return text.hour(time.fromisoformat(at))
    return str(dict(Presence.Part.choices)[part]) if part else _("oui")


def _week(
    presences: list[Any], visits: list[Any], planned: list[Any], aways: list[Any], today: date, zone: ZoneInfo, *, is_woman: bool
) -> Week:  # fmt: skip
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    kinds = dict(Presence.Kind.choices)
    rows: list[Row] = []
    for _pk, who, kind, on, at, part, _ours in presences:
        row = Row(who, str(kinds[kind]))
        for number in on:
            row.cells[number] = _hour(at, part)
        rows.append(row)
    # This week's own: a neighbour's visit, a call that is owed.
    for who, how, moment, is_neighbour in (
        *((v[1], _("visite"), v[2], True) for v in visits),
        *((_("CCAS"), _("rappel prévu"), c[2], False) for c in planned),
    ):
        local = datetime.fromisoformat(moment).astimezone(zone)
        number = (local.date() - monday).days
        if not 0 <= number < 7:
            continue
        usual = str(kinds["visit"]) if is_neighbour else how
        found = next((r for r in rows if r.who == who and r.how in (how, usual)), None)
        if found is None:
            found = Row(who, how, is_neighbour=is_neighbour)
            rows.append(found)
        found.is_neighbour = found.is_neighbour or is_neighbour
        found.cells[number] = found.cells[number] or text.hour(local)
    away = [
        any(
            date.fromisoformat(a[2]) <= day and (a[3] is None or day <= date.fromisoformat(a[3]))
            for a in aways
        )
        for day in days
    ]
    counts = [sum(1 for row in rows if row.cells[number]) for number in range(7)]
    alone = [number for number in range(7) if not counts[number] and not away[number]]
    names = day_names()
    if not rows:
        sentence = _("Personne n’est noté : ses jours ne sont pas connus.")
    elif len(alone) == 7:
        sentence = _("Personne, aucun jour de la semaine.")
    elif alone:
        said = text.capital(listed([names[number] for number in alone]))
        sentence = _("%(days)s, personne.") % {"days": said}
    else:
        sentence = _("Quelqu’un chaque jour.")
    first = alone[0] if rows and alone else None
    ahead = None if first is None else today + timedelta(days=(first - today.weekday()) % 7)
    return Week(
        days, today.weekday(), rows, counts, away, alone, sentence, ahead, names[first] if first is not None else ""
    )  # fmt: skip


def _away(row: Any, today: date, *, is_woman: bool) -> dict[str, Any]:
    pk, reason, starts, ends, ask, told_by = row
    starts_on = date.fromisoformat(starts)
    ends_on = date.fromisoformat(ends) if ends else None
    label = str(dict(Away.Reason.choices)[reason])
    if reason == Away.Reason.OTHER and not is_woman:
        label = _("absent")
    if ends_on is not None:
        when = _("du %(first)s au %(last)s") % {
            "first": text.day(starts_on, today),
            "last": text.day(ends_on, today),
        }
    else:
        when = _("depuis le %(first)s") % {"first": text.day(starts_on, today)}
        if starts_on > today:
            when = _("à partir du %(first)s") % {"first": text.day(starts_on, today)}
    return {
        "id": pk,
        "label": text.capital(label),
        "when": when,
        "ask_on": date.fromisoformat(ask),
        "told_by": told_by,
        "open_end": ends_on is None,
        "now": starts_on <= today and (ends_on is None or today <= ends_on),
        "over": ends_on is not None and ends_on < today,
        "to_ask": ends_on is None and date.fromisoformat(ask) <= today,
    }


def _protection(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    measure, through_them, _since, until, name, phone = row
    return {
        "measure": str(dict(Protection.Measure.choices)[measure]),
        "through_them": through_them,
        "until": date.fromisoformat(until) if until else None,
        "name": name or "",
        "phone": phone or "",
    }


def _rhythm(row: Any) -> str:
    names = day_names()
    days = text.capital(listed([names[number] for number in row[3]]))
    if row[4]:
        return _("%(days)s, vers %(hour)s") % {"days": days, "hour": text.hour(time.fromisoformat(row[4]))}
    if row[5]:
        return _("%(days)s, %(part)s") % {"days": days, "part": dict(Presence.Part.choices)[row[5]]}
    return days


def _rhythm_tag(rhythm: list[Any], *, is_woman: bool) -> str:
    days = sorted({number for row in rhythm for number in row[3]})
    if not days:
        return ""
    names = day_names()
    said = listed([names[number] for number in days])
    return (_("Appelée %(days)s") if is_woman else _("Appelé %(days)s")) % {"days": said}


def _next(planned: list[Any], rhythm: list[Any], today: date, zone: ZoneInfo) -> dict[str, Any] | None:
    if planned:
        _pk, _why, due, first, last, deputy_first, deputy_last = planned[0]
        return {
            "at": datetime.fromisoformat(due),
            "owner": f"{first} {last}" if first else "",
            "deputy": f"{deputy_first} {deputy_last}" if deputy_first else "",
        }
    return None
