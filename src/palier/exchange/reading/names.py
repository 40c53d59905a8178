"""Names as lists write them: « MARCHAND Odette », « Mme Odette MARCHAND née DUPUIS », « M. et Mme Jean DUPONT »."""

import re
from dataclasses import dataclass, replace

from palier.kernel.text import fold

_TITLE = r"(?:mme|mmes|madame|mlle|melle|mademoiselle|mr|m|mrs|monsieur|me|veuve|vve|dr|docteur|soeur|sœur|abbe|abbé)\b\.?"
_LEADING = re.compile(
    rf"^\s*((?:{_TITLE}\s*(?:(?:et|&|\+|/|-|ou)\s*(?={_TITLE}))?\s*)+)(?=\s|\S|$)", re.IGNORECASE
)
_BORN = re.compile(
    r"[\s(,]*\b(?:née?|nee|née?\(e\)|ép(?:ouse)?|epouse|vve|veuve)\.?\s+([^(),;]+?)\)?\s*$", re.IGNORECASE
)
_COUPLE = re.compile(r"\s+(?:et|&|\+)\s+", re.IGNORECASE)
_WOMAN = re.compile(r"\b(?:mme|mmes|madame|mlle|melle|mademoiselle|veuve|vve|soeur|sœur)\b", re.IGNORECASE)
_MAN = re.compile(r"\b(?:mr|m|mrs|monsieur|abbe|abbé)\b\.?", re.IGNORECASE)
_PARTICLE = frozenset(
    "de du des d l la le les da dos van von den der el al ben bel ait st ste saint sainte".split()
)

# First names of the generations we meet, to tell « Jean Martin » from « Martin Jean » where nothing else does.
_WOMEN = frozenset(
    """adele adrienne agnes aimee albertine alice aline andree angele anna anne annick antoinette arlette augustine
    beatrice bernadette berthe blanche brigitte camille carmen catherine cecile celestine chantal charlotte christiane
    christine claire claudette claudine clemence colette corinne daniele danielle denise dominique edith eliane elisabeth
    elise emilienne emma ernestine esther eugenie evelyne fatima fernande florence france francine francoise gabrielle
    genevieve georgette germaine ghislaine gilberte ginette gisele helene henriette hortense huguette ida irene isabelle
    jacqueline janine jeanine jeanne jeannine joelle josephine josette josiane juliette karima khadija laurence lea leonie
    leontine liliane louise lucette lucie lucienne lydie madeleine marceline marcelle margot marguerite maria marie
    marinette marthe martine maryse mathilde mauricette melanie michele micheline michelle mireille monique muguette nadine
    nathalie nelly nicole noelle odette odile olga paule paulette pauline pierrette raymonde regine reine renee rita rolande
    rosalie rose rosa sabine sandrine sidonie simone solange sophie suzanne sylvie therese thi valentine valerie veronique
    victorine violette virginie viviane yolande yvette yvonne zoe""".split()
)
_MEN = frozenset(
    """abdel adolphe adrien ahmed aime alain albert alexandre alexis alfred ali alphonse amar andre antoine antonio armand
    arnaud auguste augustin bernard bertrand bruno charles christian christophe claude clement clovis daniel david denis
    desire didier dominique edgar edmond edouard emile eric ernest etienne eugene fabien felix ferdinand fernand francis
    francisco francois frederic gaston georges gerald gerard germain gilbert gilles gregoire guillaume gustave guy hassan
    henri herve hubert hugues jacques jean jerome joachim joel jose joseph jules julien laurent leon leopold louis luc
    lucien marc marcel marius mathieu maurice max maxime michel mohamed mohammed noel norbert olivier omar pascal patrice
    patrick paul philippe pierre raoul raymond remi remy rene richard robert roger roland romain said samuel sebastien
    serge simon stephane sylvain theodore thierry thomas victor vincent xavier yann yves yvon""".split()
)
FIRST_NAMES = _WOMEN | _MEN


@dataclass(frozen=True)
class Name:
    title: str = "none"
    first: str = ""
    last: str = ""
    birth: str = ""


def titles_of(text: str) -> list[str]:
    """The titles in a cell, in their order; « M. et Mme » is two people."""
    found: list[str] = []
    for word in re.finditer(r"[\w’']+", text):
        if _WOMAN.fullmatch(word.group()) and (not found or found[-1] != "madame"):
            found.append("madame")
        elif _MAN.fullmatch(word.group()) and (not found or found[-1] != "monsieur"):
            found.append("monsieur")
    if fold(text) in ("f", "femme", "feminin"):
        return ["madame"]
    if fold(text) in ("h", "homme", "masculin"):
        return ["monsieur"]
    return found


def is_title(text: str) -> bool:
    """Whether a cell holds titles and nothing else."""
    match = _LEADING.match(text + " ")
    return bool(titles_of(text)) and (
        len(fold(text)) <= 1
        or fold(text) in ("femme", "homme")
        or (match is not None and not text[match.end() :].strip(" .&/-"))
    )


def people_in(text: str, *, last_first: bool = True) -> list[Name]:
    """The one or two people whom a cell names. `last_first`: the habit of the column, where the name itself says nothing."""
    text, titles = _without_title(text)
    text, birth, widow = _without_birth(text)
    if widow and not titles:
        titles = ["madame"]
    title = titles[0] if titles else "none"
    if len(titles) >= 2:
        # « M. et Mme Jean DUPONT »: one first name is his, or theirs in the order of the titles.
        whole = _split(text, last_first)
        firsts = _COUPLE.split(whole.first) if whole.first else [""]
        one = Name(titles[0], firsts[0], whole.last)
        two = Name(titles[1], firsts[1] if len(firsts) > 1 else "", whole.last, birth)
        if (
            len(firsts) == 1
            and titles[0] == "madame"
            and fold(firsts[0]).split()[:1]
            and fold(firsts[0]).split()[0] in _MEN - _WOMEN
        ):
            one, two = replace(one, first=""), replace(two, first=firsts[0])
        return [one, two]
    sides = _COUPLE.split(text)
    if len(sides) == 2 and all(side.strip() for side in sides):
        left, right = sides[0].strip(), sides[1].strip()
        # « DUPONT Jean et Odette », « Jean et Odette DUPONT »: one last name for both.
        rest, right_titles = _without_title(right)
        whole = _split(left, last_first)
        other = _split(rest, last_first)
        if _one_word(rest) and whole.first and whole.last:
            other = Name("none", _proper(rest), whole.last)
        elif _one_word(left) and other.first and other.last:
            whole = Name("none", _proper(left), other.last)
        return [
            replace(whole, title=title if title != "none" else _guessed(whole.first)),
            replace(other, title=right_titles[0] if right_titles else _guessed(other.first), birth=birth),
        ]
    return [replace(_split(text, last_first), title=title, birth=birth)]


def pair(title: str, first: str, last: str, birth: str = "") -> list[Name]:
    """The one or two people of a line whose names stand in columns of their own."""
    last, inside = _without_title(last)
    last, born, widow = _without_birth(last)
    first, before = _without_title(first)
    titles = titles_of(title) or inside or before
    if widow and not titles:
        titles = ["madame"]
    birth = _proper(birth) if birth else born
    firsts = [one.strip() for one in _COUPLE.split(first)] if first else [""]
    if len(titles) >= 2 or (len(firsts) == 2 and all(firsts)):
        wanted = titles if len(titles) >= 2 else [_guessed(firsts[0]), _guessed(firsts[1])]
        one = Name(wanted[0], _proper(firsts[0]), _proper(last))
        two = Name(wanted[1], _proper(firsts[1]) if len(firsts) > 1 else "", _proper(last), birth)
        return [one, two]
    return [Name(titles[0] if titles else "none", _proper(first), _proper(last), birth)]


def column_is_last_first(cells: list[str]) -> bool:
    """The habit of a column of whole names: capitals tell the last name, known first names tell the other."""
    votes = 0
    for cell in cells[:300]:
        text, _titles = _without_title(cell)
        text, _birth, _widow = _without_birth(text)
        words = text.replace(",", " ").split()
        if len(words) < 2:
            continue
        if _is_capital(words[0]) != _is_capital(words[-1]):
            votes += 1 if _is_capital(words[0]) else -1
        elif (fold(words[0]) in FIRST_NAMES) != (fold(words[-1]) in FIRST_NAMES):
            votes += 1 if fold(words[-1]) in FIRST_NAMES else -1
    return votes >= 0


def looks_like_full_name(text: str) -> bool:
    """Two words or more, letters only, one of them a first name or in capitals beside small letters."""
    text, _titles = _without_title(text)
    words = [word for word in re.split(r"[\s,]+", text) if word]
    if not 2 <= len(words) <= 7 or any(sign.isdigit() for sign in text):
        return False
    known = any(part in FIRST_NAMES for word in words for part in fold(word).split())
    return known or (
        any(_is_capital(word) for word in words) and not all(_is_capital(word) for word in words)
    )


def _without_title(text: str) -> tuple[str, list[str]]:
    found = _LEADING.match(text)
    if not found or not text[found.end() :].strip():
        return (text.strip(), []) if not found else ("", titles_of(text))
    # « M » alone before a word is a title, « Mme » glued to one is not.
    return text[found.end() :].strip(), titles_of(found[1])


def _without_birth(text: str) -> tuple[str, str, bool]:
    """(the rest, the name of birth, whether she is said to be a widow)."""
    found = _BORN.search(text)
    if not found or not text[: found.start()].strip():
        return text, "", False
    said = fold(found[0])
    if said.split()[0] in ("nee", "ne"):
        return text[: found.start()].strip(" ,("), _proper(found[1].strip()), False
    # « DUPUIS Odette épouse MARCHAND »: she is known by the second name, born with the first.
    rest = _split(text[: found.start()].strip(" ,("), True)
    married = found[1].strip()
    return f"{married.upper()} {rest.first}".strip(), rest.last, said.startswith(("veuve", "vve"))


def _split(text: str, last_first: bool) -> Name:
    text = text.strip(" ,;")
    if "," in text:
        last, _comma, first = text.partition(",")
        return Name("none", _proper(first.strip()), _proper(last.strip()))
    words = text.split()
    if len(words) < 2:
        return Name("none", "", _proper(text))
    capital = [_is_capital(word) for word in words]
    if any(capital) and not all(capital):
        # A particle goes with the capitals beside it: « de LA TOUR Jeanne ».
        for place, word in enumerate(words[:-1]):
            if (
                not capital[place]
                and fold(word) in _PARTICLE
                and word.islower()
                and any(capital[place + 1 : place + 3])
            ):
                capital[place] = True
        last = " ".join(word for word, is_last in zip(words, capital, strict=True) if is_last)
        first = " ".join(word for word, is_last in zip(words, capital, strict=True) if not is_last)
        return Name("none", _proper(first), _proper(last))
    starts = fold(words[0]).split()[:1] and fold(words[0]).split()[0] in FIRST_NAMES
    ends = fold(words[-1]).split()[:1] and fold(words[-1]).split()[0] in FIRST_NAMES
    if starts != ends:
        last_first = bool(ends)
    if last_first:
        # The first name is the last word, with « Marie » before « Claude », and after the particles of the last name.
        cut = len(words) - 1
        while (
            cut > 1
            and fold(words[cut - 1]) in FIRST_NAMES
            and cut > len(words) - 3
            and fold(words[cut - 2]) not in _PARTICLE
        ):
            cut -= 1
        return Name("none", _proper(" ".join(words[cut:])), _proper(" ".join(words[:cut])))
    cut = 1
    while cut < len(words) - 1 and fold(words[cut]) in FIRST_NAMES:
        cut += 1
    return Name("none", _proper(" ".join(words[:cut])), _proper(" ".join(words[cut:])))


def _is_capital(word: str) -> bool:
    letters = [sign for sign in word if sign.isalpha()]
    return len(letters) > 1 and all(sign.isupper() for sign in letters)


def _one_word(text: str) -> bool:
    return len(text.split()) == 1


def _proper(text: str) -> str:
    """« LE GOFF » as « Le Goff », « D’ALMEIDA » as « D’Almeida »; mixed letters stay as they are written."""
    text = " ".join(text.split()).strip(" ,;")
    if text.islower():
        return "".join(part[:1].upper() + part[1:] for part in re.split(r"([\s\-’'])", text))
    # Word by word: « de LA TOUR » is « de La Tour ».
    return " ".join(_soft(word) for word in text.split())


def _soft(word: str) -> str:
    if not word.isupper():
        return word
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"([\-’'])", word.lower()))


def _guessed(first: str) -> str:
    word = (fold(first).split() or [""])[0]
    if word in _WOMEN - _MEN:
        return "madame"
    return "monsieur" if word in _MEN - _WOMEN else "none"
