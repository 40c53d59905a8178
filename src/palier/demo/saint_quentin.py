"""Saint-Quentin's year 2020 lived again: what the town published about its scheme, through our own operations.

Neighbours enrol, people ring, needs are met by neighbours or handed on, on a simulated clock; agents, neighbours and
the people they help behave as `behaviour` says. What is published is held exactly; everything else follows from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from palier.accounts.actor import Actor
from palier.calls import operations as calls
from palier.calls.models import Call
from palier.demo import words
from palier.demo.behaviour import Behaviour, Script
from palier.demo.folk import Folk
from palier.demo.ground import WEEK, Body, Ground, Town, Worker, furnish, new_territory, working_days
from palier.demo.life import Life, hurry
from palier.demo.names import Names, Numbers
from palier.demo.streets import Addresses
from palier.kernel import clock
from palier.kernel.text import years
from palier.needs.operations import open_need
from palier.people.models import Person
from palier.people.operations import change_person, note_consent
from palier.register import operations as register_operations
from palier.register.models import Enrolment, EnrolmentRequest, Register
from palier.register.models.designations import UNDERTAKING
from palier.register.seeds import plant_register
from palier.reporting.figures import Figures
from palier.reporting.queries import figures, open_things
from palier.territories import walls
from palier.territories.models import Territory
from palier.volunteers.operations import end as end_volunteer

YEAR = 2020
FIRST_DAY, END = date(YEAR, 1, 1), date(YEAR + 1, 1, 1)
# The scheme began with the first confinement.
OPENING = date(YEAR, 3, 17)
# The last need early enough for its thread to end within the year.
LAST_NEED = date(YEAR, 12, 11)

# What the town says of that year.
MET = 236
MET_BY_KIND = {"shopping": 130, "courtesy_visit": 31, "paperwork": 26}
SMALL_HELP = {"pharmacy": 17, "small_repairs": 14, "regular_calls": 8, "digital_help": 4, "other": 6}
ON_FILE = (180, 280)
ENROLLED_MORE_THAN, CALLS_MORE_THAN = 900, 700
SHARES = {"shopping": 55.0, "courtesy_visit": 13.0, "paperwork": 11.0}
NOTHING = 200 / 3
TOLERANCE = 2.0
# What it leads to here: « plus de 900 », « plus de 700 », and what neighbours could not do.
ENROLLED, CALLS = 902, 705
# Their sum is CALLS.
CALLS_FOR_NOTHING, CALLS_FOR_A_NEED, CALLS_BACK, CALLS_OF_CONCERN = 470, 196, 27, 12
HANDED_ON = {"association": 19, "service": 14, "unmet": 6, "no_longer_needed": 4}
REACH_MINUTES = 15
# Of every hundred who offer their help, one changes their mind or is not kept.
DECLINED = 9
# How much of the year each month carries, from March to December: two confinements.
MONTHS = {3: 12, 4: 24, 5: 14, 6: 7, 7: 5, 8: 4, 9: 6, 10: 8, 11: 14, 12: 6}
ENROLMENT = {3: 30, 4: 36, 5: 8, 6: 3, 7: 2, 8: 1, 9: 3, 10: 5, 11: 10, 12: 2}

TOWN = Town(
    code="saint-quentin",
    name="Saint-Quentin",
    sender_name="CCAS StQ",
    phone="+33353010012",
    email="ccas@saint-quentin.example",
    host="palier.saint-quentin.example",
    insee="02691",
    postcode="02100",
    hours=WEEK,
    bodies=(
        Body("ccas", "ccas", "CCAS de Saint-Quentin", "CCAS", "+33353010012", is_lead=True, teams=("Accueil",)),
        Body(
            "associations", "association", "Associations de solidarité", "Associations", "+33353010051",
            services=(
                ("Bénévoles de quartier", "association", (
                    "shopping", "courtesy_visit", "regular_calls", "pharmacy", "outing", "transport", "other", "paperwork",
                    "digital_help", "small_repairs",
                )),
                ("Psychologues bénévoles", "association", ("regular_calls", "courtesy_visit")),
            ),
        ),
        Body(
            "ville", "town_service", "Services de la ville", "Ville", "+33353010070",
            services=(("Brigade de services civiques", "town", (
                "shopping", "courtesy_visit", "regular_calls", "pharmacy", "outing", "transport", "other", "paperwork",
                "digital_help", "small_repairs",
            )),),
        ),
    ),
    workers=(
        Worker("referent", "Camille", "Dorval", "camille.dorval@{code}.example", "coordinator", "ccas", "Accueil",
               "Référente, accès aux droits", "301"),
        Worker("civique", "Sacha", "Lenoir", "sacha.lenoir@{code}.example", "agent", "ccas", "Accueil",
               "Mission de service civique", "302"),
        Worker("cheffe", "Dominique", "Aubin", "dominique.aubin@{code}.example", "head", "ccas", "Accueil", "Direction", "303"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One published value beside what came out."""

    name: str
    published: str
    found: float | None
    holds: bool


@dataclass(frozen=True)
class Outcome:
    """A year replayed."""

    territory: Territory
    figures: Figures
    checks: list[Check]
    without_owner: int
    counts: dict[str, int]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def replay(*, code: str = "", seed: int = 2020, say: Callable[[str], None] = lambda line: None) -> Outcome:
    """Live the year in a new territory, and compare its figures with the published ones."""
    hurry()
    code = slugify(code) if code else _free_code()
    random = Random(seed)
    with clock.at(_morning(FIRST_DAY) - timedelta(days=60)):
        territory, ground = _make(code)
        folk = Folk(
            ground, random, Names(random), Numbers(random, "+3335301"), Numbers(random, "+3363998"), Addresses(random, spread=2.0),
            TOWN.postcode, TOWN.name, TOWN.insee,
        )  # fmt: skip
    life = Life(territory.pk, _morning(FIRST_DAY) - timedelta(days=59))
    with walls.inside(territory.pk):
        year = Year(life, ground, folk, random)
    year.plan()
    for month in range(1, 13):
        life.run(_morning(date(YEAR, month, 1)))
        say(f"{FIRST_DAY.replace(month=month):%m/%Y}")
    life.run(_morning(END, 0))
    with walls.inside(territory.pk):
        Territory.objects.filter(pk=territory.pk).update(ready_at=clock.now())
        counted = figures(territory.pk, FIRST_DAY, END)
        without_owner = sum(thing.without_duty for thing in open_things(territory.pk))
        checks = [*checks_of(counted, without_owner), *_register_checks(year.register)]
    return Outcome(territory, counted, checks, without_owner, life.counts)


def _register_checks(register: Register) -> list[Check]:
    """The vulnerable-persons file itself, from 180 to 280: who asked for it, and that nobody waited for a letter."""
    before = Enrolment.objects.filter(register=register, requested_on__lt=FIRST_DAY).count()
    present = Enrolment.objects.present().filter(register=register)
    late = EnrolmentRequest.objects.filter(
        register=register, ack_sent_at__gt=F("received_at") + timedelta(days=8)
    ).count()
    return [
        Check("people in the register at the beginning", str(ON_FILE[0]), before, before == ON_FILE[0]),
        Check(
            "people in the register at the end",
            str(ON_FILE[1]),
            present.count(),
            present.count() == ON_FILE[1],
        ),
        Check("letters later than eight days", "0", late, late == 0),
    ]


def checks_of(counted: Figures, without_owner: int) -> list[Check]:
    """The published values: exact where they are, within two points where they are shares."""

    def number(key: str) -> float:
        return counted.of(key).number or 0

    def exact(name: str, key: str, value: int) -> Check:
        return Check(name, str(value), number(key), number(key) == value)

    def more_than(name: str, key: str, value: int) -> Check:
        return Check(name, f"> {value}", number(key), number(key) > value)

    def share(name: str, part: float, whole: float, value: float) -> Check:
        found = round(100 * part / whole, 1) if whole else None
        return Check(name, f"{value:.0f} %", found, found is not None and abs(found - value) <= TOLERANCE)

    met = number("needs:outcome=met_by_neighbour")
    received = number("calls:")
    return [
        exact("needs met by neighbours", "needs:outcome=met_by_neighbour", MET),
        *(
            share(f"share of them: {kind}", number(f"needs:kind={kind}:outcome=met_by_neighbour"), met, value)
            for kind, value in SHARES.items()
        ),
        more_than("neighbours enrolled", "volunteers:what=welcomed", ENROLLED_MORE_THAN),
        more_than("calls received", "calls:", CALLS_MORE_THAN),
        share("share of calls that asked for nothing", number("calls:result=nothing"), received, NOTHING),
        exact("people on file at the beginning", "people:at=start", ON_FILE[0]),
        exact("people on file at the end", "people:at=end", ON_FILE[1]),
        Check("needs handed on to associations", "> 0", number("needs:outcome=met_by_association"),
              number("needs:outcome=met_by_association") > 0),
        Check("needs handed on to services", "> 0", number("needs:outcome=met_by_service"),
              number("needs:outcome=met_by_service") > 0),
        Check("open threads without an owner", "0", without_owner, without_owner == 0),
    ]  # fmt: skip


def _free_code() -> str:
    taken = set(Territory.objects.filter(code__startswith=f"{TOWN.code}-").values_list("code", flat=True))
    number = 1
    while f"{TOWN.code}-{number}" in taken:
        number += 1
    return f"{TOWN.code}-{number}"


def _make(code: str) -> tuple[Territory, Ground]:
    workers = tuple(
        Worker(one.key, one.first_name, one.last_name, one.email.format(code=code), one.role, one.body, one.team, one.title, one.extension)
        for one in TOWN.workers
    )  # fmt: skip
    town = Town(
        code, TOWN.name, TOWN.sender_name, TOWN.phone, TOWN.email, TOWN.host, TOWN.insee, TOWN.postcode, TOWN.bodies, workers,
        TOWN.hours, is_demo=True,
    )  # fmt: skip
    with transaction.atomic():
        territory = new_territory(town)
        walls.enter(territory.pk)
        # A wide town, and neighbours who were asked to stay near home.
        Territory.objects.filter(pk=territory.pk).update(reach_minutes=REACH_MINUTES)
        ground = furnish(territory, town, password=None)
        _name_readers(territory, ground)
    return territory, ground


def _name_readers(territory: Territory, ground: Ground) -> None:
    """The mayor names the two people of the desk in the register (R121-7)."""
    register, today = plant_register(territory), clock.today()
    for key in ("referent", "civique"):
        register_operations.designate(
            register.pk, membership_id=ground.workers[key].pk, starts_on=today, ends_on=date(YEAR + 1, 12, 31),
            act="Arrêté de désignation", signed_on=today, actor=ground.actor("cheffe"),
        )  # fmt: skip


def _morning(day: date, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.PARIS)


class Year(Behaviour):
    """Who does what in that year."""

    def __init__(self, life: Life, ground: Ground, folk: Folk, random: Random) -> None:
        super().__init__(life, ground, random)
        self.folk = folk
        self.referent, self.civique = ground.actor("referent"), ground.actor("civique")
        self.agents = [self.referent, self.civique]
        self.register = plant_register(ground.territory)
        self.helped: list[Person] = []
        self._applied = 0

    # --- the year's plan

    def plan(self) -> None:
        """Lay out the year: everybody's moment, drawn by lot over its months."""
        self._files()
        self._enrolments()
        self._needs_and_calls()

    def _files(self) -> None:
        at = self.life.now
        for place in range(ON_FILE[0]):
            self.life.at(at + timedelta(hours=7 * place % 1_300, minutes=place), self._open_file, quiet=True)
        for moment in self._moments(ON_FILE[1] - ON_FILE[0] + 6, MONTHS, until=date(YEAR, 12, 20)):
            self.life.at(moment, self._open_file, quiet=True)
        for day in working_days(at.date(), END):
            if day.weekday() in (1, 4):
                self.life.at(_morning(day, 16, 45), self._send_letters, quiet=True)
        for moment in self._moments(6, {6: 1, 7: 1, 9: 1, 10: 1, 11: 1, 12: 1}, until=date(YEAR, 12, 20)):
            self.life.at(moment, self._somebody_leaves, quiet=True)

    def _enrolments(self) -> None:
        for moment in self._moments(ENROLLED + DECLINED, ENROLMENT, until=date(YEAR, 12, 1)):
            self.life.at(moment, self._apply, quiet=True)

    def _needs_and_calls(self) -> None:
        random = self.random
        scripts: list[tuple[str, Script]] = []
        for kind, count in (MET_BY_KIND | SMALL_HELP).items():
            scripts += [(kind, self._met_script()) for _each in range(count)]
        others = ("shopping", "small_repairs", "transport", "paperwork", "courtesy_visit", "outing")
        for ending, count in HANDED_ON.items():
            scripts += [(random.choice(others), Script(yes_at=None, ending=ending)) for _each in range(count)]
        random.shuffle(scripts)
        moments = self._moments(len(scripts), MONTHS, since=OPENING + timedelta(days=6), until=LAST_NEED)
        # Some come by telephone, the others are told to the desk by neighbours and services.
        by_phone = set(random.sample(range(len(scripts)), CALLS_FOR_A_NEED))
        for place, (moment, (kind, script)) in enumerate(zip(moments, scripts, strict=True)):
            self.life.at(
                moment, self._need_step(kind, script, by_phone=place in by_phone), quiet=place in by_phone
            )
        results = (
            ["nothing"] * CALLS_FOR_NOTHING + ["call_back"] * CALLS_BACK + ["concern"] * CALLS_OF_CONCERN
        )
        random.shuffle(results)
        for moment, result in zip(
            self._moments(len(results), MONTHS, until=date(YEAR, 12, 23)), results, strict=True
        ):
            self.life.at(moment, self._call_step(result), quiet=True)

    def _met_script(self) -> Script:
        random = self.random
        return Script(
            yes_at=random.choices((1, 2, 3, 4, 5, 7), (40, 27, 16, 9, 5, 3))[0],
            withdraws=random.random() < 0.07,
            proves=random.choices(("page", "none"), (86, 14))[0],
            neighbour_says=random.choices(("well", "", "worried"), (82, 15, 3))[0],
            person_says=random.choices(("well", "so_so", "badly"), (90, 8, 2))[0],
        )

    def _moments(
        self, count: int, months: dict[int, int], *, since: date = OPENING, until: date
    ) -> list[datetime]:
        """Working moments, as many as wanted, spread over the months by their weight."""
        random, days = self.random, working_days(since, until)
        weights = [months.get(day.month, 0) for day in days]
        chosen = sorted(random.choices(days, weights, k=count))
        return sorted(
            _morning(
                day,
                random.choice((8, 9, 9, 10, 10, 11, 14, 14, 15, 16)),
                random.randint(0, 28) + (31 if random.random() < 0.3 else 0),
            )
            for day in chosen
        )

    # --- files

    def _open_file(self) -> None:
        person = self.folk.person(
            actor=self.civique,
            is_woman=self.random.random() < 0.75,
            alone=self.random.random() < 0.65,
            agrees=0.0,
        )
        self.helped.append(person)
        self._enrol(person)

    def _enrol(self, person: Person) -> None:
        """What the town counts as its file: she asked to be in the register of people to call."""
        # The promise of secrecy is made at first and again after a year; in between this changes nothing.
        register_operations.promise_secrecy(version=UNDERTAKING, actor=self.civique)
        today = clock.today()
        is_senior = person.birth_on is not None and years(person.birth_on, today) >= 65
        register_operations.enrol(
            self.register.pk, person_id=person.pk, capacity="senior" if is_senior else "unfit", channel="phone",
            requested_on=today, actor=self.civique,
        )  # fmt: skip

    def _send_letters(self) -> None:
        """Twice a week: no letter is older than four days."""
        owed = EnrolmentRequest.objects.open().filter(register=self.register).order_by("pk")
        numbers = list(owed.values_list("pk", flat=True))
        if numbers:
            register_operations.promise_secrecy(version=UNDERTAKING, actor=self.referent)
            register_operations.mark_sent(numbers, actor=self.referent)

    def _somebody_leaves(self) -> None:
        settled = [
            person for person in self.helped[:150] if person.state == "active" and not person.needs.exists()
        ]
        person = self.random.choice(settled)
        person.state = self.random.choice(("deceased", "in_care_home", "moved"))
        self.helped.remove(person)
        change_person(person.pk, state=person.state, actor=self.referent)

    # --- neighbours

    def _apply(self) -> None:
        self._applied += 1
        neighbour = self.folk.applicant(actor=self.civique, reach_minutes=30, max_per_month=8)
        number = self._applied
        soon = self.working(self.life.now + timedelta(hours=self.random.randint(1, 30)))

        def answer() -> None:
            if number % 100 == 50:
                end_volunteer(
                    neighbour.pk,
                    outcome="withdrawn" if number % 200 == 50 else "declined",
                    actor=self.referent,
                )
            else:
                self.folk.vet(neighbour, actor=self.referent)

        self.life.at(soon, answer, quiet=True)

    # --- calls and needs

    def _caller(self) -> Person:
        return self.random.choice(self.helped)

    def _number(self, person: Person) -> str:
        return person.phones.values_list("e164", flat=True).first() or ""

    def _call_step(self, result: str) -> Callable[[], None]:
        def step() -> None:
            random = self.random
            is_unknown = random.random() < 0.08
            person = None if is_unknown and result == "nothing" else self._caller()
            number = (
                self._number(person)
                if person
                else random.choice(("anonymous", "+33353019977", "+33353018866"))
            )
            self.ring(number, self._write(result, person), minutes=random.choice((3, 4, 6, 9, 14)))

        return step

    def _write(self, result: str, person: Person | None) -> Callable[[Call, Actor], None]:
        random = self.random
        reason, said = random.choices(
            (
                ("talk", words.TALK),
                ("information", words.INFORMATION),
                ("news", words.NEWS),
                ("other", words.OTHER),
            ),
            (52, 28, 12, 8),
        )[0]

        def write(call: Call, agent: Actor) -> None:
            values: dict[str, Any] = {"next": result}
            if result == "call_back":
                values["call_back_at"] = self.working(self.life.now + self.minutes(120, 1_400))
            elif result == "concern":
                values["concern"] = {
                    "facts": random.choice(words.WORRIES),
                    "urgency": "today",
                    "owner_id": agent.membership_id,
                }
            calls.log_call(
                call.pk, who="self" if person else "anonymous", person_id=person.pk if person else None,
                reasons=["worry" if result == "concern" else reason], mood=random.choice(("well", "as_usual", "less_well", "")),
                words=random.choice(words.WORRIES if result == "concern" else said), logging_seconds=random.randint(15, 75), actor=agent, **values,
            )  # fmt: skip

        return write

    def _need_step(self, kind: str, script: Script, *, by_phone: bool) -> Callable[[], None]:
        def step() -> None:
            person = self._caller()
            # The same need twice at once would be one: somebody else then.
            while person.needs.filter(closed_at__isnull=True).exists():
                person = self._caller()
            if by_phone:
                self.ring(self._number(person), self._write_need(kind, script, person), minutes=5)
            else:
                self._note_need(kind, script, person)

        return step

    def _asked_for(self, script: Script) -> dict[str, Any]:
        """In two to five days, a long day: she is at home. What neighbours cannot do is too early, or in a language
        that few of them speak."""
        day = (
            self.working(self.life.now + timedelta(days=self.random.randint(2, 5)))
            .astimezone(clock.PARIS)
            .date()
        )
        if script.yes_at is not None:
            return {"starts_at": _morning(day, 9), "ends_at": _morning(day, 19)}
        if self.random.random() < 0.5:
            return {"starts_at": _morning(day, 6, 30), "ends_at": _morning(day, 8)}
        return {
            "starts_at": _morning(day, 9),
            "ends_at": _morning(day, 19),
            "language": self.random.choice(("ar", "pt", "en", "es")),
        }

    def _write_need(self, kind: str, script: Script, person: Person) -> Callable[[Call, Actor], None]:
        def write(call: Call, agent: Actor) -> None:
            asked = self._asked_for(script)
            what, details = self.random.choice(words.NEEDS[kind])
            logged = calls.log_call(
                call.pk, who="self", person_id=person.pk, reasons=["help"], mood="as_usual", words=f"Demande : {what.lower()}.",
                next="need", logging_seconds=self.random.randint(30, 90), actor=agent,
                need={
                    "kind": kind, "what": what, "details": details, **asked,
                    "owner_id": agent.membership_id, "neighbour_consent": True,
                },
            )  # fmt: skip
            assert logged.need_id is not None
            self.scripts[logged.need_id] = script

        return write

    def _note_need(self, kind: str, script: Script, person: Person) -> None:
        asked = self._asked_for(script)
        what, details = self.random.choice(words.NEEDS[kind])
        note_consent(person.pk, purpose="neighbour_help", is_given=True, actor=self.referent)
        need = open_need(
            person_id=person.pk, kind=kind, what=what, details=details, source="desk", **asked,
            owner_id=self.referent.membership_id, actor=self.referent,
        )  # fmt: skip
        self.scripts[need.pk] = script
