"""A French register that is not there: people of 60 and over, their couples and namesakes, and hurried copies of them.

The corpus on which duplicates.py judges. The head of the law of surnames comes from Faker's lists, the tail from a
chain of letters; the mistakes are those of somebody who types while listening. Truth is the column `ent`.
Nothing of it was used to make the weights (duplicates_train.py).
"""

import datetime as dt
import random
import unicodedata
from collections import defaultdict

F_OLD = "Jeannine Monique Jacqueline Denise Marie-Thérèse Yvette Simone Andrée Odette Ginette Paulette Suzanne Raymonde Colette Huguette Nicole Françoise Michèle Danielle Josiane Christiane Bernadette Marie-Claude Marie-Louise Germaine Lucienne Marcelle Renée Solange Gisèle Arlette Liliane Madeleine Thérèse Geneviève Hélène Marguerite Yvonne Georgette Éliane Annie Chantal Évelyne Ghislaine Claudette Pierrette Mauricette Jeanne Louise Léone Fernande Antoinette Rolande Micheline Régine Édith Irène Rose-Marie Anne-Marie Marie-France Marie-Josée Catherine Martine Brigitte Sylvie Fatima Khadija Aïcha Zohra Fatiha Maria Conceição Rosa Carmen Giuseppina Halina Thi-Mai".split()
M_OLD = "Jean Pierre Michel André Claude Jacques René Roger Robert Marcel Maurice Georges Henri Louis Raymond Bernard Guy Gérard Daniel Serge Gilbert Roland Jean-Pierre Jean-Claude Jean-Paul Jean-Louis Jean-Marie Jean-Jacques François Paul Lucien Fernand Émile Léon Gaston Albert Charles Joseph Yves Christian Alain Gilles Francis Marc Lionel Edmond Eugène Félix Gabriel Germain Hubert Ignace Jules Léonce Noël Octave Philippe Rémi Sylvain Théophile Urbain Valentin Xavier Mohamed Ahmed Ali Abdelkader Salah Antonio Manuel José Giovanni Mario Stanislas Kazimierz Van-Minh".split()
TYPES = [
    ("rue", 0.55),
    ("avenue", 0.13),
    ("boulevard", 0.07),
    ("place", 0.06),
    ("impasse", 0.07),
    ("chemin", 0.06),
    ("allée", 0.06),
]
SNAMES = "de la République|Victor Hugo|Jean Jaurès|du Général de Gaulle|Pasteur|de la Gare|de l'Église|des Écoles|du Moulin|Gambetta|Émile Zola|Jules Ferry|de Verdun|du Maréchal Foch|Anatole France|Saint-Leu|de Paris|de la Paix|de la Liberté|du 8 Mai 1945|du 11 Novembre|Voltaire|Molière|Jean Moulin|des Lilas|des Acacias|des Tilleuls|des Peupliers|du Château|de la Mairie|de la Fontaine|Léon Blum|Pierre Curie|Salvador Allende|du Faubourg|des Jardins|de Bretagne|de Picardie|du Stade|de la Poste|des Roses|Lamartine|Racine|Albert Camus|Édouard Vaillant|Aristide Briand|Paul Doumer|Clemenceau|Carnot|Kléber".split(
    "|"
)
CITIES = [
    ("Saint-Aubin", "80000"),
    ("Villeneuve-le-Pont", "80100"),
    ("Montreuil-sur-Noye", "80110"),
    ("Beauval", "80630"),
    ("La Chapelle-en-Vexin", "60240"),
    ("Châteauneuf", "02100"),
    ("Fère-le-Château", "02130"),
    ("Saint-Étienne-au-Bois", "76290"),
    ("Rouvray", "76300"),
    ("Le Mesnil", "76310"),
] + [(f"Bourg-{i}", f"{14000 + i * 10:05d}") for i in range(140)]
KB = dict(
    zip(
        "azertyuiopqsdfghjklmwxcvbn",
        "zqs aeqs zrsd etdf rygf tuhg yijh uokj iplk oml aswz qdzx sfec dgrv fhtb gjyn hkun jlio kmpo lpo xqs wcsd xvdf cbfg vngh bhj".split(),
        strict=True,
    )
)


def strip(s):
    return "".join(c for c in unicodedata.normalize("NFD", s) if unicodedata.category(c) != "Mn")


def fold(s):
    return "".join(c if c.isalnum() else " " for c in strip(s).lower().replace("œ", "oe"))


def surnames(r, n=60000):
    from faker.providers.person.fr_BE import Provider as B
    from faker.providers.person.fr_CH import Provider as Cc
    from faker.providers.person.fr_FR import Provider as A

    seed = []
    for pv in (A, B, Cc):
        seed += [x for x in list(pv.last_names) if x.isascii() or True]
    seed = list(dict.fromkeys(s.title() if s.isupper() else s for s in seed))
    nxt = defaultdict(list)
    for s in seed:
        t = "^^" + s.lower() + "$"
        for i in range(len(t) - 2):
            nxt[t[i : i + 2]].append(t[i + 2])
    out = list(seed[:])
    seen = set(x.lower() for x in out)
    while len(out) < n:
        k, s = "^^", ""
        while True:
            c = r.choice(nxt[k])
            if c == "$" or len(s) > 13:
                break
            s += c
            k = k[1] + c
        if 4 <= len(s) <= 13 and s not in seen and s[0].isalpha():
            seen.add(s)
            out.append("-".join(w.capitalize() for w in s.split("-")))
    # Zipf-like weights
    return out, [1 / (i + 8) ** 0.85 for i in range(len(out))]


FIELDS = ["first", "last", "birth_name", "sex", "dob", "phone", "num", "street", "postcode", "city"]


class Gen:
    def __init__(self, seed=1):
        self.r = r = random.Random(seed)
        self.sn, w = surnames(r)
        self.cum = []
        t = 0
        for x in w:
            t += x
            self.cum.append(t)
        self.streets = {}
        for ci, (c, _pc) in enumerate(CITIES):
            n = 400 if ci < 10 else 60
            self.streets[c] = [
                (
                    r.choices([t for t, _ in TYPES], [w for _, w in TYPES])[0]
                    + " "
                    + (
                        r.choice(SNAMES)
                        if r.random() < 0.4
                        else r.choice(F_OLD + M_OLD) + " " + r.choice(self.sn[:4000])
                    )
                )
                for _ in range(n)
            ]
        self.fw = [1 / (i + 4) ** 0.7 for i in range(len(F_OLD))]
        self.mw = [1 / (i + 4) ** 0.7 for i in range(len(M_OLD))]

    def surname(self):
        return self.r.choices(self.sn, cum_weights=self.cum)[0]

    def addr(self):
        r = self.r
        c, pc = CITIES[r.randrange(10)] if r.random() < 0.6 else r.choice(CITIES)
        return str(r.randint(1, 180)) + r.choice([""] * 9 + [" bis"]), r.choice(self.streets[c]), pc, c

    def phone(self):
        r = self.r
        return (
            f"0{r.choice([3, 2, 1, 4, 5])}" if r.random() < 0.7 else r.choice(["06", "07"])
        ) + f"{r.randrange(10**8):08d}"

    def person(self):
        r = self.r
        f = r.random() < 0.66
        first = r.choices(F_OLD, self.fw)[0] if f else r.choices(M_OLD, self.mw)[0]
        last = self.surname()
        if r.random() < 0.015:
            last = last + "-" + self.surname()
        elif r.random() < 0.02:
            last = r.choice(["Le ", "De ", "Du ", "La "]) + last
        age = min(104, max(60, r.gauss(79, 9)))
        dob = dt.date(2026, 1, 1) - dt.timedelta(days=int(age * 365.25) + r.randrange(365))
        num, st, pc, c = self.addr()
        return dict(
            first=first,
            last=last,
            birth_name=self.surname() if f and r.random() < 0.7 else "",
            sex="F" if f else "M",
            dob=dob.isoformat(),
            phone=self.phone() if r.random() < 0.93 else "",
            num=num,
            street=st,
            postcode=pc,
            city=c,
        )

    # ---- corruption: what a hurried agent types while listening on the phone
    def typo(self, s):
        r = self.r
        if len(s) < 3:
            return s
        i = r.randrange(1, len(s))
        k = r.random()
        if k < 0.25:
            return s[:i] + s[i + 1 :]
        if k < 0.5:
            return s[: i - 1] + s[i] + s[i - 1] + s[i + 1 :]
        if k < 0.75:
            return s[:i] + r.choice(KB.get(strip(s[i]).lower(), "e")) + s[i + 1 :]
        return s[:i] + s[i] + s[i:]

    PH = [
        ("ph", "f"),
        ("f", "ph"),
        ("eau", "o"),
        ("aux", "eau"),
        ("ault", "aud"),
        ("aud", "ault"),
        ("et", "ey"),
        ("ey", "et"),
        ("ss", "s"),
        ("ll", "l"),
        ("tt", "t"),
        ("nn", "n"),
        ("t", "tt"),
        ("n", "nn"),
        ("l", "ll"),
        ("y", "i"),
        ("i", "y"),
        ("c", "k"),
        ("k", "c"),
        ("qu", "k"),
        ("th", "t"),
        ("t", "th"),
        ("h", ""),
        ("z", "s"),
        ("s", "z"),
        ("an", "en"),
        ("en", "an"),
        ("ain", "in"),
        ("in", "ain"),
        ("er", "é"),
        ("é", "er"),
        ("oi", "oy"),
        ("ou", "oux"),
        ("ge", "je"),
        ("x", ""),
        ("d", "t"),
        ("gn", "ni"),
    ]

    def phon(self, s):
        low = s.lower()
        c = [
            (a, b)
            for a, b in self.PH
            if a in low[1:] or (a in ("ph", "f", "h", "c", "k", "y") and low.startswith(a))
        ]
        if not c:
            return self.typo(s)
        a, b = self.r.choice(c)
        i = low.rfind(a)
        return (low[:i] + b + low[i + len(a) :]).title()

    def corrupt(self, p):
        r = self.r
        q = dict(p)

        def hit(x):
            return r.random() < x

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
        if q["birth_name"] and hit(0.5):
            q["birth_name"] = ""
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
                q["first"] = a[0] + ".-" + b
            elif k < 0.5:
                q["first"] = a + " " + b
        if hit(0.03):
            q["first"], q["last"] = q["last"], q["first"]
        y, m, d = q["dob"].split("-")
        k = r.random()
        if k < 0.12:
            q["dob"] = ""
        elif k < 0.20:
            q["dob"] = y + "-01-01"  # only the year was given
        elif k < 0.25 and int(d) <= 12:
            q["dob"] = f"{y}-{d}-{m}"
        elif k < 0.31:
            q["dob"] = f"{int(y) + r.choice([-10, -1, 1, 10])}-{m}-{d}"
        elif k < 0.35:
            q["dob"] = f"{y}-{m}-{min(28, max(1, int(d) + r.choice([-1, 1, 10, -10]))):02d}"
        k = r.random()
        if k < 0.18:
            q["phone"] = ""
        elif k < 0.35:
            q["phone"] = self.phone()
        elif k < 0.45 and q["phone"]:
            i = r.randrange(2, 9)
            t = list(q["phone"])
            t[i], t[i + 1] = t[i + 1], t[i]
            q["phone"] = "".join(t)
        if q["phone"]:
            k = r.random()
            if k < 0.3:
                q["phone"] = " ".join(q["phone"][i : i + 2] for i in range(0, 10, 2))
            elif k < 0.4:
                q["phone"] = "+33" + q["phone"][1:]
        k = r.random()
        if k < 0.13:
            q["num"], q["street"], q["postcode"], q["city"] = self.addr()  # moved (care home, child's town)
        else:
            if hit(0.25):
                q["street"] = (
                    q["street"].replace("avenue", "av.").replace("boulevard", "bd").replace("rue ", "r. ")
                    if hit(0.6)
                    else self.typo(q["street"])
                )
            if hit(0.3):
                q["street"] = strip(q["street"])
            if hit(0.06):
                q["num"] = str(r.randint(1, 180))
            if hit(0.05):
                q["postcode"] = self.typo(q["postcode"])
            if hit(0.08):
                q["num"] = ""
        return q


def dataset(n_records, dup=0.25, seed=1):
    """n_records rows; about `dup` of them are corrupted copies (1..3 per original, Zipf). 3 % of the originals are
    hard negatives: same household (spouse: same last, address, phone) or same name in the same town (father/son)."""
    g = Gen(seed)
    r = g.r
    rows = []
    ent = 0
    while len(rows) < n_records:
        p = g.person()
        p["ent"] = ent
        rows.append(p)
        ent += 1
        k = r.random()
        if k < 0.06:  # spouse
            s = g.person()
            s.update(
                last=p["last"],
                num=p["num"],
                street=p["street"],
                postcode=p["postcode"],
                city=p["city"],
                phone=p["phone"] if r.random() < 0.6 else s["phone"],
                ent=ent,
            )
            ent += 1
            rows.append(s)
        elif k < 0.075:  # namesake in the same town
            s = g.person()
            s.update(
                first=p["first"],
                last=p["last"],
                sex=p["sex"],
                postcode=p["postcode"],
                city=p["city"],
                ent=ent,
            )
            ent += 1
            rows.append(s)
        if r.random() < dup / (1 - dup):
            for _ in range(r.choices([1, 2, 3], [0.8, 0.15, 0.05])[0]):
                q = g.corrupt(p)
                q["ent"] = p["ent"]
                rows.append(q)
    rows = rows[:n_records]
    r.shuffle(rows)
    for i, x in enumerate(rows):
        x["id"] = i
    return rows
