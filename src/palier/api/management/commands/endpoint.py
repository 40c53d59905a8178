"""`palier endpoint add|rotate|close TERRITORY.CODE`: which machines may call the web-hooks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from palier.accounts.actor import Actor
from palier.api import operations
from palier.api.models import Endpoint
from palier.kernel.errors import Refusal
from palier.territories import walls
from palier.territories.models import Organisation, Territory


class Command(BaseCommand):
    help = "Let a telephone system, a telecare operator or a message provider call the web-hooks; secrets are shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["add", "rotate", "close", "list"])
        parser.add_argument("name", help="territory code and endpoint code, for instance belrive.standard")
        parser.add_argument("--kind", choices=Endpoint.Kind.values, default=Endpoint.Kind.TELEPHONY.value)
        parser.add_argument("--organisation", help="name of the organisation (the lead one when left out)")

    def handle(self, *args: Any, **options: Any) -> None:
        town, _dot, code = options["name"].partition(".")
        territory = Territory.objects.filter(code=town).first()
        if territory is None:
            raise CommandError(f"no territory has the code {town!r}")
        with walls.inside(territory.pk):
            actor = Actor.job("palier endpoint", territory.pk)
            try:
                self._do(options, territory, code, actor)
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal

    def _do(self, options: dict[str, Any], territory: Territory, code: str, actor: Actor) -> None:
        if options["what"] == "list":
            for row in Endpoint.objects.select_related("organisation").order_by("code"):
                state = "open" if row.is_active else "closed"
                self.stdout.write(
                    f"{territory.code}.{row.code}\t{row.kind}\t{row.organisation.name}\t{state}"
                )
            return
        if options["what"] == "add":
            organisations = Organisation.objects.filter(territory=territory)
            if options["organisation"]:
                organisation = organisations.filter(name=options["organisation"]).first()
            else:
                organisation = organisations.filter(is_lead=True).first()
            if organisation is None:
                raise CommandError("no organisation of that name")
            _endpoint, secret = operations.create_endpoint(
                kind=options["kind"], code=code, organisation_id=organisation.pk, actor=actor
            )
            self.stdout.write(secret)
            return
        endpoint = Endpoint.objects.filter(code=code).first()
        if endpoint is None:
            raise CommandError(f"{territory.code} has no endpoint {code!r}")
        if options["what"] == "rotate":
            _endpoint, secret = operations.rotate_secret(endpoint.pk, actor=actor)
            self.stdout.write(secret)
        else:
            operations.close_endpoint(endpoint.pk, actor=actor)
