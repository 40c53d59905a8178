"""Invented towns to learn from: each with its own names, its own habits of writing, its own mistakes.

`town(seed)` gives columns and the true pairs. What is drawn for each town, and not only for each person: the
language of its names and how unequal they are, which columns its file has, how often each thing is missing, how
careless its agents are in each column, whether one list or both of two were typed carelessly, how many couples,
twins, brothers, namesakes, fathers and sons of one name, and homes with one telephone it holds. A model that
is right on all of them knows what resembles what, and not the rates of one of them.

Nothing is taken from the corpus the model is judged on: other names, other streets, other mistakes.
"""

import random
import unicodedata
from datetime import date, timedelta

SYLLABLES = {
    "fr": ("b br c ch d f g gr j l m n p pr r s t tr v bl cl fl".split(), "a e i o u ou ai eau an on in oi é au eu".split(), "r l n s t x rd nd rt lt c".split() + [""] * 14),
    "de": ("b br d f g h k kl kr l m n p r s sch st schw t v w z".split(), "a e i o u ei au ie ü ö ä".split(), "r l n s t ck ch mann er rt nd lz bach berg".split() + [""] * 5),
    "pt": ("b c d f g l m n p qu r s t v br cr fr pr tr lh nh".split(), "a e i o u ei ou ão ia".split(), "s r l z".split() + [""] * 10),
    "en": ("b br c cr d f g h j k l m n p r s sh st t th w wh".split(), "a e i o u ee oo ea ai ou".split(), "r l n s t ck ll ss th rd son ton ley".split() + [""] * 5),
    "ma": ("b d f g h j k kh l m n r s t z ab el ben bou".split(), "a e i o ou aï".split(), "d r l m n b f k".split() + [""] * 8),
}  # fmt: skip
FIRSTS = {
    "fr": "Aline Blanche Camille Claire Clémence Eugénie Henriette Joséphine Julienne Léontine Lucette Mathilde Noëlle Pauline Rosalie Solène Victorine Anne-Laure Marie-Ange Marie-Jeanne Marie-Paule Achille Adrien Anselme Auguste Barthélemy Clément Désiré Étienne Fabien Firmin Guillaume Honoré Jérôme Julien Léopold Martial Mathieu Olivier Prosper Stéphane Vincent Jean-Luc Jean-Marc Jean-Yves Pierre-Yves".split(),
    "de": "Anneliese Brigitte Elfriede Erika Gerda Gertrud Helga Hildegard Ilse Ingrid Käthe Margarete Renate Ursula Waltraud Dieter Ernst Friedrich Günter Hans Heinz Helmut Jürgen Karl Kurt Manfred Otto Siegfried Walter Wilhelm Hans-Peter Karl-Heinz".split(),
    "pt": "Adelaide Amélia Beatriz Celeste Deolinda Emília Fernanda Glória Graça Isaura Joaquina Lurdes Natália Olinda Teresa Abílio Adelino Álvaro Armindo Augusto Domingos Eduardo Fernando Francisco Joaquim Luís Manoel Rui Serafim Maria-José Ana-Maria".split(),
    "en": "Alice Beryl Constance Doris Edna Ethel Florence Gladys Hazel Ivy Joyce Mabel Norah Phyllis Winifred Albert Arthur Cecil Clifford Cyril Douglas Ernest Frank Harold Leonard Norman Percy Reginald Stanley Wilfred Mary-Ann".split(),
    "ma": "Amina Djamila Fadila Habiba Houria Jamila Kheira Leïla Malika Nadia Rachida Saadia Yamina Abdallah Brahim Driss Farid Hassan Idir Kamel Lahcen Mokhtar Omar Rachid Slimane Youssef".split(),
}  # fmt: skip
STREETS = {
    "fr": ("rue avenue boulevard place impasse chemin allée route quai cours".split(), True),
    "de": ("straße weg platz allee gasse".split(), False),
    "pt": ("rua avenida praça travessa largo".split(), True),
    "en": ("street road avenue lane place close".split(), False),
    "ma": ("rue avenue boulevard place".split(), True),
}  # fmt: skip
SHORT = {"rue": "r", "avenue": "av", "boulevard": "bd", "place": "pl", "impasse": "imp", "chemin": "ch", "allée": "all", "route": "rte", "straße": "str.", "street": "st", "road": "rd", "rua": "r.", "avenida": "av"}  # fmt: skip
# What is heard alike, in no language and in all: consonants and vowels that agents write one for another.
ALIKE = ["b/p", "d/t", "g/k", "f/v", "s/ss", "s/z", "c/s", "c/k", "k/ck", "ph/f", "y/i", "ie/i", "ei/ai", "ai/e", "au/o", "eau/au", "ou/u", "an/am", "en/an", "in/ain", "on/om", "m/n", "l/ll", "n/nn", "r/rr", "t/tt", "h/", "e/", "th/t", "qu/k", "j/g", "w/v", "sch/ch", "x/ks", "ão/ao", "lh/li", "nh/gn", "ö/oe", "ü/ue", "ee/i", "oo/ou", "é/e", "aï/ai", "kh/k"]  # fmt: skip
SOUNDS = [(x, y) for pair in ALIKE for x, y in (pair.split("/"), pair.split("/")[::-1]) if x]
ROWS = ["azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm"]
FIELDS = "first_name last_name birth_name sex birth_on phone other_phone identifier number street postcode city".split()


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


class Town:
    def __init__(self, seed: int) -> None:
        self.r = r = random.Random(f"town {seed}")
        self.language = r.choice(["fr", "fr", "fr", "fr", "de", "pt", "en", "ma"])
        self.foreign = r.choice([0, 0.05, 0.2])
        self.size = int(2_000 * 12 ** r.random())
        self.names = {}
        for language in SYLLABLES:
            count = r.choice([400, 2_000, 8_000]) if language == self.language else 300
            names = list(dict.fromkeys(self.made(language) for _ in range(count)))
            steep = r.uniform(0.5, 1.0)
            self.names[language] = (names, [1 / (i + 5) ** steep for i in range(len(names))])
        kinds, before = STREETS[self.language]
        words = self.names[self.language][0]
        self.towns = []
        for _ in range(r.choice([1, 3, 12, 60])):
            name = r.choice(["", "Saint-", "Le ", "Bourg-", "Neu"]) + r.choice(words)
            code = f"{r.randrange(1_000, 96_000):05d}"
            streets = []
            for _ in range(r.choice([20, 80, 300])):
                kind, other = (
                    r.choice(kinds),
                    r.choice(["de la ", "du ", "des ", "", "", ""]) + r.choice(words),
                )
                streets.append(f"{kind} {other}" if before else f"{other} {kind}")
            self.towns.append((name, code, streets))
        self.homes = [(*self.address(), self.number()) for _ in range(r.choice([0, 1, 4, 12]))]
        self.in_a_home = r.choice([0, 0.02, 0.1])
        rate = self.rate
        self.absent = [f for f, p in (("phone", 0.15), ("birth_on", 0.1), ("sex", 0.35), ("birth_name", 0.35), ("street", 0.06), ("number", 0.06), ("postcode", 0.08), ("city", 0.2), ("other_phone", 0.6), ("identifier", 0.65)) if r.random() < p]  # fmt: skip
        if "street" in self.absent:
            self.absent.append("number")
        self.missing = {f: rate(0.25) for f in ("phone", "birth_on", "sex", "birth_name", "street", "number", "postcode", "city", "first_name")}  # fmt: skip
        self.missing["first_name"] *= 0.1
        self.missing["identifier"] = rate(0.05)
        self.missing["other_phone"] = r.uniform(0.6, 1)
        self.copies = r.uniform(0.05, 0.5)
        self.care = r.uniform(0.3, 1.6)
        self.both_careless = r.random() < 0.3
        self.couples, self.twins, self.brothers = rate(0.25), rate(0.06), rate(0.08)
        self.namesakes, self.like_father = rate(0.05), rate(0.03)
        self.e = {name: rate(top) for name, top in (
            ("heard", .4), ("typed", .25), ("accents", .6), ("capitals", .3), ("spaces", .15), ("married", .2), ("cut", .5),
            ("first heard", .25), ("first typed", .2), ("initial", .06), ("nick", .03), ("turned", .06),
            ("no date", .3), ("year only", .2), ("date turned", .1), ("year", .12), ("day", .1), ("other date", .03),
            ("no phone", .35), ("new phone", .3), ("swapped", .12), ("digit", .08), ("habit", .6),
            ("moved", .3), ("short", .5), ("street typed", .2), ("new number", .1), ("no number", .2), ("postcode", .1), ("sex", .02),
        )}  # fmt: skip

        if "identifier" not in self.absent:
            # Lists kept by a personal number hold whole other names and dates under it.
            self.e["nick"], self.e["other date"] = rate(0.15), rate(0.1)
        self.neighbours = rate(0.2)

    def rate(self, top: float) -> float:
        """Somewhere between never and `top`, more often low."""
        return top * self.r.random() ** 1.3

    def made(self, language: str) -> str:
        first, vowel, last = SYLLABLES[language]
        r = self.r
        name = "".join(r.choice(first) + r.choice(vowel) for _ in range(r.choice([1, 2, 2, 3]))) + r.choice(
            last
        )
        return name.capitalize() if len(name) > 2 else self.made(language)

    def surname(self) -> str:
        r = self.r
        language = r.choice(list(SYLLABLES)) if r.random() < self.foreign else self.language
        name = r.choices(*self.names[language])[0]
        k = r.random()
        if k < 0.02:
            return name + r.choice("- ") + r.choices(*self.names[language])[0]
        if k < 0.05:
            return r.choice({"fr": ["Le ", "De ", "Du ", "D'"], "de": ["von "], "pt": ["da ", "dos "], "en": ["Mc", "O'"], "ma": ["Ben ", "El "]}[language]) + name  # fmt: skip
        return name

    def address(self) -> tuple[str, str, str]:
        name, code, streets = self.r.choice(self.towns[: max(1, int(self.r.expovariate(0.3)) + 1)])
        return self.r.choice(streets), code, name

    def number(self) -> str:
        return f"{self.r.randint(1, self.r.choice([30, 150]))}{self.r.choice([''] * 12 + [' bis', 'B'])}"

    def phone(self) -> str:
        # A town's lines begin alike.
        head = self.r.choice(["0199", "0261", "0353", "0465", "0536", "0639", "06", "07"])
        return head + "".join(self.r.choice("0123456789") for _ in range(10 - len(head)))

    def born(self) -> date:
        return date(2026, 1, 1) - timedelta(days=int(365.25 * min(104, max(18, self.r.gauss(78, 11)))) + self.r.randrange(365))  # fmt: skip

    def first(self, woman: bool) -> str:
        names = FIRSTS[self.language if self.r.random() > self.foreign else self.r.choice(list(FIRSTS))]
        if self.r.random() < 0.15:
            return self.made(self.language)
        half = len(names) // 2
        pool = names[:half] if woman else names[half:]
        return pool[min(len(pool) - 1, int(self.r.expovariate(0.12)))]

    def person(self) -> dict[str, str]:
        r = self.r
        woman = r.random() < 0.62
        street, code, city = self.address()
        p = dict(first_name=self.first(woman), last_name=self.surname(), birth_name=self.surname() if woman and r.random() < 0.6 else "", sex="F" if woman else "M",
                 birth_on=self.born().isoformat(), phone=self.phone(), other_phone=self.phone(), identifier=str(r.randrange(10**6, 10**13)), number=self.number(), street=street, postcode=code, city=city)  # fmt: skip
        if self.homes and r.random() < self.in_a_home:
            street, code, city, number = r.choice(self.homes)
            line = f"0199{len(street) % 100:02d}{len(city) % 100:02d}{code[-2:]}"
            p |= dict(street=street, postcode=code, city=city, number=number)
            if r.random() < 0.7:
                p["phone"] = line
        return p

    def household(self, p: dict[str, str]) -> list[dict[str, str]]:
        """Who lives with her, beside her, or bears her name: never the same person."""
        r, out = self.r, []
        home = {f: p[f] for f in ("number", "street", "postcode", "city")}
        shared = p["phone"] if r.random() < 0.65 else self.phone()
        born = date.fromisoformat(p["birth_on"])
        if r.random() < self.couples:
            q = self.person() | home | {"phone": shared}
            if r.random() < 0.85:
                q["last_name"] = p["last_name"]
            q["birth_on"] = (born + timedelta(days=int(r.gauss(0, 1_400)))).isoformat()
            if p["sex"] == q["sex"] and r.random() < 0.95:
                q["sex"] = "M" if p["sex"] == "F" else "F"
                q["first_name"] = self.first(q["sex"] == "F")
            out.append(q)
        for _ in range(2):
            if r.random() < self.neighbours:
                # Somebody of the same house who is reached through her, or she through him.
                out.append(self.person() | (home if r.random() < 0.8 else {}) | {"phone": p["phone"]})
        if r.random() < self.twins:
            q = self.person() | {
                "last_name": p["last_name"],
                "birth_on": p["birth_on"],
                "birth_name": p["birth_name"],
            }
            out.append(q | (home | {"phone": shared} if r.random() < 0.6 else {}))
        if r.random() < self.brothers:
            q = self.person() | {"last_name": p["last_name"], "birth_on": (born + timedelta(days=r.randrange(300, 4_000))).isoformat()}  # fmt: skip
            if "-" in p["first_name"] and r.random() < 0.6:
                q["first_name"] = (
                    p["first_name"].split("-")[0] + "-" + self.first(p["sex"] == "F").split("-")[-1]
                )
            out.append(q | (home | {"phone": shared} if r.random() < 0.5 else {}))
        if r.random() < self.namesakes:
            q = self.person() | {f: p[f] for f in ("first_name", "last_name", "sex")}
            if r.random() < 0.7:
                q |= {f: p[f] for f in ("postcode", "city")}
            out.append(q)
        if r.random() < self.like_father:
            q = self.person() | {f: p[f] for f in ("first_name", "last_name", "sex")}
            q["birth_on"] = (born + timedelta(days=r.randrange(7_000, 13_000))).isoformat()
            out.append(q | (home | {"phone": shared} if r.random() < 0.6 else {}))
        for q in out:
            if q["first_name"] == p["first_name"] and q["birth_on"] == p["birth_on"]:
                q["first_name"] = self.made(self.language)
        return out

    # --- Mistakes

    def typed(self, text: str) -> str:
        r = self.r
        if len(text) < 3:
            return text
        i, k = r.randrange(len(text)), r.random()
        if k < 0.22:
            return text[:i] + text[i + 1 :]
        if k < 0.42 and i:
            return text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :]
        if k < 0.62:
            return text[:i] + text[i] + text[i:]
        letter = plain(text[i]).lower()
        row = next((row for row in r.sample(ROWS, len(ROWS)) if letter in row), "e")
        j = row.find(letter)
        other = row[max(0, min(len(row) - 1, j + r.choice([-1, 1])))] if k < 0.9 else r.choice("aeinorstl")
        return text[:i] + other + text[i + (1 if k < 0.8 else 0) :]

    def heard(self, text: str) -> str:
        low = text.lower()
        may = [(x, y) for x, y in SOUNDS if x in low]
        if not may:
            return self.typed(text)
        x, y = self.r.choice(may)
        places = [i for i in range(len(low)) if low.startswith(x, i)]
        i = self.r.choice(places)
        changed = low[:i] + y + low[i + len(x) :]
        return changed.title() if len(changed) > 1 else text

    def copied(self, p: dict[str, str]) -> dict[str, str]:
        r, e, q = self.r, self.e, dict(p)
        care = self.care * r.choice([0.4, 1, 1, 1.6])

        def hit(name: str) -> bool:
            return r.random() < e[name] * care

        if q["birth_name"] and hit("married"):
            q["last_name"], q["birth_name"] = q["birth_name"], r.choice([q["last_name"], ""])
        for field, heard, typed in (("last_name", "heard", "typed"), ("first_name", "first heard", "first typed"), ("birth_name", "heard", "typed")):  # fmt: skip
            if q[field] and hit(heard):
                q[field] = self.heard(q[field])
            if q[field] and hit(typed):
                q[field] = self.typed(q[field])
            if hit("accents"):
                q[field] = plain(q[field])
            if hit("capitals"):
                q[field] = q[field].upper()
        if hit("spaces"):
            q["last_name"] = r.choice([q["last_name"].replace(" ", ""), q["last_name"].replace("-", " "), q["last_name"].replace(" ", "-").replace("'", "")])  # fmt: skip
        for sign in "- ":
            if sign in q["first_name"] and hit("cut"):
                a, b = q["first_name"].split(sign, 1)
                q["first_name"] = r.choice(
                    [a, a, b, a + " " + b, a + b.lower(), f"{a[:1]}.-{b}", f"{a[:1]}{b[:1]}"]
                )
            if sign in q["last_name"] and hit("cut"):
                q["last_name"] = r.choice(q["last_name"].split(sign))
        if hit("initial"):
            q["first_name"] = q["first_name"][:1] + r.choice([".", ""])
        if hit("nick"):
            q["first_name"] = self.first(q["sex"] == "F")
        if hit("turned"):
            q["first_name"], q["last_name"] = q["last_name"], q["first_name"]
        born = date.fromisoformat(q["birth_on"])
        y, m, d = born.year, born.month, born.day
        if hit("no date"):
            q["birth_on"] = ""
        elif hit("year only"):
            q["birth_on"] = r.choice([f"{y}-01-01", f"{y}"])
        elif hit("other date"):
            q["birth_on"] = self.born().isoformat()
        else:
            if hit("year"):
                y = r.choice([y - 10, y - 1, y + 1, y + 10, y + r.randint(-5, 5), int(str(y)[:2] + str(y)[3] + str(y)[2])])  # fmt: skip
            if hit("day"):
                d = min(28, max(1, r.choice([d - 1, d + 1, d + 10, d - 10, r.randint(1, 28)])))
            if hit("day") and r.random() < 0.5:
                m = min(12, max(1, r.choice([m - 1, m + 1, r.randint(1, 12)])))
            if hit("date turned") and d <= 12:
                d, m = m, d
            q["birth_on"] = f"{min(2025, max(1900, y))}-{m:02d}-{min(d, 28 if m == 2 else 30):02d}"
        k = q["phone"]
        if hit("no phone"):
            k = ""
        elif hit("new phone"):
            k = r.choice([self.phone(), q["other_phone"] or self.phone()])
        elif hit("swapped"):
            i = r.randrange(1, 9)
            k = k[:i] + k[i + 1] + k[i] + k[i + 2 :]
        elif hit("digit"):
            i = r.randrange(2, 10)
            k = k[:i] + r.choice("0123456789") + k[i + 1 :]
        if k and hit("habit"):
            k = r.choice([" ".join(k[i : i + 2] for i in range(0, 10, 2)), "+33" + k[1:], "0033 " + k[1:], ".".join(k[i : i + 2] for i in range(0, 10, 2))])  # fmt: skip
        q["phone"] = k
        k = q["identifier"]
        if hit("swapped"):
            i = r.randrange(len(k) - 1)
            k = k[:i] + k[i + 1] + k[i] + k[i + 2 :]
        elif hit("digit"):
            i = r.randrange(len(k))
            k = k[:i] + r.choice("0123456789") + k[i + 1 :]
        elif hit("other date"):
            k = str(r.randrange(10**6, 10**13))
        q["identifier"] = k
        if hit("new phone"):
            q["other_phone"] = r.choice(["", p["phone"]])
        if hit("moved"):
            q["street"], q["postcode"], q["city"] = self.address()
            q["number"] = self.number()
            if self.homes and r.random() < 0.4:
                q["street"], q["postcode"], q["city"], q["number"] = r.choice(self.homes)
        else:
            if hit("short"):
                q["street"] = " ".join(SHORT.get(w, w) for w in q["street"].split())
            if hit("street typed"):
                q["street"] = self.typed(q["street"])
            if hit("new number"):
                q["number"] = self.number()
            if hit("no number"):
                q["number"] = ""
            if hit("postcode"):
                q["postcode"] = self.typed(q["postcode"])
        if hit("sex"):
            q["sex"] = "M" if q["sex"] == "F" else "F"
        return q


def town(seed: int) -> tuple[dict[str, list[str]], set[tuple[int, int]]]:
    """Columns as typed, and the pairs of lines (a < b) that are one person."""
    t = Town(seed)
    r = t.r
    people: list[list[dict[str, str]]] = []
    count = 0
    while count < t.size:
        p = t.person()
        for q in [p, *t.household(p)]:
            lines = [t.copied(q) if t.both_careless else q]
            if r.random() < t.copies:
                lines += [t.copied(q) for _ in range(r.choices([1, 2, 3], [0.82, 0.13, 0.05])[0])]
            people.append(lines)
            count += len(lines)
    for lines in people:
        for q in lines:
            for field, share in t.missing.items():
                if r.random() < share:
                    q[field] = ""
    rows = [(number, q) for number, lines in enumerate(people) for q in lines]
    r.shuffle(rows)
    where: dict[int, list[int]] = {}
    for line, (number, _) in enumerate(rows):
        where.setdefault(number, []).append(line)
    pairs = {(a, b) for lines in where.values() for i, a in enumerate(lines) for b in lines[i + 1 :]}
    columns = {f: [q[f] for _, q in rows] for f in FIELDS if f not in t.absent}
    return columns, pairs
