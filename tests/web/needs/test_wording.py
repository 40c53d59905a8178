"""Each reason is a sentence that stands without its sign; each rule that sets aside is counted in words."""

import pytest

from palier.kernel import clock
from palier.planning.candidates import SOFT, Rule
from palier.web.needs import wording
from tests import factories

NOW = factories.local(2026, 11, 12, 10)
REASONS = [
    ("knows_by_visits", {"visits": 14}, "Connaît Odette, 14 visites"),
    ("knows_by_visits", {"visits": 1}, "Connaît Odette, 1 visite"),
    ("knows_by_calls", {"calls": 2}, "A déjà téléphoné à Odette, 2 fois"),
    ("does_not_know", {}, "Ne connaît pas encore Odette"),
    ("walk", {"minutes": 1}, "Tout près, 1 min à pied"),
    ("walk", {"minutes": 5}, "À 5 min à pied"),
    ("distance_unknown", {}, "Distance inconnue : adresse non située"),
    ("by_telephone", {}, "Par téléphone : la distance ne compte pas"),
    (
        "free",
        {"start": factories.local(2026, 11, 14, 9), "end": factories.local(2026, 11, 14, 12)},
        "Libre samedi 14 novembre, le matin",
    ),
    ("free", {"start": "2026-11-14T08:00:00+00:00", "end": "2026-11-20T08:00:00+00:00"}, "Libre à ce moment"),
    ("free_unsaid", {"start": NOW, "end": NOW}, "N’a pas dit ses heures libres : à demander"),
    ("speaks", {"language": "pt"}, "Parle portugais"),
    ("helped", {"count": 0}, "Aucun coup de main ce mois-ci"),
    ("helped", {"count": 1}, "1 coup de main ce mois-ci"),
    ("helped", {"count": 3}, "3 coups de main ce mois-ci : à ménager"),
    ("asked_lately", {"at": factories.local(2026, 11, 10)}, "A déjà reçu une demande mar. 10 nov."),
    ("voice_only", {}, "Ne reçoit pas de SMS : à appeler"),
    ("not_free", {}, "N’est pas libre à ce moment, d’après ses heures habituelles"),
    ("too_far", {"minutes": 25, "limit": 20}, "Habite à 25 min à pied : au-delà de 20 min"),
    ("gender", {"wanted": "woman"}, "Odette préfère une femme, et ce n’en est pas une"),
    ("gender", {"wanted": "man"}, "Odette préfère un homme, et ce n’en est pas un"),
    ("month_full", {"count": 4, "limit": 4}, "Déjà 4 coups de main ce mois-ci : le maximum souhaité"),
    ("of_a_former_version", {}, "À vérifier avec cette personne"),
]


@pytest.mark.parametrize(("code", "values", "sentence"), REASONS)
def test_a_reason_is_a_sentence(code: str, values: dict[str, object], sentence: str) -> None:
    with clock.at(NOW):
        said = wording.reason(code, values, first_name="Odette")
    assert str(said).replace("\u00a0", " ").replace("<strong>", "").replace("</strong>", "") == sentence


def test_a_name_cannot_bring_markup_into_a_reason() -> None:
    said = wording.reason("knows_by_visits", {"visits": 1}, first_name="<script>")
    assert "<script>" not in str(said) and "&lt;script&gt;" in str(said)


def test_every_rule_has_its_words() -> None:
    assert set(wording.SET_ASIDE) | {Rule.EXCLUDED} == set(Rule)
    assert all(wording.failed_rule(rule) for rule in SOFT)
