"""Belrive, 50,000 people on the Loire, and Valmont beside it: two invented towns, one of them with six weeks behind it.

The last weeks are lived through the operations of the screens, so that the day board of this very day is alive.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import transaction

from palier.accounts.actor import Actor
from palier.accounts.operations import add_absence, put_on_call
from palier.calls import operations as calls
from palier.calls.models import Call, PlannedCall
from palier.concerns.operations import open_concern
from palier.demo import doubles, registers, streets, words
from palier.demo.behaviour import Behaviour, Script
from palier.demo.folk import Folk
from palier.demo.ground import WEEK, Body, Ground, Town, Worker, deputies, furnish, new_territory
from palier.demo.life import Life, hurry
from palier.demo.names import Names, Numbers
from palier.demo.streets import Addresses
from palier.duties.models import Duty
from palier.duties.operations import take
from palier.kernel import clock
from palier.matching import operations as matching
from palier.matching.models import Offer
from palier.matching.queries import proposal_for
from palier.needs.models import Need
from palier.needs.operations import change_need, open_need
from palier.people.models import Person
from palier.people.operations import (
    add_contact,
    change_person,
    create_person,
    do_not_contact,
    keep_secret,
    note_consent,
    note_presence,
    note_protection,
    say_away,
    share_home,
    write_note,
)
from palier.people.operations.doubles import propose_doubles
from palier.referrals import operations as referrals
from palier.telecare.operations import receive_event
from palier.territories import walls
from palier.territories.models import Territory
from palier.territories.streets import add_streets
from palier.visits import operations as visits
from palier.visits.models import Visit
from palier.volunteers import operations as volunteers
from palier.volunteers.models import Volunteer

PASSWORD = "les tilleuls au bord de la Loire"

BELRIVE = Town(
    code="belrive",
    name="Belrive",
    sender_name="CCASBelrive",
    phone="+33261910012",
    email="ccas@belrive.example",
    host="palier.belrive.example",
    insee="41999",
    postcode="41990",
    hours=(*WEEK, (5, "09:00", "12:00")),
    is_demo=True,
    bodies=(
        Body("ccas", "ccas", "CCAS de Belrive", "CCAS", "+33261910012", is_lead=True, teams=("Accueil", "Coordination")),
        Body("vigiloire", "telecare_operator", "VigiLoire", "VigiLoire", "+33261910040", "plateau@vigiloire.example"),
        Body(
            "quai",
            "association",
            "Les Voisins du Quai",
            "Voisins du Quai",
            "+33261910051",
            "bonjour@voisinsduquai.example",
            services=(
                ("Visites du Quai", "association", ("courtesy_visit", "outing", "regular_calls")),
                ("Coursiers du Quai", "association", ("shopping", "pharmacy", "transport", "other")),
            ),
        ),
        Body(
            "clics",
            "association",
            "Atelier Déclics",
            "Déclics",
            "+33261910062",
            "atelier@declics.example",
            services=(("Papiers et écrans", "association", ("paperwork", "digital_help")),),
        ),
        Body(
            "ville",
            "town_service",
            "Ville de Belrive, service Vie quotidienne",
            "Vie quotidienne",
            "+33261910070",
            "vie.quotidienne@belrive.example",
            services=(
                ("Portage de repas et de courses", "town", ("shopping", "pharmacy")),
                (
                    "Brigade civique",
                    "town",
                    ("small_repairs", "other", "outing", "transport", "courtesy_visit", "paperwork", "digital_help", "regular_calls"),
                ),
            ),
        ),
    ),
    workers=(
        Worker("nadia", "Nadia", "Benali", "nadia@belrive.example", "agent", "ccas", "Accueil", "Accueil téléphonique", "101",
               "Le téléphone, la journée, les fiches"),
        Worker("julien", "Julien", "Roux", "julien@belrive.example", "agent", "ccas", "Accueil", "Accueil téléphonique", "102",
               "La même chose, dans le bureau d’à côté"),
        Worker("claire", "Claire", "Duval", "claire@belrive.example", "coordinator", "ccas", "Coordination",
               "Coordinatrice des voisins", "103", "Et les voisins, les partenaires, les signalements"),
        Worker("helene", "Hélène", "Marty", "helene@belrive.example", "head", "ccas", "Coordination",
               "Responsable du service", "110", "Tout, et l’équipe"),
        Worker("paul", "Paul", "Astier", "paul@belrive.example", "administrator", "ccas", "", "Comptes et accès", "",
               "Les comptes, aucune fiche"),
        Worker("lea", "Léa", "Guyot", "lea@vigiloire.example", "operator", "vigiloire", "", "Plateau d’écoute", "",
               "Ce que VigiLoire a transmis"),
        Worker("marc", "Marc", "Villeneuve", "marc@voisinsduquai.example", "partner", "quai", "", "Bénévole référent", "",
               "Ce qui est confié à l’association"),
    ),
)  # fmt: skip
VALMONT = Town(
    code="valmont",
    name="Valmont",
    sender_name="CCASValmont",
    phone="+33353010012",
    email="ccas@valmont.example",
    host="palier.valmont.example",
    insee="49999",
    postcode="49990",
    hours=WEEK,
    is_demo=True,
    bodies=(
        Body("ccas", "ccas", "CCAS de Valmont", "CCAS", "+33353010012", is_lead=True, teams=("Accueil",)),
        Body(
            "entraide", "association", "Entraide du Val", "Entraide", "+33353010031",
            services=(("Coup de main du Val", "association", ("shopping", "courtesy_visit", "transport", "small_repairs")),),
        ),
    ),
    workers=(
        Worker("sonia", "Sonia", "Perez", "sonia@valmont.example", "agent", "ccas", "Accueil", "Accueil", "201",
               "Valmont seulement : rien de Belrive"),
        Worker("yann", "Yann", "Kervella", "yann@valmont.example", "head", "ccas", "Accueil", "Directeur", "202",
               "Valmont, et son équipe"),
    ),
)  # fmt: skip

# Written by hand, because the pages speak of them.
_CAST = (
    # first, last, woman, born, number, street, phone, alone, agrees, access, talk, home
    ("Odette", "Marchand", True, (1942, 3, 2), 12, "rue des Tilleuls", "+33261914720", True, True,
     "2e étage à gauche, sans ascenseur", "Entend mal à droite. Parler lentement. Plutôt le matin, après 9 h 30.",
     "Sonner deux fois. Marche avec une canne."),
    ("Simone", "Gaillard", True, (1938, 6, 21), 4, "rue du Port", "+33261912208", False, True, "", "", ""),
    ("Roger", "Gaillard", False, (1936, 1, 9), 4, "rue du Port", "+33261912208", False, True, "", "", ""),
    ("Georges", "Pinel", False, (1941, 11, 5), 27, "rue du Moulin-à-Vent", "+33261913311", True, True, "", "", ""),
    ("Paulette", "Rouxel", True, (1935, 4, 17), 9, "quai Neuf", "+33261915502", True, True, "rez-de-chaussée",
     "Aime qu’on l’appelle par son prénom.", ""),
    ("Yvonne", "Thibaut", True, (1934, 8, 30), 6, "rue des Acacias", "+33261916041", True, True, "", "", ""),
    ("Ahmed", "Saïdi", False, (1946, 2, 12), 14, "allée des Mésanges", "+33639984466", True, True, "5e étage, ascenseur",
     "Lit mal le français administratif.", ""),
    ("Henri", "Vasseur", False, (1939, 7, 1), 31, "rue Haute", "+33261917703", True, True, "", "", "Un chien, gentil."),
    ("Lucette", "Ferrand", True, (1940, 5, 25), 18, "rue des Écoles", "+33261911877", True, True, "", "Son genou la gêne.", ""),
    ("Marguerite", "Ollivier", True, (1937, 9, 14), 4, "impasse du Lavoir", "+33261912940", True, True, "",
     "", "Sonner deux fois."),
    ("René", "Caron", False, (1943, 12, 3), 8, "rue Haute", "+33261914105", True, True, "", "Lit mieux en gros caractères.", ""),
    ("Maria", "Kowal", True, (1944, 10, 8), 22, "allée des Hirondelles", "+33261918416", True, True, "3e étage, ascenseur",
     "Parle surtout polonais.", ""),
    ("Émile", "Diaz", False, (1945, 1, 28), 11, "rue du Stade", "+33261919008", True, True, "", "", ""),
)  # fmt: skip
_NEIGHBOURS = (
    # first, last, gender, born, phone, number, street, about, kinds, free, max
    ("Michel", "Lefort", "man", (1959, 5, 1), "+33639984017", 12, "rue des Tilleuls", "retraité",
     ("shopping", "courtesy_visit", "pharmacy", "small_repairs", "other"), [(d, "09:00", "18:30") for d in range(6)], 6),
    ("Fatou", "Ndiaye", "woman", (1992, 3, 11), "+33639984058", 17, "rue du Port", "infirmière",
     ("shopping", "courtesy_visit", "pharmacy", "outing", "digital_help"),
     [(d, "08:30", "13:00") for d in (1, 3, 5)] + [(d, "14:00", "19:30") for d in (0, 2, 6)], 4),
    ("Thierry", "Blanc", "man", (1967, 2, 6), "+33639984102", 21, "quai Neuf", "",
     ("shopping", "transport", "small_repairs", "other"), [(d, "09:00", "19:00") for d in (2, 4, 5, 6)], 4),
    ("Jeanne", "Morel", "woman", (1955, 7, 19), "+33639984133", 40, "rue Haute", "retraitée",
     ("courtesy_visit", "regular_calls", "paperwork", "outing"), [(d, "09:00", "18:00") for d in range(5)], 6),
    ("Aïcha", "Mekki", "woman", (1986, 10, 2), "+33639984174", 5, "rue des Pêcheurs", "enseignante",
     ("courtesy_visit", "paperwork", "digital_help", "shopping"), [(2, "13:30", "19:00"), (5, "09:00", "18:00")], 3),
)  # fmt: skip


# What the layers above add to a town before it is ready: the endpoints of its machines.
afterwards: list[Callable[[Ground], None]] = []


@dataclass(frozen=True)
class Progress:
    """« step 3/7 … », as the launcher shows it."""

    say: Callable[[str], None]
    steps: int = 7

    def step(self, number: int, text: str) -> None:
        self.say(f"step {number}/{self.steps}  {text}")


def build(say: Callable[[str], None], *, now: datetime | None = None, seed: int = 41) -> Territory:
    """Make both towns, each in one transaction: what is killed half-way leaves nothing behind."""
    hurry()
    progress, moment = Progress(say), now or clock.now()
    progress.step(1, "Valmont, the small town beside")
    if not _is_ready(VALMONT):
        _build_valmont(moment, seed)
    if _is_ready(BELRIVE):
        progress.step(progress.steps, "Belrive is there already")
    else:
        _build_belrive(moment, seed, progress)
    return Territory.objects.get(code=BELRIVE.code)


def _is_ready(town: Town) -> bool:
    found = Territory.objects.filter(code=town.code).first()
    if found is not None and found.ready_at is None:
        raise RuntimeError(
            f"{town.name} is there, but not as this version makes it: begin anew with ./script/demo --reset"
        )
    return found is not None


def _build_valmont(now: datetime, seed: int) -> None:
    random = Random(seed + 1)
    with transaction.atomic():
        territory = new_territory(VALMONT)
        walls.enter(territory.pk)
        with clock.at(now - timedelta(days=200)):
            ground = furnish(territory, VALMONT, password=PASSWORD)
            add_streets(territory.pk, streets.plan())
            folk = _folk(ground, VALMONT, random, "+3335301", taken=("+33353010012", "+33353010031"))
            sonia = ground.actor("sonia")
            for _each in range(14):
                folk.household(actor=sonia)
        for place in range(7):
            with clock.at(now - timedelta(days=120 - 10 * place)):
                neighbour = folk.applicant(actor=sonia)
                if place < 6:
                    folk.vet(neighbour, actor=sonia)
        with clock.at(now - timedelta(hours=20)):
            person = folk.people[0]
            note_consent(person.pk, purpose="neighbour_help", is_given=True, actor=sonia)
            open_need(
                person_id=person.pk, kind="shopping", starts_at=_at(now, 2, 9), ends_at=_at(now, 2, 12),
                what="Un petit panier", owner_id=sonia.membership_id, actor=sonia,
            )  # fmt: skip
        for add in afterwards:
            add(ground)
        _set_ready(territory, now)


def _folk(ground: Ground, town: Town, random: Random, prefix: str, *, taken: tuple[str, ...]) -> Folk:
    cast = tuple((row[0], row[1]) for row in (*_CAST, *_NEIGHBOURS))
    operator = ground.bodies.get("vigiloire")
    return Folk(
        ground, random, Names(random, cast), Numbers(random, prefix, taken), Numbers(random, "+3363998", taken),
        Addresses(random), town.postcode, town.name, town.insee, operator.pk if operator else None,
    )  # fmt: skip


def _set_ready(territory: Territory, now: datetime) -> None:
    Territory.objects.filter(pk=territory.pk).update(ready_at=now)


def _at(now: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    """A moment so many local days from today."""
    local = now.astimezone(clock.PARIS)
    day = local.date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.PARIS)


def _build_belrive(now: datetime, seed: int, progress: Progress) -> None:
    random = Random(seed)
    with transaction.atomic():
        territory = new_territory(BELRIVE)
        walls.enter(territory.pk)
        progress.step(2, "Belrive: organisations, teams, who works there")
        with clock.at(now - timedelta(days=720)):
            ground = furnish(territory, BELRIVE, password=PASSWORD)
            add_streets(territory.pk, streets.plan())
            deputies(ground, (("nadia", "julien"), ("julien", "nadia"), ("claire", "helene")))
        taken = tuple(row[6] for row in _CAST) + tuple(row[4] for row in _NEIGHBOURS) + (
            "+33261910012", "+33261910040", "+33261910051", "+33261910062", "+33261910070", "+33639981245", "+33261911122", "+33261913008",
        )  # fmt: skip
        folk = _folk(ground, BELRIVE, random, "+3326191", taken=taken)
        history = _Belrive(Life(territory.pk, now - timedelta(days=43)), ground, folk, now)
        progress.step(3, "Belrive: three hundred people on file")
        history.people(300)
        progress.step(4, "Belrive: a hundred and fifty neighbours")
        history.neighbours()
        progress.step(5, "Belrive: six weeks of calls, needs and visits")
        history.six_weeks()
        progress.step(6, "Belrive: this very day")
        history.today()
        progress.step(7, "Belrive: the register, the last hand")
        registers.live(ground, folk, now)
        doubles.live(ground, folk, now)
        with clock.at(now):
            Territory.objects.filter(pk=territory.pk).update(
                note_of_the_day="Grand froid annoncé dès samedi. À chaque appel, demander : « Votre chauffage marche bien ? »",
                note_by="Claire Duval",
                note_at=now - timedelta(hours=3),
            )
            put_on_call(
                ground.workers["helene"].pk,
                starts_at=now - timedelta(days=60),
                ends_at=now + timedelta(days=300),
                actor=ground.job,
            )
            add_absence(
                ground.workers["julien"].pk,
                starts_at=_at(now, 9, 8),
                ends_at=_at(now, 13, 19),
                reason="Congés",
                actor=ground.actor("helene"),
            )
        for add in afterwards:
            add(ground)
        # As the night does: those of the invented files that look like one person.
        propose_doubles(actor=Actor.job("people.doubles", territory.pk))
        _set_ready(territory, now)


class _Belrive(Behaviour):
    """The town's last weeks."""

    def __init__(self, life: Life, ground: Ground, folk: Folk, now: datetime) -> None:
        super().__init__(life, ground, folk.random)
        self.folk, self.present = folk, now
        self.cast: dict[str, Person] = {}
        self.friends: dict[str, Volunteer] = {}
        self.nadia, self.julien, self.claire = (ground.actor(key) for key in ("nadia", "julien", "claire"))

    def new_script(self, need_id: int) -> Script:
        draw = self.random.random()
        ending = (
            "neighbour"
            if draw < 0.68
            else "association"
            if draw < 0.83
            else "service"
            if draw < 0.95
            else "unmet"
        )
        return Script(
            yes_at=self.random.choice((1, 1, 2, 2, 3, 4)) if ending == "neighbour" else None,
            ending=ending,
            withdraws=self.random.random() < 0.12,
            proves=self.random.choices(("page", "telecare", "none"), (70, 15, 15))[0],
            neighbour_says=self.random.choices(("well", "", "worried"), (80, 16, 4))[0],
            person_says=self.random.choices(("well", "so_so", "badly"), (86, 11, 3))[0],
        )

    # --- who there is

    def people(self, count: int) -> None:
        first = self.present - timedelta(days=700)
        with clock.at(first):
            for row in _CAST:
                self._cast_member(*row)
            self._odette()
        while len(self.folk.people) < count:
            with clock.at(first + timedelta(hours=40 * len(self.folk.people))):
                self.folk.household(actor=self.random.choice((self.nadia, self.julien)))
        for person in self.random.sample(self.folk.people[20:], 7):
            with clock.at(self.present - timedelta(days=self.random.randint(50, 300))):
                state = self.random.choice(("deceased", "in_care_home", "moved"))
                change_person(person.pk, state=state, actor=self.claire)
                person.state = state
        with clock.at(self.present - timedelta(days=2)):
            say_away(
                self.cast["Lucette Ferrand"].pk, reason="hospital", starts_on=clock.today() - timedelta(days=1), told_by="son fils",
                actor=self.claire,
            )  # fmt: skip

    def _cast_member(
        self, first: str, last: str, woman: bool, born: tuple[int, int, int], number: int, street: str, phone: str,
        alone: bool, agrees: bool, access: str, talk: str, home: str,
    ) -> None:  # fmt: skip
        line, point = self.folk.addresses.at(number, street)
        telecare: dict[str, Any] = {
            "telecare_operator_id": self.folk.operator_id,
            "telecare_number": str(40_718 + len(self.cast)),
        }
        person = create_person(
            first_name=first, last_name=last, title="madame" if woman else "monsieur", birth_on=date(*born), street=line,
            access=access, postcode=BELRIVE.postcode, city=BELRIVE.name, insee=BELRIVE.insee, x=point[0], y=point[1],
            phones=[phone], lives_alone=alone, talk_note=talk, home_note=home, has_stairs="sans ascenseur" in access,
            has_pets="chien" in home, actor=self.nadia, **(telecare if last in ("Marchand", "Rouxel", "Ollivier", "Ferrand") else {}),
        )  # fmt: skip
        for purpose in ("neighbour_help", "welfare_calls", "telecare"):
            if agrees:
                note_consent(person.pk, purpose=purpose, is_given=True, actor=self.nadia)
        self.cast[f"{first} {last}"] = person
        self.folk.people.append(person)

    def _odette(self) -> None:
        odette = self.cast["Odette Marchand"].pk
        note_consent(odette, purpose="partners", is_given=True, actor=self.nadia)
        for name, relation, note, phone, key, professional in (
            (
                "Sylvie Carpentier",
                "child",
                "sa fille, à Rennes. À prévenir en premier",
                "+33639981245",
                False,
                False,
            ),
            ("Michel Lefort", "neighbour", "voisin du 1er", "+33639984017", True, False),
            ("Cabinet Lamy", "nurse", "infirmière : lundi, mercredi, vendredi", "+33261911122", False, True),
        ):
            add_contact(
                odette,
                name=name,
                relation=relation,
                note=note,
                phone=phone,
                has_key=key,
                is_professional=professional,
                actor=self.nadia,
            )

        self._lives()

    def _lives(self) -> None:
        """What a file holds beyond names and numbers: the week, codes, a couple, a guardian, somebody not to be rung."""
        odette, nadia = self.cast["Odette Marchand"].pk, self.nadia
        ours, nurse, child = (
            ("CCAS", "call", [0, 3]),
            ("Infirmière", "visit", [0, 2, 4]),
            ("Sylvie, sa fille", "call", [2]),
        )
        note_presence(odette, who=ours[0], kind=ours[1], days=ours[2], at=time(10), is_ours=True, actor=nadia)
        note_presence(odette, who=nurse[0], kind=nurse[1], days=nurse[2], at=time(8), actor=nadia)
        note_presence(odette, who=child[0], kind=child[1], days=child[2], part="evening", actor=nadia)
        note_presence(odette, who="Michel Lefort", kind="visit", days=[5], at=time(11), actor=nadia)
        for purpose, given in (("photos", False), ("outings", False)):
            note_consent(odette, purpose=purpose, is_given=given, actor=nadia)
        keep_secret(odette, kind="door_code", value="41B72", actor=nadia)
        write_note(odette, text="Aime parler de son jardin et de ses années à la poste.", actor=nadia)

        simone, roger = self.cast["Simone Gaillard"].pk, self.cast["Roger Gaillard"].pk
        share_home(simone, roger, actor=nadia)
        udaf = add_contact(
            self.cast["Georges Pinel"].pk, name="UDAF du Val", relation="representative", phone="+33261910050",
            is_professional=True, actor=nadia,
        )  # fmt: skip
        note_protection(
            self.cast["Georges Pinel"].pk, measure="reinforced_curatorship", representative_id=udaf.pk,
            through_them="toute dépense au-dessus de 100 euros", actor=nadia,
        )  # fmt: skip
        change_person(self.cast["Maria Kowal"].pk, language="pl", needs_interpreter=True, actor=nadia)
        nephew = add_contact(
            self.cast["Paulette Rouxel"].pk, name="Didier Rouxel", relation="relative", note="son neveu",
            phone="+33639985512", actor=nadia,
        )  # fmt: skip
        do_not_contact(
            nephew.pk, reason="Elle demande qu’on ne l’appelle plus : elle a peur de lui.", actor=nadia
        )
        note_presence(
            self.cast["Yvonne Thibaut"].pk, who="Aide à domicile", kind="visit", days=[0, 1, 2, 3, 4], at=time(9, 30), actor=nadia
        )  # fmt: skip

    def neighbours(self) -> None:
        days = 500
        for first, last, gender, born, phone, number, street, about, kinds, free, most in _NEIGHBOURS:
            days -= 30
            line, point = self.folk.addresses.at(number, street)
            with clock.at(self.present - timedelta(days=days)):
                friend = self.folk.applicant(
                    actor=self.nadia, first_name=first, last_name=last, gender=gender, birth_on=date(*born), phone=phone,
                    street=line, x=point[0], y=point[1], about=about, kinds=kinds, free=free, reach_minutes=20,
                    max_per_month=most, avoids=["heavy"] if first == "Jeanne" else [], has_car=first == "Thierry", languages=["fr"],
                )  # fmt: skip
                self.folk.vet(friend, actor=self.claire)
            self.friends[f"{first} {last}"] = friend
        for place in range(136):
            with clock.at(self.present - timedelta(days=460 - 3 * place, hours=self.random.randint(0, 8))):
                self.folk.vet(self.folk.applicant(actor=self.nadia), actor=self.claire)
        others = [one for one in self.folk.volunteers if one not in self.friends.values()]
        for place, one in enumerate(self.random.sample(others, 16)):
            with clock.at(self.present - timedelta(days=self.random.randint(2, 40))):
                if place < 7:
                    volunteers.rest(
                        one.pk,
                        until=self.present + timedelta(days=self.random.randint(5, 60)),
                        actor=self.claire,
                    )
                else:
                    volunteers.end(one.pk, actor=self.claire)
        # Who offered lately and is not vetted yet; two of them have waited too long.
        for days in (12, 9, 6, 4, 2):
            with clock.at(self.present - timedelta(days=days, hours=2)):
                newcomer = self.folk.applicant(actor=self.nadia)
                if days > 5:
                    volunteers.note_check(newcomer.pk, check="interview", on=clock.today(), actor=self.claire)
                if days > 2:
                    take(
                        Duty.objects.open().get(kind="vet_volunteer", subject_id=newcomer.application.pk).pk,
                        actor=self.claire,
                    )

    # --- six weeks

    def six_weeks(self) -> None:
        random, day = self.random, self.life.now.astimezone(clock.PARIS).date()
        self.regulars()
        last = self.present - timedelta(hours=5)
        while day <= self.present.astimezone(clock.PARIS).date():
            for _each in range(random.choice((3, 4, 5, 6, 7)) if day.weekday() < 5 else 1):
                moment = datetime(day.year, day.month, day.day, 8, 35, tzinfo=clock.PARIS) + self.minutes(
                    0, 520
                )
                if self.working(moment) == moment and moment < last:
                    self.life.at(moment, self.somebody_rings)
            if random.random() < 0.25:
                night = datetime(day.year, day.month, day.day, 18, 20, tzinfo=clock.PARIS) + self.minutes(
                    0, 90
                )
                if night < last:
                    self.life.at(
                        night, lambda: self.missed(self.caller_number(random.choice(self.folk.people)))
                    )
            day += timedelta(days=1)
        self.life.run(last)

    def regulars(self) -> None:
        """Michel goes to Odette's on Saturdays; Jeanne visits René on Wednesdays."""
        day = self.life.now.astimezone(clock.PARIS).date() + timedelta(days=4)
        while day < self.present.astimezone(clock.PARIS).date() - timedelta(days=1):
            if day.weekday() == 5:
                self._regular(day, "Odette Marchand", "Michel Lefort", "shopping", 10, "telecare")
            if day.weekday() == 2:
                self._regular(day, "René Caron", "Jeanne Morel", "courtesy_visit", 15, "page")
            day += timedelta(days=1)

    def _regular(self, day: date, who: str, by: str, kind: str, hour: int, proves: str) -> None:
        start = datetime(day.year, day.month, day.day, hour, 0, tzinfo=clock.PARIS)

        def ask() -> None:
            what, details = words.NEEDS[kind][0]
            need = open_need(
                person_id=self.cast[who].pk, kind=kind, starts_at=start, ends_at=start + timedelta(hours=2), what=what,
                details=details, wish="Quelqu’un qu’elle connaît déjà." if self.cast[who].is_woman else "", owner_id=self.nadia.membership_id,
                source="desk", actor=self.nadia,
            )  # fmt: skip
            self.scripts[need.pk] = Script(yes_at=1, proves=proves)
            self.in_hand.add(need.pk)
            matching.send_wave(need.pk, [self.friends[by].pk], actor=self.nadia)

        self.life.at(start - timedelta(days=2, hours=-1), ask)

    def caller_number(self, person: Person) -> str:
        return person.phones.values_list("e164", flat=True).first() or ""

    def somebody_rings(self) -> None:
        random = self.random
        draw = random.random()
        people = [person for person in self.folk.people if person.state == "active"]
        person = random.choice(people[:40] if random.random() < 0.4 else people)
        number = self.caller_number(person)
        if draw < 0.04:
            self.ring("anonymous", self.note("talk", words.TALK, anonymous=True), minutes=9)
        elif draw < 0.40:
            self.ring(number, self.note("talk", words.TALK, person), minutes=random.uniform(6, 18))
        elif draw < 0.54:
            self.ring(number, self.note("information", words.INFORMATION, person))
        elif draw < 0.62:
            self.ring(number, self.note("news", words.NEWS, person))
        elif draw < 0.67:
            self.ring(number, self.note("other", words.OTHER, person))
        elif draw < 0.75:
            self.ring(number, self.note("talk", words.CALL_BACK, person, call_back=True))
        elif draw < 0.79:
            self.ring(number, self.note("worry", words.WORRIES, person, worry=True), minutes=8)
        else:
            self.ring(number, self.need_note(person), minutes=5)

    def note(
        self, reason: str, said: tuple[str, ...], person: Person | None = None, *, anonymous: bool = False,
        call_back: bool = False, worry: bool = False,
    ) -> Callable[[Call, Actor], None]:  # fmt: skip
        def write(call: Call, agent: Actor) -> None:
            values: dict[str, Any] = {"next": "nothing"}
            if call_back:
                due = self.working(self.life.now + self.minutes(200, 1_500))
                values = {"next": "call_back", "call_back_at": due}
            elif worry:
                values = {
                    "next": "concern",
                    "concern": {
                        "facts": self.random.choice(said),
                        "urgency": "today",
                        "owner_id": agent.membership_id,
                    },
                }
            calls.log_call(
                call.pk,
                who="anonymous" if anonymous else "self",
                person_id=None if person is None else person.pk,
                reasons=[reason],
                mood=self.random.choices(("well", "as_usual", "less_well", ""), (30, 45, 15, 10))[0],
                words=self.random.choice(said),
                logging_seconds=self.random.randint(18, 70),
                actor=agent,
                **values,
            )

        return write

    def need_note(self, person: Person, kind: str = "") -> Callable[[Call, Actor], None]:
        random = self.random
        kind = kind or random.choices(list(words.MIX), list(words.MIX.values()))[0]

        def write(call: Call, agent: Actor) -> None:
            what, details = random.choice(words.NEEDS[kind])
            start = self.working(self.life.now + timedelta(days=random.choice((1, 1, 2, 2, 3, 4))))
            local = start.astimezone(clock.PARIS)
            begin, hours = random.choice(((9, 3), (10, 4), (14, 4), (9, 9), (14, 5)))
            start = local.replace(hour=begin, minute=0, second=0, microsecond=0)
            calls.log_call(
                call.pk,
                who="self",
                person_id=person.pk,
                reasons=["help"],
                mood=random.choice(("well", "as_usual", "as_usual", "less_well")),
                words=f"Demande : {what.lower()}.",
                next="need",
                need={
                    "kind": kind,
                    "starts_at": start,
                    "ends_at": start + timedelta(hours=hours),
                    "what": what,
                    "details": details,
                    "owner_id": agent.membership_id,
                    "neighbour_consent": True,
                },
                logging_seconds=random.randint(35, 90),
                actor=agent,
            )

        return write

    # --- today

    def today(self) -> None:
        """What lies on the desk now: some of it late, some of it waiting for a name."""
        now = self.present
        self.life.observers.remove(self.look)
        self._two_days_ago()
        steps: list[tuple[timedelta, Callable[[], object]]] = [
            (timedelta(hours=4, minutes=40), self._nobody),
            (timedelta(hours=4), self._visit_without_proof),
            (timedelta(hours=3, minutes=30), self._caron_visited),
            (timedelta(hours=2, minutes=20), lambda: self.missed("+33261913008")),
            (timedelta(hours=2), self._unowned),
            (timedelta(minutes=95), self._unclear),
            (timedelta(minutes=80), self._gaillard),
            (timedelta(minutes=55), self._alarm),
            (timedelta(minutes=48), self._later_today),
            (timedelta(minutes=35), self._referred),
            (timedelta(minutes=25), self._odette_rings),
            (timedelta(minutes=7), self._call_to_write),
        ]
        for ago, step in steps:
            self.life.at(now - ago, step)
        self.life.run(now)

    def _two_days_ago(self) -> None:
        self.life.at(self.present - timedelta(hours=4, minutes=50), lambda: None)
        with clock.at(self.present - timedelta(days=2, hours=1)):
            open_concern(
                person_id=self.cast["Georges Pinel"].pk,
                facts="Sa pharmacie ne l’a pas vu depuis trois semaines. Prendre contact avant de décider.",
                urgency="two_days", source="partner", reported_by="Pharmacie du Marché", owner_id=self.nadia.membership_id, actor=self.nadia,
            )  # fmt: skip
            for who, about, due in (
                (
                    "Henri Vasseur",
                    "Son chauffage : a-t-il eu le réparateur ?",
                    self.present - timedelta(hours=2),
                ),
                (
                    "Lucette Ferrand",
                    "Son appel convenu. La dernière fois : « le genou va mieux ».",
                    self.present + timedelta(minutes=25),
                ),
                (
                    "Émile Diaz",
                    "Prendre des nouvelles après la première visite d’Aïcha Mekki.",
                    self.present + timedelta(hours=3),
                ),
            ):
                calls.plan_call(
                    person_id=self.cast[who].pk,
                    why="promised",
                    about=about,
                    due_at=due,
                    owner_id=self.nadia.membership_id,
                    actor=self.nadia,
                )
        with clock.at(self.present - timedelta(days=1, hours=2)):
            planned = PlannedCall.objects.get(person=self.cast["Henri Vasseur"], closed_at__isnull=True)
            calls.keep_planned_call(planned.pk, outcome="no_answer", actor=self.julien)

    def _need(
        self, who: str, kind: str, start: datetime, hours: float, owner: Actor | None, **more: Any
    ) -> Need:
        what, details = words.NEEDS[kind][0]
        return open_need(
            person_id=self.cast[who].pk, kind=kind, starts_at=start, ends_at=start + timedelta(hours=hours),
            owner_id=owner.membership_id if owner else None, actor=owner or self.julien, **({"what": what, "details": details} | more),
        )  # fmt: skip

    def _agree(self, need: Need, friend: str, *, how: str = "link") -> Visit:
        """He is asked and says yes a moment later."""
        volunteer = self.friends[friend]
        matching.send_wave(need.pk, [volunteer.pk], actor=self.nadia)
        offer = Offer.objects.filter(need=need, volunteer=volunteer).latest("pk")
        actor = Actor.neighbour(volunteer.pk, volunteer.full_name, self.territory_id)
        matching.answer_offer(offer.pk, yes=True, how=how, actor=actor)
        return Visit.objects.get(offer=offer)

    def _nobody(self) -> None:
        """Asked of the one who speaks her language and is free then: he cannot, and the need is back with its owner."""
        need = self._need(
            "Maria Kowal",
            "transport",
            _at(self.present, 3, 9),
            6,
            self.nadia,
            what="Être conduite au marché",
            details="",
        )
        candidates = proposal_for(need).candidates
        if not candidates:
            return
        friend = Volunteer.objects.get(pk=candidates[0].helper.id)
        volunteers.change_volunteer(friend.pk, languages=["fr", "pl"], actor=self.claire)
        change_need(need.pk, language="pl", actor=self.nadia)
        matching.send_wave(need.pk, [friend.pk], actor=self.nadia)
        offer = Offer.objects.get(need=need)
        actor = Actor.neighbour(friend.pk, friend.full_name, self.territory_id)
        self.life.after(
            timedelta(minutes=12), lambda: matching.answer_offer(offer.pk, yes=False, how="link", actor=actor)
        )

    def _visit_without_proof(self) -> None:
        """He should have been there an hour ago; nobody knows."""
        need = self._need(
            "Émile Diaz", "courtesy_visit", self.life.now + timedelta(minutes=20), 1.5, self.nadia
        )
        self._by_voice(need, "Aïcha Mekki")

    def _by_voice(self, need: Need, friend: str) -> Visit:
        """Chosen by the agent who telephoned: free or not, he said yes."""
        volunteer = self.friends[friend]
        proposal = proposal_for(need)
        possible = {one.helper.id for one in (*proposal.candidates, *proposal.almost)}
        if volunteer.pk not in possible:
            volunteer = Volunteer.objects.get(pk=sorted(possible)[0])
        matching.send_wave(need.pk, [volunteer.pk], by_voice=True, actor=self.nadia)
        offer = Offer.objects.filter(need=need, volunteer=volunteer).latest("pk")
        matching.answer_offer(offer.pk, yes=True, how="voice", noted_by=self.nadia.name, actor=self.nadia)
        return Visit.objects.select_related("volunteer").get(offer=offer)

    def _caron_visited(self) -> None:
        """Done this morning, proved on his page; she is owed a call."""
        need = self._need(
            "René Caron", "courtesy_visit", self.life.now + timedelta(minutes=10), 2, self.nadia
        )
        visit = self._by_voice(need, "Jeanne Morel")
        actor = Actor.neighbour(visit.volunteer_id, visit.volunteer.full_name, self.territory_id)
        self.life.after(timedelta(minutes=25), lambda: visits.prove(visit.pk, how="page", actor=actor))
        self.life.after(
            timedelta(minutes=90),
            lambda: visits.neighbour_report(
                visit.pk,
                says="worried",
                note="Il a beaucoup maigri, et n’a pas touché à son repas d’hier.",
                actor=actor,
            ),
        )

    def _unowned(self) -> None:
        self._need("Yvonne Thibaut", "courtesy_visit", _at(self.present, 2, 14), 4, None, source="desk")
        self._need("Ahmed Saïdi", "paperwork", _at(self.present, 3, 9), 3, None)

    def _unclear(self) -> None:
        """« Oui mais »: the machine does not guess."""
        need = self._need("Paulette Rouxel", "courtesy_visit", _at(self.present, 1, 14), 5, self.nadia)
        wave = matching.send_wave(need.pk, actor=self.nadia)
        number = wave.offers.select_related("volunteer").order_by("rank")[0].volunteer.phone
        self.life.after(
            timedelta(minutes=9),
            lambda: self.write(number, "Oui mais pas avant 16h, et je viens avec mon fils, ca va ?"),
        )

    def _gaillard(self) -> None:
        need = self._need(
            "Simone Gaillard", "shopping", _at(self.present, 2, 9), 3, self.nadia, source="desk"
        )
        matching.send_wave(need.pk, answers_by=self.present + timedelta(minutes=50), actor=self.nadia)

    def _alarm(self) -> None:
        """VigiLoire passes on what was no alarm: she wanted to talk."""
        person = Person.objects.get(pk=self.cast["Paulette Rouxel"].pk)
        assert person.telecare_operator_id is not None
        receive_event(
            organisation_id=person.telecare_operator_id, unit=person.telecare_number, reference="80010042", status_code=10,
            at=self.life.now, actor=Actor.machine("vigiloire", self.territory_id, person.telecare_operator_id),
        )  # fmt: skip

    def _later_today(self) -> None:
        need = self._need(
            "Marguerite Ollivier", "courtesy_visit", self.present + timedelta(minutes=70), 2.5, self.nadia
        )
        self._by_voice(need, "Fatou Ndiaye")

    def _referred(self) -> None:
        need = self._need("Lucette Ferrand", "outing", _at(self.present, 4, 14), 3, self.nadia)
        note_consent(self.cast["Lucette Ferrand"].pk, purpose="partners", is_given=True, actor=self.nadia)
        referrals.propose_referral(
            need.pk,
            self.ground.services["Visites du Quai"].pk,
            note="Elle marche lentement, avec une canne.",
            actor=self.nadia,
        )

    def _odette_rings(self) -> None:
        def write(call: Call, agent: Actor) -> None:
            days = (5 - self.present.astimezone(clock.PARIS).weekday()) % 7 or 7
            start = _at(self.present, days, 9)
            calls.log_call(
                call.pk, who="self", person_id=self.cast["Odette Marchand"].pk, reasons=["talk", "help"], mood="less_well",
                words="« Je n’ai plus rien dans le frigo. » Rentrée de l’hôpital mardi, fatiguée, contente d’avoir appelé.", next="need",
                need={
                    "kind": "shopping", "starts_at": start, "ends_at": start + timedelta(hours=3), "what": "Un petit panier, moins de 5 kg",
                    "details": "Lait, pain, soupe, trois pommes. Elle rembourse sur le ticket.", "wish": "Quelqu’un qu’elle connaît déjà. Parler un peu.",
                    "owner_id": self.nadia.membership_id,
                },
                logging_seconds=52, actor=self.nadia,
            )  # fmt: skip

        self.agents = [self.nadia]
        self.ring("+33261914720", write, minutes=8)

    def _call_to_write(self) -> None:
        """Just hung up, not written down yet."""
        machine = Actor.machine("standard", self.territory_id)
        call = calls.ring(provider="standard", call_key="today-1", number_raw="+33261912940", actor=machine)
        calls.answer(call.pk, by_membership_id=self.nadia.membership_id, actor=machine)
        self.life.after(timedelta(minutes=4), lambda: calls.hang_up(call.pk, actor=machine))
