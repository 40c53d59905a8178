"""Words that do not belong in a text a neighbour may read (GDP-05, GDP-15).

A short French list of our own, in six kinds. It warns, it does not forbid: the agent may keep a word and say
why. Few false alarms matter more than completeness, because a warning that cries wolf is clicked away.
Food, streets, keys handed over in person and what helps at the door (stairs, a cane, lifts) stay free.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from palier.kernel.text import fold


class Kind(StrEnum):
    HEALTH = "health"
    RELIGION = "religion"
    OFFENCE = "offence"
    INSULT = "insult"
    MONEY = "money"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Hit:
    """One word found: as written, its kind, and where (text[start:end] == word)."""

    word: str
    kind: Kind
    start: int
    end: int


# One entry a line: a lemma and its other forms, separated by commas. "(e)" adds the feminine. Every word
# also takes an s or an x. Accents, capitals, hyphens and apostrophes do not matter.
_HEALTH = """
addiction, addict(e)
affection longue durée, ALD
alcoolisme, alcoolique, alcoolodépendance, alcoolodépendant(e)
Alzheimer
amputation, amputé(e)
anorexie, anorexique
antidépresseur
anxiolytique, somnifère
arthrose
asthme, asthmatique
autisme, autiste, autistique
AVC, accident vasculaire
aveugle, cécité, malvoyant(e), non voyant(e)
bipolaire, bipolarité
boulimie, boulimique
cancer, cancéreux, cancéreuse, cancérologie, cancérologue
cardiaque, infarctus
chimio, chimiothérapie
cholestérol
cirrhose
col du fémur
covid
cure de désintoxication, désintoxication, désintox
démence, dément(e)
dépendance à l’alcool, problème d’alcool, problème avec l’alcool, boit trop
dépression, dépressif, dépressive, déprimé(e)
désorienté(e), désorientation
diabète, diabétique
diagnostic, diagnostiqué(e)
dialyse, dialysé(e)
épilepsie, épileptique
escarre
fin de vie, soins palliatifs
GIR
handicap, handicapé(e)
hépatite
hospitalisé(e), hospitalisation
hypertension, hypertendu(e)
incontinence, incontinent(e)
insuffisance rénale, insuffisance respiratoire
insuline
leucémie
maladie, malade
MDPH
méthadone
métastase
morphine
neuroleptique, psychotrope
numéro de sécu, numéro de sécurité sociale
obésité, obèse
oncologie, oncologue
opéré(e)
ostéoporose
paralysie, paralysé(e), hémiplégie, hémiplégique, tétraplégique, paraplégique
paranoïa, paranoïaque, parano
Parkinson, parkinsonien, parkinsonienne
pathologie, pathologique
perte de mémoire, perd la mémoire, troubles de la mémoire, trouble cognitif
polyarthrite
poche urinaire, sonde urinaire, stomie
prostate
psychiatrie, psychiatrique, psychiatre, psy
psychose, psychotique
radiothérapie
schizophrénie, schizophrène
sclérose en plaques, sclérose
sénilité, sénile
séropositif, séropositive, séropositivité, VIH
sevrage
sida
sourd(e), surdité, malentendant(e)
suicide, suicidaire, se suicider, suicidé(e)
toxicomanie, toxicomane
trisomie, trisomique
troubles psychiques, trouble psychique, troubles mentaux
tumeur
"""
_RELIGION = """
athée
bouddhisme, bouddhiste
casher
catholicisme, catholique, catho
chrétien, chrétienne
première communion, communion
confession religieuse, religion, religieux, religieuse
évangélique
halal
islam, islamique, islamiste
juif, juive, judaïsme, israélite
messe
mosquée
musulman(e)
paroisse, paroissien, paroissienne
pratiquant(e)
prière
protestant(e), protestantisme
ramadan
synagogue
témoin de Jéhovah, Jéhovah
voile islamique, femme voilée
"""
_OFFENCE = """
agresseur
bracelet électronique
cambrioleur, cambrioleuse
casier judiciaire, casier vierge, casier
condamné(e), condamnation, condamner
contrôle judiciaire
criminel, criminelle
dealer, dealeur, trafic de drogue
délinquance, délinquant(e)
délit
détenu(e), détention
drogue, drogué(e)
escroc, escroquerie
garde à vue
incarcération, incarcéré(e)
injonction de soins
meurtre, meurtrier, meurtrière
pédophile, pédophilie
pénitentiaire
prison, prisonnier, prisonnière, taulard(e)
récidive, récidiviste
repris de justice
sursis
viol, violeur
violences conjugales, violence conjugale, violent(e)
voleur, voleuse
"""
_INSULT = """
abruti(e)
alcoolo, soûlard(e), poivrot(e), ivrogne
bougnoule
cassos, cas social
chiant(e), chieur, chieuse
cinglé(e), taré(e), barjot
clochard(e), clodo
con, conne, connard, connasse, connerie
crasseux, crasseuse, pouilleux, pouilleuse
crétin(e)
débile
emmerdeur, emmerdeuse, emmerdant(e)
enculé(e)
fainéant(e), feignant(e), feignasse
gâteux, gâteuse, gaga
gouine, pédé, tarlouze
hystérique, hystérie
idiot(e), imbécile
menteur, menteuse, mytho, mythomane
mongolien, mongolienne
nègre, négresse
perd la boule, perd la tête, folle, vieux fou
putain, pute
racaille
radin(e), rapiat
raciste
salaud, salope, saloperie
vieille bique, vieille peau, vieux schnock, vieux débris
youpin(e)
"""
_MONEY = """
argent caché, liquide caché
bas de laine
carte bancaire, carte bleue, carte de crédit, carte de paiement, CB
carte et son code, code de carte, code de la carte, code de sa carte, code bancaire
chèque en blanc, chèque signé, chéquier, carnet de chèques
code confidentiel, code secret, code PIN
compte bancaire, relevé de compte
cryptogramme
curatelle, tutelle, sous tutelle
économies à la maison
identifiants bancaires
interdit bancaire, interdite bancaire
mot de passe
procuration bancaire
RIB, IBAN
surendettement, surendetté(e), endetté(e), dettes
"""
_ACCESS = """
boîte à clés, boîte à clé
clé sous le paillasson, clés sous le paillasson, sous le paillasson, sous le pot
code d’entrée, code d’accès, code d’immeuble
code de l’alarme, code alarme
code de l’immeuble, code de la porte, code de la boîte, code du portail, code porte
cache la clé, cache ses clés, clé cachée
digicode
porte jamais fermée, laisse la porte ouverte
"""
_LISTS = {
    Kind.HEALTH: _HEALTH,
    Kind.RELIGION: _RELIGION,
    Kind.OFFENCE: _OFFENCE,
    Kind.INSULT: _INSULT,
    Kind.MONEY: _MONEY,
    Kind.ACCESS: _ACCESS,
}
# Where a word of the lists is part of something harmless, it is passed over.
_HARMLESS = """
alcool à brûler
assurance maladie
fou rire
casier à bouteilles, casier de bouteilles, casier à chaussures, casier de rangement
chien d’aveugle, chien guide d’aveugle
chili con carne
code barre, code postal, code promo, code de la route, code wifi
diagnostic énergétique, diagnostic immobilier
folle avoine, herbe folle
mante religieuse, religieuse au chocolat, religieuse au café
vent violent, orage violent
"""
# A telephone of the town, a licence plate or a price follow « code » more rarely than a door's or a card's.
_CODE = "code"
_CODE_REACH = 3


def found(text: str, kinds: Iterable[Kind] = tuple(Kind)) -> list[Hit]:
    """The words of the lists in a text, in its order. Of hits that overlap, the first is given, and the
    longest of those that start together.

    Beyond the lists: card numbers and IBANs are money, « code » followed by digits is access.
    """
    wanted = frozenset(kinds)
    tokens = list(_tokens(text))
    hits: list[Hit] = []
    free = 0
    for at in range(len(tokens)):
        if at < free:
            continue
        kind, length = _listed(tokens, at) or _door_code(tokens, at) or (None, 1)
        free = at + length
        if kind in wanted:
            start, end = tokens[at].start, tokens[free - 1].end
            hits.append(Hit(text[start:end], kind, start, end))
    if Kind.MONEY in wanted:
        hits += [
            Hit(m.group(), Kind.MONEY, *m.span()) for m in _NUMBERS.finditer(text) if _is_account(m.group())
        ]
    return sorted(hits, key=lambda hit: (hit.start, hit.end))


class _Token(NamedTuple):
    stem: str
    start: int
    end: int


def _listed(tokens: list[_Token], at: int) -> tuple[Kind | None, int] | None:
    """The longest phrase of the lists starting here, and its length in tokens. Harmless ones have no kind."""
    for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
        phrase = tuple(token.stem for token in tokens[at : at + length])
        if phrase in _PHRASES:
            return _PHRASES[phrase], length
    return None


def _door_code(tokens: list[_Token], at: int) -> tuple[Kind, int] | None:
    if tokens[at].stem != _CODE:
        return None
    for length in range(2, _CODE_REACH + 2):
        if at + length > len(tokens):
            return None
        if sum(sign.isdigit() for sign in tokens[at + length - 1].stem) >= 3:
            return Kind.ACCESS, length
    return None


# Thirteen to nineteen digits in groups, or an IBAN.
_NUMBERS = re.compile(
    r"(?<!\w)(?:\d(?:[ \u00a0.-]?\d){12,18}|[A-Z]{2}\d\d(?:[ \u00a0]?[A-Z0-9]){11,30})(?!\w)"
)


def _is_account(written: str) -> bool:
    signs = re.sub(r"[^A-Z0-9]", "", written)
    if not signs[0].isalpha():
        doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(signs))]
        return sum(v - 9 * (v > 9) for v in doubled) % 10 == 0
    turned = "".join(str(int(c, 36)) for c in signs[4:] + signs[:4])
    return int(turned) % 97 == 1


def _tokens(text: str) -> Iterator[_Token]:
    """Words and numbers, folded, without their plural, and where they stand."""
    for match in re.finditer(r"[^\W_]+(?:[\u0300-\u036f\u200b-\u200d\u00ad][^\W_]*)*", text):
        yield _Token(_stem(fold(match.group())), *match.span())


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def _phrases() -> dict[tuple[str, ...], Kind | None]:
    phrases: dict[tuple[str, ...], Kind | None] = {}
    for kind, lists in [*_LISTS.items(), (None, _HARMLESS)]:
        for form in re.split(r"[,\n]", lists):
            masculine = form.strip().removesuffix("(e)")
            both = [masculine, masculine + "e"] if form.strip().endswith("(e)") else [masculine]
            for written in filter(None, both):
                phrases[tuple(token.stem for token in _tokens(written))] = kind
    return phrases


_PHRASES = _phrases()
_LONGEST_PHRASE = max(len(phrase) for phrase in _PHRASES)
