"""How a name sounds in France: two names that are heard alike give one key.

`sounds` is made for what an agent writes down while listening: Lefebvre and Lefèvre, Thibault and Tibo, Le Goff and
Legof, Nguyen and N’Guyen, Gauthier and Gotié give the same key. It is a short list of rewritings in the manner of
Phonex and Soundex FR, read in order over the small letters without accents; capitals stand for sounds that take
several letters (A an, I in, O on, W oi, X ch, E eu, N gn). Breton (c’h, k/q), Maghrebi (kh, dj, ou), Portuguese (nh, lh, ão) and
Vietnamese (ng, ph) spellings are heard as a French ear hears them.

The key says nothing of how likely two names are the same: it only brings candidates, which are then compared letter
by letter. Changing a rule changes stored keys: `palier index_people --again` writes them anew.
"""

import re
from functools import lru_cache

from palier.kernel.text import fold

LONGEST = 16
# Not followed by a vowel, nor by n or m: « Yvonne » has no nasal sound, « Simon » has.
_NASAL = "(?![aeiouynmY])"

_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        # Signs that are not heard, or heard as others.
        (r"^ng(?=[uaeio])|^gn(?=gu)", "n"),
        (r"^nguy", "ngui"),
        (r"^h", ""),
        (r"tch|sch|sh", "X"),
        (r"ch(?=[rln])|(?<=[aou])ch$|(?<=[rn])ch$|cch", "k"),
        (r"ch", "X"),
        (r"ph", "f"),
        (r"bv", "v"),
        (r"kh", "k"),
        (r"dj|dg(?=[eiy])", "j"),
        (r"(?<=[aeiou])[ln]h(?=[aeiou])", lambda m: "ny" if m[0][0] == "n" else "ly"),
        (r"(?<=[^cX])h", ""),
        # « Bernier », « Berniez »: their end is that of « Bernié ».
        (r"(?<=..)(?:er|ez|et)s?$", "Y"),
        (r"nn$", "n"),
        (r"gn|n[iy](?=[aeouY])", "N"),
        (r"rcq?s?$|rck$", "r"),
        # c, g, q and s before soft vowels.
        (r"cqu?|ck|qu|q", "k"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"cc|c", "k"),
        (r"ge(?=[aou])", "j"),
        (r"gu(?=[eiy])", "G"),
        (r"g(?=[eiy])", "j"),
        (r"G", "g"),
        (r"(?<=j)ea", "a"),
        # Vowels written with several letters.
        (r"eau[xdt]?s?$|au(?:lt|ld|x|d|t|s)+$|o[tsp]$|ot[sx]$|oh$", "o"),
        (r"eau|aul(?=[dtx])|au", "o"),
        (r"^ou(?=[aeiy])|^w", "v"),
        (r"w", "v"),
        (r"oeu|eu|oe", "E"),
        (r"oux?|oo", "u"),
        (r"o[iy]n" + _NASAL, "WI"),
        (r"o[iy]", "W"),
        (r"(?<=[aeou])il(?:l?e?s?$|l(?=[aeiouy]))", "i"),
        (r"(?:ai|ei|i|y|u)n" + _NASAL + r"|(?:ai|ei|i|y|u)m(?=[bp])", "I"),
        (r"(?<=[iy])en" + _NASAL, "I"),
        (r"(?:a|e)n" + _NASAL + r"|(?:a|e)m(?=[bp])", "A"),
        (r"on" + _NASAL + r"|om(?=[bp])", "O"),
        (r"(?<=.)(?:aie|aye|ais|ait)$", "e"),
        (r"ai|ei|ay|ey", "e"),
        (r"y", "i"),
        (r"z", "s"),
        (r"ii", "i"),
        # What stands at the end and is not heard: an e, or consonants when there is none.
        (r"(?<=..)(?:Y|e?es|ee?|(?<=[um])p|[dtsxz]+|(?<=[nr])gs?)$|(?<=.)Y$", ""),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=32_768)
def sounds(name: str) -> str:
    """The key of a name, or of several said together: at most sixteen signs, "" when no letter was given."""
    key = re.sub(r"[^a-z]", "", fold(name.replace("ç", "s").replace("Ç", "s")))
    for rule, sound in _RULES:
        key = rule.sub(sound, key)
    return key[:LONGEST]


def slips(word: str) -> list[str]:
    """The keys under which one slip of the finger is found: the first ten letters, and these without each of them.

    Two words that differ by one letter left out, put in, changed, or by two neighbours exchanged, share a key.
    Method: symmetric deletion (W. Garbe, SymSpell).
    """
    word = word[:10]
    return list(dict.fromkeys([word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]))
