"""The register of Belrive: two years of enrolments, letters owed today, one objection, one communication to the prefect."""

from datetime import date, datetime, timedelta
from random import Random

from palier.accounts.actor import Actor
from palier.demo.folk import Folk
from palier.demo.ground import Ground
from palier.kernel import clock
from palier.kernel.text import years
from palier.people.models import Person
from palier.people.operations import create_person
from palier.register import operations
from palier.register.models import Alert, Enrolment, Notice, Register
from palier.register.seeds import plant_register

_WARN = (
    "Sylvie Carpentier",
    "Hervé Masson",
    "Claudine Roger",
    "Pascal Denis",
    "Nathalie Brun",
    "Denis Lacroix",
    "Martine Faure",
)
_CHANNELS = ("phone", "phone", "phone", "form", "form", "letter", "desk", "desk", "email", "voicemail")


class Registers:
    """What the registers lived; every step by the operations of the screens."""

    def __init__(self, ground: Ground, folk: Folk, now: datetime, *, seed: int = 7) -> None:
        # Its own lots: the town's other history does not change with it.
        self.ground, self.folk, self.now, self.random = ground, folk, now, Random(seed)
        self.register: Register = plant_register(ground.territory)
        self.job: Actor = ground.job

    def named(self, act: str, *keys: tuple[str, int]) -> None:
        """The head names people until so many days from now, and they promise secrecy."""
        head, today = self.ground.actor("helene"), clock.today()
        for key, days in keys:
            operations.designate(
                self.register.pk, membership_id=self.ground.workers[key].pk, starts_on=today - timedelta(days=160),
                ends_on=today + timedelta(days=days), act=act, signed_on=today - timedelta(days=165), actor=head,
            )  # fmt: skip
            operations.promise_secrecy(version=1, actor=self.ground.actor(key))

    def settings(self) -> None:
        operations.change_register(
            self.register.pk, sender_address="3 place du Marché\n41990 Belrive", signatory_name="Hélène Marty",
            signatory_role="responsable du CCAS", actor=self.ground.actor("helene"),
        )  # fmt: skip

    def taken_over(self, count: int) -> list[Enrolment]:
        """Who is in the register for a while: enrolled over two years, their letters sent in time."""
        random, today, made = self.random, clock.today(), []
        old_enough = [
            person for person in self.folk.people if person.state == "active" and person.birth_on and years(person.birth_on, today) >= 67
        ]  # fmt: skip
        for person in random.sample(old_enough, min(count, len(old_enough))):
            # Six in ten confirmed or enrolled within the year.
            ago = random.randint(20, 330) if random.random() < 0.62 else random.randint(370, 690)
            on = today - timedelta(days=ago)
            warned = random.random() < 0.8
            made.append(
                operations.enrol(
                    self.register.pk, person_id=person.pk, capacity="senior", channel=random.choice(_CHANNELS), requested_on=on,
                    acknowledged_on=on + timedelta(days=random.randint(1, 6)), to_warn_name=random.choice(_WARN) if warned else "",
                    to_warn_phone=self.folk.mobiles.next() if warned else "",
                    isolation_prevention=random.choices(("yes", "refused", "not_asked"), (55, 15, 30))[0], actor=self.job,
                )
            )  # fmt: skip
        return made

    def known_to_it_only(self, count: int) -> list[Person]:
        """People who asked for the register and nothing else: their file is seen through it."""
        people = []
        for _each in range(count):
            born = date(
                clock.today().year - self.random.randint(68, 92),
                self.random.randint(1, 12),
                self.random.randint(1, 28),
            )
            woman = self.random.random() < 0.7
            first, last = self.folk.names.full(woman, born.year)
            street, point = self.folk.addresses.next()
            people.append(
                create_person(
                    first_name=first, last_name=last, title="madame" if woman else "monsieur", birth_on=born, street=street,
                    postcode=self.folk.postcode, city=self.folk.city, insee=self.folk.insee, x=point[0], y=point[1],
                    phones=[self.folk.landlines.next()], is_followed=False, compartment=self.register.compartment,
                    despite_namesake=True, actor=self.job,
                )
            )  # fmt: skip
        return people

    def these_days(self, people: list[Person], nadia: Actor) -> None:
        """Requests of the last days: two letters late, one for today, two that can wait; sons and neighbours who wrote."""
        for person, ago in zip(people, (9, 7, 6, 3, 1, 0), strict=False):
            with clock.at(self.now - timedelta(days=ago)):
                operations.enrol(
                    self.register.pk, person_id=person.pk, capacity="senior", channel="phone", requested_on=clock.today(), actor=nadia
                )  # fmt: skip
        with clock.at(self.now - timedelta(days=12)):
            refused = operations.enrol(
                self.register.pk, person_id=people[6].pk, requester_name="Gérard Petit", requester_capacity="son voisin",
                requested_on=clock.today(), written_proof="lettre au classeur, n° 31", capacity="senior",
                channel="letter", requester="third_party", actor=nadia,
            )  # fmt: skip
            pending = operations.enrol(
                self.register.pk, person_id=people[7].pk, requester_name="Isabelle Fournier", requester_capacity="sa fille",
                requested_on=clock.today(), written_proof="lettre au classeur, n° 32", capacity="senior",
                channel="letter", requester="third_party", actor=nadia,
            )  # fmt: skip
        with clock.at(self.now - timedelta(days=9)):
            operations.mark_printed([refused.request.pk, pending.request.pk], actor=nadia)
            operations.mark_sent([refused.request.pk, pending.request.pk], actor=nadia)
        with clock.at(self.now - timedelta(days=5)):
            operations.note_objection(refused.pk, actor=nadia)
        with clock.at(self.now - timedelta(hours=3)):
            operations.receive_request(
                self.register.pk, last_name="Delaunay", first_name="Raymonde", birth_on=date(1937, 5, 12), street="15 rue Haute",
                postcode=self.folk.postcode, city=self.folk.city, phone="02 61 91 13 08", capacity="senior", requester="third_party",
                requester_name="Corinne Delaunay", requester_capacity="sa belle-fille",
                notice_id=Notice.objects.filter(register=self.register).order_by("-version")[0].pk, form_key="demonstration",
                actor=self.job,
            )  # fmt: skip

    def last_summer(self, nadia: Actor, claire: Actor) -> None:
        """The prefect asked for the register in a heat wave; it was approved by a second person, and taken once."""
        coordinator = self.ground.actor("claire")
        with clock.at(self.now - timedelta(days=120)):
            alert: Alert = operations.open_alert(
                plan="heat",
                level="orange",
                authority="prefect",
                act="Arrêté préfectoral n° 2026-207",
                is_triggered=True,
                actor=coordinator,
            )
            asked = operations.ask_communication(
                self.register.pk, authority="prefect", plan="Vagues de chaleur (ORSEC)", reference="SIDPC, message n° 412",
                profile="contact", recipients=[("Commandant Éric Noël", "SIDPC de la préfecture")],
                expires_on=clock.today() + timedelta(days=30), actor=nadia,
            )  # fmt: skip
            operations.approve_communication(asked.pk, actor=claire)
            operations.take_copy(asked.pk, actor=nadia)
        with clock.at(self.now - timedelta(days=114)):
            operations.end_alert(alert.pk, actor=coordinator)


def live(ground: Ground, folk: Folk, now: datetime, *, count: int = 262) -> None:
    """Give Belrive its register, up to this very day."""
    registers = Registers(ground, folk, now)
    nadia, claire = ground.actor("nadia"), ground.actor("claire")
    with clock.at(now - timedelta(days=121)):
        registers.settings()
        # Julien's designation ends in twelve days: the page of the named says so.
        registers.named("Arrêté n° 2026-118", ("nadia", 300), ("claire", 300), ("julien", 133))
    with clock.at(now):
        registers.taken_over(count)
        people = registers.known_to_it_only(10)
    registers.last_summer(nadia, claire)
    registers.these_days(people, nadia)
    with clock.at(now - timedelta(hours=4)):
        operations.open_alert(
            plan="cold",
            level="yellow",
            authority="mayor",
            act="Décision du maire, grand froid annoncé",
            actor=claire,
        )
