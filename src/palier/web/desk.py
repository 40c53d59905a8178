"""Who sits at the desk: found in two statements for each request, with what the rail shows."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from markupsafe import Markup

from palier.accounts.actor import Actor
from palier.accounts.models import Role, User
from palier.kernel import clock, statements
from palier.kernel.text import initials
from palier.web.jinja import gettext as _
from palier.web.jinja import ours

# In the order of the model, as `from_db` wants them.
_WANTED = {
    "id",
    "email",
    "password",
    "first_name",
    "last_name",
    "language",
    "text_size",
    "theme",
    "is_active",
}
USER_FIELDS = tuple(field.attname for field in User._meta.concrete_fields if field.attname in _WANTED)

# By primary key, then by keys of its rows: two index probes. Before any wall.
SESSION = f"""
select s.session_data, s.expire_date, s.seen_at, s.membership_id, s.territory_id,
       {", ".join(f"u.{name}" for name in USER_FIELDS)},
       exists (select 1 from mfa_authenticator a where a.user_id = u.id and a.type in ('totp', 'webauthn'))
from accounts_session s join accounts_user u on u.id = s.user_id
where s.session_key = %s
"""

# Behind the wall: the membership as it is at this moment (SEC-03), and the counts of the rail, which says « 99+ » rather
# than have each page count four thousand rows.
PLACE = """
select m.id, m.role, m.team_id, m.title, o.id, o.kind, o.name, o.short_name, t.name, t.sender_name, t.public_phone,
       (select count(*) from (select 1 from duties_duty d where d.settled_at is null and d.owner_id = m.id and d.due_at < %s
                               limit 100) found),
       (select count(*) from (select 1 from needs_need n where n.closed_at is null and n.territory_id = t.id limit 100) found),
       (select count(*) from (select 1 from concerns_concern c where c.closed_at is null and c.territory_id = t.id limit 100) found),
       t.timezone, t.holidays_zone, t.note_of_the_day, t.note_by, t.note_at,
       exists (select 1 from register_designation g where g.membership_id = m.id and g.starts_at <= %s and g.ends_at > %s)
from accounts_membership m
join territories_organisation o on o.id = m.organisation_id
join territories_territory t on t.id = m.territory_id
where m.id = %s and m.user_id = %s and m.starts_at <= %s and (m.ends_at is null or m.ends_at > %s) and o.is_active
"""


@dataclass(slots=True)
class Sitting:
    """A session's row with its user."""

    data: str
    expires_at: datetime
    seen_at: datetime
    membership_id: int | None
    territory_id: int | None
    user: User
    has_second_factor: bool


def find_session(key: str) -> Sitting | None:
    """The first words with the database in a request: a connection that died meanwhile is replaced, once."""
    try:
        row = statements.row(SESSION, [key])
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        row = statements.row(SESSION, [key])
    # It has just answered: Django need not ask it again whether it lives.
    connection.health_check_done = True  # type: ignore[attr-defined]
    if row is None:
        return None
    user = User.from_db("default", USER_FIELDS, row[5:-1])
    return Sitting(row[0], row[1], row[2], row[3], row[4], user, row[-1])


@dataclass(slots=True)
class Desk:
    """The person, the place they work in, and what every page of theirs shows."""

    actor: Actor
    user: User
    title: str
    organisation_name: str
    territory_name: str
    sender_name: str
    public_phone: str
    duties: int
    needs: int
    concerns: int
    timezone: str
    holidays_zone: str
    note_of_the_day: str
    note_by: str
    note_at: datetime | None
    # Named in a register now: the rail leads there.
    is_named: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def name(self) -> str:
        return self.actor.name

    @property
    def initials(self) -> str:
        return initials(self.actor.name)

    @property
    def role_label(self) -> str:
        return self.title or str(Role(self.actor.role).label)

    def for_pages(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "actor": self,
            "me": self.actor,
            "territory": {
                "name": self.territory_name,
                "sender_name": self.sender_name,
                "public_phone": self.public_phone,
            },
            "display": {"theme": self.user.theme, "text": self.user.text_size},
            "rail_html": self._rail_text(request),
            "words_html": words_text(translation.get_language() or "fr"),
            "live_url": f"{settings.LIVE_URL}/live/" if settings.LIVE_URL and self.actor.is_desk else "",
            "poll_url": _address("live_poll") if self.actor.is_desk else "",
        }

    def _rail_text(self, request: HttpRequest) -> Markup:
        entries = tuple(tuple(entry.items()) for entry in self.rail(request))
        return rail_text(
            translation.get_language() or "fr",
            entries,
            (self.name, self.initials, str(self.role_label), self.organisation_name),
            (self.user.theme, self.user.text_size),
        )

    def rail(self, request: HttpRequest) -> list[dict[str, Any]]:
        match = request.resolver_match
        section = getattr(match.func, "section", "") if match else ""
        actor = self.actor
        entries: list[tuple[str, str, str, str, int]] = []
        if actor.is_desk:
            entries = [
                ("today", "list", _("Aujourd’hui"), "today", self.duties),
                ("phone", "phone-in", _("Téléphone"), "phone_desk", 0),
                ("needs", "heart", _("Besoins"), "needs", self.needs),
                ("concerns", "alert", _("Signalements"), "concerns", self.concerns),
                ("people", "users", _("Personnes"), "people", 0),
                *(
                    [("registers", "shield", _("Registres"), "registers", 0)]
                    if self.is_named or actor.grants_compartments
                    else []
                ),
                ("volunteers", "door", _("Voisins"), "volunteers", 0),
                ("figures", "chart", _("Chiffres"), "figures", 0),
            ]
        if actor.role == Role.PARTNER:
            entries.append(("referrals", "list", _("Demandes confiées"), "referrals", 0))
        if actor.role == Role.OPERATOR:
            entries.append(("telecare", "bell", _("Événements"), "telecare_events", 0))
        if actor.administers:
            entries.append(("team", "gear", _("Équipe"), "team", 0))
        if settings.DEMO and actor.is_desk:
            entries.append(("demo", "chat", _("Téléphones de démonstration"), "demo_phones", 0))
        return [
            {
                "key": key,
                "icon": icon,
                "label": label,
                "url": address,
                "count": number,
                "current": key == section,
            }
            for key, icon, label, name, number in entries
            if (address := _address(name))
        ]


# The rail holds nothing of the session, so that it is the same text until a count, a place or a setting changes.
@lru_cache(maxsize=512)
def rail_text(
    language: str,
    entries: tuple[tuple[tuple[str, Any], ...], ...],
    who: tuple[str, str, str, str],
    display: tuple[str, str],
) -> Markup:
    rail = ours().get_template("ui/rail.html")
    return Markup(
        rail.render(
            rail=[dict(entry) for entry in entries],
            actor=dict(zip(("name", "initials", "role_label", "organisation_name"), who, strict=True)),
            display={"theme": display[0], "text": display[1]},
        )
    )


@lru_cache(maxsize=8)
def words_text(language: str) -> Markup:
    """The sentences the script shows, the same on every page that says no other."""
    return Markup(ours().get_template("ui/words.html").render())


def find_desk(sitting: Sitting, at: datetime) -> Desk | None:
    """Behind the wall already entered: the live membership of the session, or None when it ended."""
    return desk_of(sitting, statements.rows(*place_of(sitting, at)))


def place_of(sitting: Sitting, at: datetime) -> tuple[str, list[Any]]:
    """What `desk_of` needs to be asked behind the wall."""
    # What is for today, as the board counts it: until midnight of the people who read it.
    tomorrow = datetime.combine(clock.today() + timedelta(days=1), time.min, clock.PARIS)
    return PLACE, [tomorrow, at, at, sitting.membership_id, sitting.user.pk, at, at]


def desk_of(sitting: Sitting, found: statements.Rows) -> Desk | None:
    if not found or sitting.territory_id is None:
        return None
    row = found[0]
    actor = Actor(
        kind="member",
        territory_id=sitting.territory_id,
        name=sitting.user.get_full_name(),
        membership_id=row[0],
        user_id=sitting.user.pk,
        organisation_id=row[4],
        organisation_kind=row[5],
        role=row[1],
        team_id=row[2],
    )
    return Desk(actor, sitting.user, row[3], row[6], *row[8:])


@lru_cache(maxsize=64)
def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
