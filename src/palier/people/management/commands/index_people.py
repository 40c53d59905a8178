"""`palier index_people`: write what people are found by, for those of before the vocabulary of names, or for all."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from palier.people.jobs import forget_unused, index_waiting
from palier.people.models import Person
from palier.territories import walls
from palier.territories.models import Territory


class Command(BaseCommand):
    help = "Write the search rows of people who have none. May be stopped and started again; the pages stay in use meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--territory", help="the code of one territory; all of them without")
        parser.add_argument(
            "--again", action="store_true", help="of everybody, after a change of the rules of sounds"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        territories = Territory.objects.order_by("pk")
        if options["territory"]:
            territories = territories.filter(code=options["territory"])
        for territory in territories:
            with walls.inside(territory.pk, read_only=True):
                people = Person.objects.filter(territory=territory)
                if not options["again"]:
                    people = people.exclude(search_text="").filter(names__isnull=True)
                count = people.count()
            since = time.monotonic()

            def say(done: int, count: int = count, since: float = since) -> None:
                left = (count - done) * (time.monotonic() - since) / max(done, 1)
                self.stderr.write(f"\r{done} / {count}, {max(left, 0):.0f} s left ", ending="")

            done, _is_finished = index_waiting(
                territory.pk, most=sys.maxsize, again=options["again"], say=say
            )
            gone = forget_unused(territory.pk)
            self.stdout.write(f"{territory.code}: {done} people indexed, {gone} unused names taken out")
