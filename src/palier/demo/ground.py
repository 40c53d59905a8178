"""What a territory stands on before its first call: organisations, hours, lists, who works there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from palier.accounts.actor import Actor
from palier.accounts.models import Membership
from palier.accounts.operations import add_member, change_member
from palier.calls.seeds import plant_reasons
from palier.partners.models import PartnerService
from palier.partners.operations import add_service
from palier.register.seeds import plant_register
from palier.territories.models import Commune, OpeningHours, Organisation, Team, Territory
from palier.territories.seeds import plant_kinds


@dataclass(frozen=True)
class Body:
    """One organisation. `nature` and `services`: what it takes over from us."""

    key: str
    kind: str
    name: str
    short_name: str
    phone: str
    email: str = ""
    is_lead: bool = False
    teams: tuple[str, ...] = ()
    # (name, nature, kinds, open, note)
    services: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Worker:
    """Somebody who signs in."""

    key: str
    first_name: str
    last_name: str
    email: str
    role: str
    body: str
    team: str = ""
    title: str = ""
    extension: str = ""
    sees: str = ""


@dataclass(frozen=True)
class Town:
    """A territory to be made."""

    code: str
    name: str
    sender_name: str
    phone: str
    email: str
    host: str
    insee: str
    postcode: str
    bodies: tuple[Body, ...]
    workers: tuple[Worker, ...]
    hours: tuple[tuple[int, str, str], ...]
    also_communes: tuple[tuple[str, str, str], ...] = ()
    is_demo: bool = False


WEEK = tuple((day, start, end) for day in range(5) for start, end in (("08:30", "12:30"), ("13:30", "17:30")))


@dataclass
class Ground:
    """The territory once made, with its organisations and people by key."""

    territory: Territory
    bodies: dict[str, Organisation]
    workers: dict[str, Membership]
    services: dict[str, PartnerService] = field(default_factory=dict)

    @property
    def job(self) -> Actor:
        return Actor.job("demo", self.territory.pk)

    def actor(self, key: str) -> Actor:
        return Actor.member(self.workers[key])

    def desk(self) -> list[Actor]:
        return [Actor.member(worker) for worker in self.workers.values() if Actor.member(worker).is_desk]


def new_territory(town: Town) -> Territory:
    """The row itself; whoever works in it enters its wall afterwards."""
    return Territory.objects.create(
        code=town.code,
        name=town.name,
        sender_name=town.sender_name,
        public_phone=town.phone,
        public_email=town.email,
        public_host=town.host,
        is_demo=town.is_demo,
    )


def furnish(territory: Territory, town: Town, *, password: str | None) -> Ground:
    """Organisations, hours, lists and members of a new territory, behind its wall. Without a password nobody signs in."""
    ground = Ground(territory, {}, {})
    _organisations(ground, town)
    plant_kinds(territory)
    plant_reasons(territory)
    plant_register(territory)
    for body in town.bodies:
        for name, nature, kinds in body.services:
            ground.services[name] = add_service(
                organisation_id=ground.bodies[body.key].pk,
                name=name,
                nature=nature,
                kinds=kinds,
                phone=body.phone,
                email=body.email,
                actor=ground.job,
            )
    _members(ground, town, password)
    return ground


def find(territory: Territory, town: Town) -> Ground:
    """The same of a territory that is there already."""
    names = {body.name: body.key for body in town.bodies}
    emails = {worker.email: worker.key for worker in town.workers}
    return Ground(
        territory,
        {names[one.name]: one for one in Organisation.objects.filter(name__in=names).order_by("pk")},
        {
            emails[one.user.email]: one
            for one in Membership.objects.filter(user__email__in=emails)
            .select_related("user", "organisation")
            .order_by("pk")
        },
        {one.name: one for one in PartnerService.objects.select_related("organisation").order_by("pk")},
    )


def deputies(ground: Ground, pairs: Sequence[tuple[str, str]]) -> None:
    """Who stands in for whom."""
    for key, deputy in pairs:
        change_member(ground.workers[key].pk, deputy_id=ground.workers[deputy].pk, actor=ground.job)


def _organisations(ground: Ground, town: Town) -> None:
    territory = ground.territory
    for body in town.bodies:
        made = Organisation.objects.create(
            territory=territory,
            kind=body.kind,
            name=body.name,
            short_name=body.short_name,
            phone=body.phone,
            email=body.email,
            is_lead=body.is_lead,
        )
        ground.bodies[body.key] = made
        communes = [(town.insee, town.name, town.postcode), *(town.also_communes if body.is_lead else ())]
        Commune.objects.bulk_create(
            Commune(territory=territory, organisation=made, insee=insee, name=name, postcode=postcode)
            for insee, name, postcode in communes
        )
        for place, name in enumerate(body.teams):
            Team.objects.create(
                territory=territory,
                organisation=made,
                name=name,
                answers_the_phone=body.is_lead and place == 0,
            )
        if body.is_lead:
            OpeningHours.objects.bulk_create(
                OpeningHours(
                    territory=territory, organisation=made, weekday=day, opens_at=start, closes_at=end
                )
                for day, start, end in town.hours
            )


def _members(ground: Ground, town: Town, password: str | None) -> None:
    encoded = make_password(password) if password else ""
    for worker in town.workers:
        organisation = ground.bodies[worker.body]
        team = Team.objects.filter(organisation=organisation, name=worker.team).first()
        member = add_member(
            email=worker.email,
            first_name=worker.first_name,
            last_name=worker.last_name,
            role=worker.role,
            organisation_id=organisation.pk,
            team_id=team.pk if team else None,
            title=worker.title,
            actor=ground.job,
        )
        if worker.extension:
            change_member(member.pk, extension=worker.extension, actor=ground.job)
        if encoded:
            member.user.password = encoded
            member.user.save(update_fields=["password"])
        ground.workers[worker.key] = Membership.objects.select_related("user", "organisation").get(
            pk=member.pk
        )


def working_days(start: date, end: date) -> list[date]:
    """Mondays to Fridays, first included, last not."""
    days = (start + timedelta(days=n) for n in range((end - start).days))
    return [day for day in days if day.weekday() < 5]
