"""Making what tests stand on. Rows that have an operation are made by it in the tests of that operation; here
they are made directly, with traits as keyword arguments. Everything is invented; numbers are of the fictional ranges."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from palier.accounts.actor import Actor
from palier.accounts.models import Membership, Role, User
from palier.calls.models import CallReason
from palier.kernel import clock
from palier.kernel.text import fold
from palier.people.indexing import index_person, search_text_of
from palier.people.models import CompartmentGrant, Consent, Person, PhoneNumber
from palier.register.models import Designation, Register, Undertaking
from palier.register.seeds import plant_register
from palier.territories.models import Commune, HelpKind, OpeningHours, Organisation, Team, Territory
from palier.volunteers.models import AcceptedKind, FreeTime, Volunteer

count = itertools.count(1)

KINDS = [
    ("shopping", "Courses", "de courses", 45, False),
    ("visit", "Visite de courtoisie", "d'une visite", 60, False),
    ("calls", "Appels réguliers", "d'appels", 20, True),
    ("paperwork", "Papiers", "d'aide pour des papiers", 45, False),
    ("repairs", "Petit bricolage", "d'un petit bricolage", 60, False),
]
REASONS = [
    ("talk", "Parler, être rassurée"),
    ("help", "Coup de main"),
    ("information", "Renseignement"),
    ("other", "Autre"),
]


def territory(code: str = "belrive", name: str = "Belrive", **fields: Any) -> Territory:
    """A town with its CCAS, a desk team, hours and the list of kinds; enter its wall before."""
    from palier.territories import walls

    made = Territory.objects.create(
        code=code,
        name=name,
        sender_name=f"CCAS {name}"[:11],
        public_phone="+33261910012",
        public_host=f"palier.{code}.example",
        **fields,
    )
    walls.enter(made.pk)
    ccas = Organisation.objects.create(
        territory=made,
        kind="ccas",
        name=f"CCAS de {name}",
        short_name="CCAS",
        phone="+33261910012",
        is_lead=True,
    )
    Commune.objects.create(territory=made, organisation=ccas, insee="45999", name=name, postcode="45990")
    Team.objects.create(territory=made, organisation=ccas, name="Accueil", answers_the_phone=True)
    OpeningHours.objects.bulk_create(
        OpeningHours(territory=made, organisation=ccas, weekday=day, opens_at="09:00", closes_at="17:00")
        for day in range(5)
    )
    HelpKind.objects.bulk_create(
        HelpKind(
            territory=made,
            code=c,
            name=n,
            in_a_message=m,
            usual_minutes=minutes,
            is_remote=remote,
            order=order,
        )
        for order, (c, n, m, minutes, remote) in enumerate(KINDS)
    )
    CallReason.objects.bulk_create(
        CallReason(territory=made, code=c, name=n, order=order) for order, (c, n) in enumerate(REASONS)
    )
    return made


def lead(territory: Territory) -> Organisation:
    return Organisation.objects.get(territory=territory, is_lead=True)


def member(
    territory: Territory,
    first_name: str = "Bruno",
    last_name: str = "Accueil",
    role: str = Role.AGENT,
    organisation: Organisation | None = None,
    **fields: Any,
) -> Membership:
    organisation = organisation or lead(territory)
    user = User.objects.create_user(
        email=f"{fold(first_name)}.{next(count)}@{territory.code}.example",
        password="une phrase longue pour entrer",
        first_name=first_name,
        last_name=last_name,
    )
    return Membership.objects.create(
        territory=territory,
        organisation=organisation,
        user=user,
        role=role,
        team=Team.objects.filter(organisation=organisation).first(),
        starts_at=clock.now() - timedelta(days=30),
        **fields,
    )


def actor(membership: Membership) -> Actor:
    return Actor.member(Membership.objects.select_related("user", "organisation").get(pk=membership.pk))


def person(
    territory: Territory,
    first_name: str = "Odette",
    last_name: str = "Marchand",
    *,
    phone: str | None = "+33261914720",
    agrees: bool = True,
    x: float | None = 620_000.0,
    y: float | None = 6_750_000.0,
    **fields: Any,
) -> Person:
    """Somebody who lives in the middle of the town and agreed to neighbours (`agrees`)."""
    values = {
        "title": "madame",
        "birth_on": date(1942, 3, 2),
        "street": "12 rue des Tilleuls",
        "postcode": "45990",
        "city": territory.name,
        "insee": "45999",
        "lives_alone": True,
    } | fields
    search = search_text_of(
        first_name=first_name, last_name=last_name, street=str(values["street"]), city=str(values["city"])
    )
    made = Person.objects.create(
        territory=territory,
        first_name=first_name,
        last_name=last_name,
        x=x,
        y=y,
        search_text=search,
        **values,
    )
    index_person(made, [phone] if phone else [], is_new=True)
    if phone:
        PhoneNumber.objects.create(territory=territory, person=made, e164=phone, raw=phone)
    if agrees:
        for purpose in Consent.Purpose:
            Consent.objects.create(
                territory=territory, person=made, purpose=purpose, is_given=True, noted_by="Alba"
            )
    return made


def volunteer(
    territory: Territory,
    first_name: str = "Michel",
    last_name: str = "Lefort",
    *,
    kinds: tuple[str, ...] = ("shopping", "visit", "calls", "paperwork", "repairs"),
    free: tuple[tuple[int, str, str], ...] | None = None,
    x: float = 620_100.0,
    y: float = 6_750_050.0,
    phone: str | None = None,
    **fields: Any,
) -> Volunteer:
    """A vetted neighbour a street away, free every day from 8 to 20."""
    values = {
        "state": Volunteer.State.ACTIVE,
        "gender": "man",
        "birth_on": date(1959, 5, 1),
        "identity_seen_on": date(2026, 1, 5),
        "interview_on": date(2026, 1, 5),
        "charter_signed_on": date(2026, 1, 5),
        "languages": ["fr"],
    } | fields
    made = Volunteer.objects.create(
        territory=territory,
        first_name=first_name,
        last_name=last_name,
        phone=phone or f"+3363998{next(count) % 10_000:04d}",
        x=x,
        y=y,
        search_text=fold(f"{last_name} {first_name}"),
        **values,
    )
    AcceptedKind.objects.bulk_create(
        AcceptedKind(territory=territory, volunteer=made, kind=kind)
        for kind in HelpKind.objects.filter(territory=territory, code__in=kinds)
    )
    FreeTime.objects.bulk_create(
        FreeTime(territory=territory, volunteer=made, weekday=day, starts_at=start, ends_at=end)
        for day, start, end in (free if free is not None else tuple((d, "08:00", "20:00") for d in range(7)))
    )
    return made


def register(territory: Territory) -> Register:
    """The register of the law, as every territory has it."""
    return plant_register(territory)


def designated(
    membership: Membership, register: Register, *, days: int = 200, promised: bool = True
) -> Actor:
    """Somebody of the desk who is named in this register, and has promised secrecy."""
    now = clock.now()
    Designation.objects.create(
        territory=membership.territory,
        register=register,
        membership=membership,
        starts_at=now - timedelta(days=30),
        ends_at=now + timedelta(days=days),
        act="Arrêté n° 2026-118",
        signed_on=date(2026, 5, 28),
        noted_by="Hélène",
    )
    CompartmentGrant.objects.create(
        territory=membership.territory,
        compartment=register.compartment,
        membership=membership,
        starts_at=now - timedelta(days=30),
        ends_at=now + timedelta(days=days),
        granted_by="Hélène",
    )
    if promised:
        Undertaking.objects.create(
            territory=membership.territory,
            membership=membership,
            version=1,
            accepted_at=now - timedelta(days=1),
        )
    return actor(membership)


def local(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment as Paris clocks show it, aware, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=clock.PARIS).astimezone(UTC)
