"""`palier new_territory CODE …`: a territory with its centre, its desk, its first lists and the head who adds the others."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from palier.accounts import operations as accounts
from palier.accounts.actor import Actor
from palier.accounts.models import Role
from palier.calls.seeds import plant_reasons
from palier.kernel import gsm, phones
from palier.kernel.errors import Refusal
from palier.register.seeds import plant_register
from palier.territories import walls
from palier.territories.models import Commune, OpeningHours, Organisation, Team, Territory
from palier.territories.seeds import plant_kinds


class Command(BaseCommand):
    help = (
        "Make a territory and the account of its head, who chooses a password from « Mot de passe oublié »."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="short name in addresses and web-hooks: belrive")
        parser.add_argument("--name", required=True, help="name of the town")
        parser.add_argument(
            "--sender", required=True, help="name at the head of text messages, eleven letters at most"
        )
        parser.add_argument("--phone", required=True, help="the one number people call")
        parser.add_argument(
            "--host", required=True, help="where links lead, without https://: palier.belrive.example"
        )
        parser.add_argument("--insee", required=True, help="INSEE code of the commune")
        parser.add_argument("--postcode", required=True)
        parser.add_argument("--centre", help="name of the lead organisation (CCAS de NAME when left out)")
        parser.add_argument("--head", required=True, help="e-mail of the head of service")
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_slug(options["code"])
            validate_email(options["head"])
            number = phones.parse(options["phone"]).e164
        except (ValidationError, phones.BadPhone) as error:
            raise CommandError(str(getattr(error, "message", error))) from error
        if len(options["sender"]) > 11 or not gsm.is_gsm(options["sender"]):
            raise CommandError("--sender: eleven signs at most, of those that text messages carry")
        if Territory.objects.filter(code=options["code"]).exists():
            raise CommandError(f"a territory has the code {options['code']!r} already; nothing was written")
        try:
            with transaction.atomic():
                self._make(options, number)
        except (Refusal, ValidationError) as error:
            raise CommandError(f"{error}; nothing was written") from error
        self.stdout.write(
            f"{options['name']} is there; {options['head']} chooses a password from the sign-in page."
        )

    def _make(self, options: dict[str, Any], number: str) -> None:
        territory = Territory.objects.create(
            code=options["code"],
            name=options["name"],
            sender_name=options["sender"],
            public_phone=number,
            public_host=options["host"],
        )
        walls.enter(territory.pk)
        centre = Organisation.objects.create(
            territory=territory,
            kind=Organisation.Kind.CCAS,
            name=options["centre"] or f"CCAS de {options['name']}",
            short_name="CCAS",
            phone=number,
            is_lead=True,
        )
        commune = Commune(
            territory=territory,
            organisation=centre,
            insee=options["insee"],
            name=options["name"],
            postcode=options["postcode"],
        )
        commune.full_clean()
        commune.save()
        team = Team.objects.create(
            territory=territory, organisation=centre, name="Accueil", answers_the_phone=True
        )
        OpeningHours.objects.bulk_create(
            OpeningHours(
                territory=territory, organisation=centre, weekday=day, opens_at="09:00", closes_at="17:00"
            )
            for day in range(5)
        )
        plant_kinds(territory)
        plant_reasons(territory)
        plant_register(territory)
        accounts.add_member(
            email=options["head"],
            first_name=options["first_name"],
            last_name=options["last_name"],
            role=Role.HEAD,
            organisation_id=centre.pk,
            team_id=team.pk,
            actor=Actor.job("palier new_territory", territory.pk),
        )
