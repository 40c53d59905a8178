"""One sample of every paper, with invented people, for who designs, reviews or translates them.

palier papers --samples DIR
"""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from palier.documents import papers

SENDER = papers.Sender(
    name="CCAS de Belrive",
    address=("3 place du Marché", "41990 Belrive"),
    phone="02 61 91 00 12",
    email="ccas@belrive.example",
    hours="du lundi au vendredi, de 9 h à 17 h",
)
ODETTE = papers.Addressee(
    name="Madame Odette Marchand",
    address=("2e étage", "12 rue des Tilleuls", "41990 BELRIVE"),
    greeting="Madame Marchand",
)
RENE = papers.Addressee(
    name="Monsieur René Caron", address=("8 rue Haute", "41990 BELRIVE"), greeting="Monsieur Caron"
)
LONG = papers.Addressee(
    name="Madame Marie-Françoise Đặng Thị Hường de La Rochefoucauld-Lœuilly, veuve L’Haÿ",
    address=(
        "Résidence autonomie « Les Œillets du Bord de l’Eau »",
        "Bâtiment C, escalier 4, 12e étage, porte à gauche",
        "117 bis avenue du Général-de-Lattre-de-Tassigny prolongée",
        "Lieu-dit La Croix-Saint-Ouÿn-sous-Bois",
        "41990 BELRIVE-SUR-LŒUVRE-LES-GRANDS-PRÉS",
    ),
    greeting="Madame Đặng Thị Hường de La Rochefoucauld-Lœuilly",
)
NADIA = papers.Signature(
    name="Nadia Benali", role="responsable du CCAS", authority="Pour le maire et par délégation,"
)
NOTICE = papers.Notice(
    purpose=(
        "À vous appeler et à vous venir en aide quand le plan d’alerte et d’urgence est déclenché : canicule, grand "
        "froid, inondation, épidémie. Il ne sert à rien d’autre."
    ),
    optional="Non. Personne n’est obligé de s’inscrire, et ne pas répondre n’a aucune conséquence.",
    how=(
        "Vous-même ou votre représentant légal, à tout moment, par tout moyen : ce formulaire, une lettre, un courriel, "
        "le téléphone. Une autre personne peut le demander pour vous, par écrit seulement ; vous pouvez refuser."
    ),
    recipients=(
        "Les agents nommés par le maire, tenus au secret. Si le plan est déclenché, le préfet et les services qu’il "
        "désigne pour organiser les secours."
    ),
    rights=(
        "Voir vos informations, les faire corriger, vous retirer du registre : écrivez ou téléphonez-nous. Nous les "
        "gardons jusqu’à votre retrait ou votre décès. En cas de désaccord, vous pouvez saisir la CNIL."
    ),
    version="1er juin 2026",
)
KNOWN = papers.Identity(
    last_name="Marchand",
    first_names="Odette, Jeanne",
    birth_on=date(1942, 3, 9),
    street="12 rue des Tilleuls",
    access="2e étage sans ascenseur",
    postcode="41990",
    city="Belrive",
    phone="02 61 91 47 20",
    other_phone="06 39 98 47 20",
    category=1,
    home_service="Aide et Présence Belrive",
    home_service_phone="02 61 91 60 60",
    to_warn="Sylvie Carpentier",
    to_warn_phone="06 39 98 12 45",
)
NOTE_250 = (
    "Entend mal à droite ; parler lentement, sans crier. Préfère le matin, après 9 h 30. Aime parler de son jardin et de "
    "la chorale. Sa sœur Édith vient le 1er dimanche du mois. Ne pas proposer l’ascenseur : elle a peur depuis la panne de "
    "juillet. Café noir."
)
DAY = date(2026, 11, 12)


def everything() -> dict[str, papers.Paper]:
    """File name and paper, in the order a reader would look at them."""
    return {
        "bulletin-inscription": papers.EnrolmentForm(SENDER, NOTICE),
        "bulletin-inscription-rempli": papers.EnrolmentForm(SENDER, NOTICE, KNOWN),
        "demande-tiers": papers.ThirdPartyForm(SENDER, NOTICE),
        "accuse-reception": papers.Acknowledgement(
            SENDER, ODETTE, DAY, NADIA, asked_on=date(2026, 11, 9), reference="R-2026-0412"
        ),
        "accuse-reception-tiers": papers.Acknowledgement(
            SENDER, RENE, DAY, NADIA, asked_on=date(2026, 11, 1), asked_by="Paul Caron, votre fils", reference="R-2026-0413"
        ),
        "accuse-reception-nom-long": papers.Acknowledgement(
            SENDER, LONG, DAY, NADIA, asked_on=date(2026, 11, 9), reference="R-2026-0414"
        ),
        "confirmation-annuelle": papers.ConfirmationCard(
            SENDER, ODETTE, DAY, NADIA, known=KNOWN, reference="R-2024-0118"
        ),
        "avis-de-passage": papers.PassageCards(SENDER),
        "annexe-arrete": papers.DecreeAnnex(
            SENDER,
            act="Arrêté du maire n° 2026-118",
            on=date(2026, 5, 28),
            named=(
                papers.Named("Nadia Benali", "responsable du CCAS", "CCAS", date(2026, 6, 1), date(2027, 5, 31)),
                papers.Named("Julien Roux", "agent d’accueil", "CCAS", date(2026, 6, 1), date(2027, 5, 31)),
                papers.Named("Trần Thị Mỹ Lệ", "chargée du plan d’alerte", "Sécurité civile", date(2026, 6, 1)),
            ),
            signature=papers.Signature("Hélène Lœuillet", "maire de Belrive"),
        ),
        "depart-autre-commune": papers.MovedLetter(
            SENDER, ODETTE, DAY, NADIA, left_on=date(2026, 11, 10), new_city="Montrelais",
            new_service="CCAS de Montrelais", new_service_lines=("1 place de l’Église, 41980 Montrelais", "02 61 91 77 10"),
        ),
        "information-registre": papers.InformationLetter(SENDER, RENE, DAY, NADIA, notice=NOTICE),
        "information-transmission": papers.InformationLetter(
            SENDER, RENE, DAY, NADIA, notice=NOTICE, origin="le département, qui vous verse l’APA", objection_by=date(2026, 12, 12)
        ),
        "lettre-rendez-vous": papers.Letter(
            SENDER, RENE, DAY, papers.Signature("Nadia Benali", "CCAS de Belrive"),
            about="Nous vous appellerons le mardi",
            paragraphs=("Comme convenu avec vous, nous vous appellerons :",),
            box=("**Chaque mardi, vers 10 heures**", "C’est **Nadia** ou **Julien** qui vous appelle."),
            after=(
                "Nous parlerons de vous, de votre semaine, de ce dont vous avez besoin. C’est gratuit.",
                "Nous ne vous demanderons **jamais** d’argent ni votre carte bancaire.",
            ),
            call="Vous voulez changer de jour, ou arrêter ? Appelez-nous :",
        ),
        "bordereau-elimination": papers.EliminationList(
            SENDER, DAY, "D-2026-17",
            (
                papers.Eliminated("Vos appels", 41, date(2024, 6, 14), date(2026, 11, 9), "effacement demandé, RGPD article 17"),
                papers.Eliminated("Qui vous êtes", 1, None, None, "effacement demandé, RGPD article 17"),
            ),
        ),
        "fiche-imprimee": papers.PersonSheet(
            name="Odette Marchand",
            tag="Appelée lundi et jeudi",
            who="84 ans, vit seule",
            home="12 rue des Tilleuls, 2e étage sans ascenseur",
            phone="02 61 91 47 20",
            to_talk=(NOTE_250,),
            if_no_answer=("Sylvie, sa fille : 06 39 98 12 45", "Michel Lefort, 1er étage, a la clé : 06 39 98 40 17"),
            at_home=("Téléassistance VigiLoire, abonnée n° 40 718.", "Marche avec une canne."),
            agreed=("être appelée, et inscrite au registre (14 juin 2024)", "donner son prénom et sa rue à un voisin", "Pas d’accord : photos, sorties de groupe"),
            week_says="Mardi et dimanche, personne.",
            week=(
                papers.Week("CCAS", "appel", ("10 h", "", "", "10 h", "", "", "")),
                papers.Week("Infirmière", "passage", ("8 h", "", "8 h", "", "8 h", "", "")),
                papers.Week("Sylvie, sa fille", "appel", ("", "", "soir", "", "", "", "")),
                papers.Week("Michel Lefort", "visite", ("", "", "", "", "", "11 h", "")),
            ),
            that_day=("2", "seule", "2", "1", "1", "1", "seule"),
            journal=(
                papers.Happened("jeu. 12 nov.", "10 h 24", "A appelé, 8 min : parler, courses", "« Je n’ai plus rien dans le frigo. » Moins bien que d’habitude.", "Nadia Benali"),
                papers.Happened("mar. 10 nov.", "16 h", "Retour de l’hôpital", "", "Dit par Sylvie Carpentier, sa fille"),
                papers.Happened("sam. 7 nov.", "11 h", "Visite de Michel Lefort, voisin", "« Fatiguée, mais bavarde. 😀 Elle a gardé le pain. »", "Venue confirmée par le bouton de téléassistance à 11 h 04"),
            ),
            journal_says="3 des 62 lignes, depuis juin 2024",
            printed_by="Nadia Benali",
            printed_on="le 12 novembre 2026 à 10 h 30",
        ),
        "fiche-imprimee-vide": papers.PersonSheet(name="Đỗ Thị Hường"),
        "copie-de-ses-donnees": papers.OwnCopy(
            SENDER, ODETTE, DAY, reference="D-2026-007",
            sections=(
                papers.Section(
                    "Qui vous êtes", "Pour vous reconnaître quand vous appelez. Gardé deux ans après le dernier contact.",
                    (papers.Record((("Nom", "Marchand"), ("Prénom", "Odette"), ("Née le", "9 mars 1942"), ("Ce qui aide à vous parler", NOTE_250))),),
                ),
                papers.Section(
                    "Vos appels", "Pour savoir ce qui a été dit et promis.",
                    tuple(
                        papers.Record(
                            (("Vos mots", f"« Bonjour ! C'est le {i + 1}e appel… 漢字 🫠 »"), ("Noté par", "l’équipe du CCAS")), when=f"{i + 1} nov. 2026"
                        )
                        for i in range(12)
                    ),
                ),
                papers.Section("Vos visites"),
            ),
        ),
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="palier papers", description="Print a sample of every paper, in both sizes, as PDF/UA."
    )
    parser.add_argument("--samples", metavar="DIR", type=Path, required=True, help="where to write them")
    parser.add_argument("--language", default="fr", choices=("fr", "en"))
    chosen = parser.parse_args(arguments)
    chosen.samples.mkdir(parents=True, exist_ok=True)
    for name, paper in everything().items():
        for large in (False, True):
            path = chosen.samples / f"{name}{'-gros-caracteres' if large else ''}.pdf"
            path.write_bytes(papers.pdf(paper, large_print=large, language=chosen.language))
            print(path)
    return 0
