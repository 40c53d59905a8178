"""An invented French register of old people, and what a hurried agent makes of it while listening on the telephone.

Surnames: the lists of `french_surnames.txt` as head of a Zipf law (weight 1 / (rank + 8)^.85) and a tail of 60,000 made by a
chain of letter triples over them; about 96,000 distinct in a million people, the commonest .6 %. First names of people
born from 1920 to 1965. Two in three are women, 70 % of them with a birth name. 150 communes, ten of them with 60 % of
the people; 12,000 streets. `Gen.typo` is a slip on an AZERTY keyboard, `Gen.phon` one of 37 ways of writing what is heard;
`Gen.corrupt` is a whole record written a second time. Everything follows from the seed.
"""

import datetime as dt
import random
import unicodedata
from collections import defaultdict
from pathlib import Path

F_OLD = (
    "Jeannine Monique Jacqueline Denise Marie-Thérèse Yvette Simone Andrée Odette Ginette Paulette Suzanne Raymonde Colette"
    " Huguette Nicole Françoise Michèle Danielle Josiane Christiane Bernadette Marie-Claude Marie-Louise Germaine Lucienne"
    " Marcelle Renée Solange Gisèle Arlette Liliane Madeleine Thérèse Geneviève Hélène Marguerite Yvonne Georgette Éliane Annie"
    " Chantal Évelyne Ghislaine Claudette Pierrette Mauricette Jeanne Louise Léone Fernande Antoinette Rolande Micheline Régine"
    " Édith Irène Rose-Marie Anne-Marie Marie-France Marie-Josée Catherine Martine Brigitte Sylvie Fatima Khadija Aïcha Zohra"
    " Fatiha Maria Conceição Rosa Carmen Giuseppina Halina Thi-Mai"
).split()
M_OLD = (
    "Jean Pierre Michel André Claude Jacques René Roger Robert Marcel Maurice Georges Henri Louis Raymond Bernard Guy Gérard"
    " Daniel Serge Gilbert Roland Jean-Pierre Jean-Claude Jean-Paul Jean-Louis Jean-Marie Jean-Jacques François Paul Lucien"
    " Fernand Émile Léon Gaston Albert Charles Joseph Yves Christian Alain Gilles Francis Marc Lionel Edmond Eugène Félix"
    " Gabriel Germain Hubert Ignace Jules Léonce Noël Octave Philippe Rémi Sylvain Théophile Urbain Valentin Xavier Mohamed"
    " Ahmed Ali Abdelkader Salah Antonio Manuel José Giovanni Mario Stanislas Kazimierz Van-Minh"
).split()
TYPES = [
    ("rue", 0.55), ("avenue", 0.13), ("boulevard", 0.07), ("place", 0.06), ("impasse", 0.07), ("chemin", 0.06), ("allée", 0.06),
]  # fmt: skip
STREETS = (
    "de la République|Victor Hugo|Jean Jaurès|du Général de Gaulle|Pasteur|de la Gare|de l'Église|des Écoles|du Moulin|"
    "Gambetta|Émile Zola|Jules Ferry|de Verdun|du Maréchal Foch|Anatole France|Saint-Leu|de Paris|de la Paix|de la Liberté|"
    "du 8 Mai 1945|du 11 Novembre|Voltaire|Molière|Jean Moulin|des Lilas|des Acacias|des Tilleuls|des Peupliers|du Château|"
    "de la Mairie|de la Fontaine|Léon Blum|Pierre Curie|Salvador Allende|du Faubourg|des Jardins|de Bretagne|de Picardie|"
    "du Stade|de la Poste|des Roses|Lamartine|Racine|Albert Camus|Édouard Vaillant|Aristide Briand|Paul Doumer|Clemenceau|"
    "Carnot|Kléber"
).split("|")
CITIES = [
    ("Saint-Aubin", "80000"), ("Villeneuve-le-Pont", "80100"), ("Montreuil-sur-Noye", "80110"), ("Beauval", "80630"),
    ("La Chapelle-en-Vexin", "60240"), ("Châteauneuf", "02100"), ("Fère-le-Château", "02130"),
    ("Saint-Étienne-au-Bois", "76290"), ("Rouvray", "76300"), ("Le Mesnil", "76310"),
    *((f"Bourg-{n}", f"{14000 + n * 10:05}") for n in range(140)),
]  # fmt: skip
NEXT_KEYS = dict(
    zip(
        "azertyuiopqsdfghjklmwxcvbn",
        "zqs aeqs zrsd etdf rygf tuhg yijh uokj iplk oml aswz qdzx sfec dgrv fhtb gjyn hkun jlio kmpo lpo xqs wcsd xvdf"
        " cbfg vngh bhj".split(),
        strict=True,
    )
)
# What is heard is written otherwise.
HEARD = [
    ("ph", "f"), ("f", "ph"), ("eau", "o"), ("aux", "eau"), ("ault", "aud"), ("aud", "ault"), ("et", "ey"), ("ey", "et"),
    ("ss", "s"), ("ll", "l"), ("tt", "t"), ("nn", "n"), ("t", "tt"), ("n", "nn"), ("l", "ll"), ("y", "i"), ("i", "y"),
    ("c", "k"), ("k", "c"), ("qu", "k"), ("th", "t"), ("t", "th"), ("h", ""), ("z", "s"), ("s", "z"), ("an", "en"),
    ("en", "an"), ("ain", "in"), ("in", "ain"), ("er", "é"), ("é", "er"), ("oi", "oy"), ("ou", "oux"), ("ge", "je"), ("x", ""),
    ("d", "t"), ("gn", "ni"),
]  # fmt: skip
FIELDS = ["first", "last", "birth_name", "sex", "dob", "phone", "num", "street", "postcode", "city"]


def strip(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if unicodedata.category(sign) != "Mn")


def surnames(chance: random.Random, count: int = 60_000) -> list[str]:
    lines = (Path(__file__).parent / "french_surnames.txt").read_text(encoding="utf-8").splitlines()
    head = [name for line in lines if not line.startswith("#") for name in line.split("|")]
    after = defaultdict(list)
    for name in head:
        letters = f"^^{name.lower()}$"
        for place in range(len(letters) - 2):
            after[letters[place : place + 2]].append(letters[place + 2])
    found, seen = head[:], {name.lower() for name in head}
    while len(found) < count:
        last, name = "^^", ""
        while True:
            sign = chance.choice(after[last])
            if sign == "$" or len(name) > 13:
                break
            name += sign
            last = last[1] + sign
        if 4 <= len(name) <= 13 and name not in seen and name[0].isalpha():
            seen.add(name)
            found.append("-".join(word.capitalize() for word in name.split("-")))
    return found


class Gen:
    """People, and what is made of them; one stream of chance for all."""

    def __init__(self, seed: int = 1) -> None:
        self.r = r = random.Random(seed)
        self.sn = surnames(r)
        self.cum: list[float] = []
        total = 0.0
        for rank in range(len(self.sn)):
            total += 1 / (rank + 8) ** 0.85
            self.cum.append(total)
        self.streets: dict[str, list[str]] = {}
        kinds, weights = [kind for kind, _w in TYPES], [weight for _k, weight in TYPES]
        for place, (city, _postcode) in enumerate(CITIES):
            self.streets[city] = [
                r.choices(kinds, weights)[0] + " "
                + (r.choice(STREETS) if r.random() < 0.4 else f"{r.choice(F_OLD + M_OLD)} {r.choice(self.sn[:4000])}")
                for _n in range(400 if place < 10 else 60)
            ]  # fmt: skip
        self.fw = [1 / (rank + 4) ** 0.7 for rank in range(len(F_OLD))]
        self.mw = [1 / (rank + 4) ** 0.7 for rank in range(len(M_OLD))]

    def surname(self) -> str:
        return self.r.choices(self.sn, cum_weights=self.cum)[0]

    def addr(self) -> tuple[str, str, str, str]:
        r = self.r
        city, postcode = CITIES[r.randrange(10)] if r.random() < 0.6 else r.choice(CITIES)
        return (
            f"{r.randint(1, 180)}{r.choice([''] * 9 + [' bis'])}",
            r.choice(self.streets[city]),
            postcode,
            city,
        )

    def phone(self) -> str:
        """Only of the ranges kept for fiction."""
        r = self.r
        prefix = (
            r.choice(["019900", "026191", "035301", "046571", "053649"]) if r.random() < 0.7 else "063998"
        )
        return f"{prefix}{r.randrange(10_000):04}"

    def person(self) -> dict[str, str]:
        r = self.r
        is_woman = r.random() < 0.66
        first = r.choices(F_OLD, self.fw)[0] if is_woman else r.choices(M_OLD, self.mw)[0]
        last = self.surname()
        if r.random() < 0.015:
            last = f"{last}-{self.surname()}"
        elif r.random() < 0.02:
            last = r.choice(["Le ", "De ", "Du ", "La "]) + last
        age = min(104, max(60, r.gauss(79, 9)))
        born = dt.date(2026, 1, 1) - dt.timedelta(days=int(age * 365.25) + r.randrange(365))
        num, street, postcode, city = self.addr()
        return {
            "first": first, "last": last, "birth_name": self.surname() if is_woman and r.random() < 0.7 else "",
            "sex": "F" if is_woman else "M", "dob": born.isoformat(), "phone": self.phone() if r.random() < 0.93 else "",
            "num": num, "street": street, "postcode": postcode, "city": city,
        }  # fmt: skip

    # --- what a hurried agent types

    def typo(self, s: str) -> str:
        r = self.r
        if len(s) < 3:
            return s
        i, k = r.randrange(1, len(s)), r.random()
        if k < 0.25:
            return s[:i] + s[i + 1 :]
        if k < 0.5:
            return s[: i - 1] + s[i] + s[i - 1] + s[i + 1 :]
        if k < 0.75:
            return s[:i] + r.choice(NEXT_KEYS.get(strip(s[i]).lower(), "e")) + s[i + 1 :]
        return s[:i] + s[i] + s[i:]

    def phon(self, s: str) -> str:
        low = s.lower()
        fitting = [
            (a, b)
            for a, b in HEARD
            if a in low[1:] or (a in ("ph", "f", "h", "c", "k", "y") and low.startswith(a))
        ]
        if not fitting:
            return self.typo(s)
        a, b = self.r.choice(fitting)
        i = low.rfind(a)
        return (low[:i] + b + low[i + len(a) :]).title()

    def corrupt(self, p: dict[str, str]) -> dict[str, str]:
        """The same person written a second time, by somebody else."""
        r, q = self.r, dict(p)

        def hit(share: float) -> bool:
            return r.random() < share

        if hit(0.30):
            q["last"] = self.phon(q["last"])
        if hit(0.15):
            q["last"] = self.typo(q["last"])
        if hit(0.50):
            q["last"] = strip(q["last"])
        if hit(0.25):
            q["last"] = q["last"].upper()
        if hit(0.10):
            q["last"] = q["last"].replace(" ", "") if hit(0.5) else q["last"].replace("-", " ")
        if q["birth_name"] and hit(0.12):
            q["last"], q["birth_name"] = q["birth_name"], (q["last"] if hit(0.5) else "")
        if hit(0.12):
            q["first"] = self.phon(q["first"])
        if hit(0.10):
            q["first"] = self.typo(q["first"])
        if hit(0.50):
            q["first"] = strip(q["first"])
        if "-" in q["first"]:
            k = r.random()
            a, b = q["first"].split("-", 1)
            if k < 0.2:
                q["first"] = a
            elif k < 0.3:
                q["first"] = f"{a[:1]}.-{b}"
            elif k < 0.5:
                q["first"] = f"{a} {b}"
        if hit(0.03):
            q["first"], q["last"] = q["last"], q["first"]
        return q
