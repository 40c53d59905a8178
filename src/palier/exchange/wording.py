"""The French of what the reading says by codes: files that cannot be read, cells that cannot be taken, fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from palier.exchange.reading.files import Unreadable


def unreadable(error: Unreadable) -> str:
    """Why a file cannot be read, and what to do."""
    match error.code:
        case "empty_file":
            return _("Ce fichier est vide. Choisissez celui qui contient votre liste.")
        case "too_large":
            return _(
                "Ce fichier dépasse %(megabytes)s Mo. Enlevez les images et les feuilles inutiles, ou coupez-le en deux."
            ) % {"megabytes": error.values.get("megabytes", 20)}
        case "not_a_table":
            return _other(str(error.values.get("what", "")))
        case "encrypted":
            return _(
                "Ce classeur est protégé par un mot de passe. Ouvrez-le dans le tableur, enregistrez une copie sans mot de passe, puis apportez la copie."
            )
        case "too_heavy":
            return _(
                "Ce classeur est trop lourd une fois ouvert. Copiez la liste dans un classeur neuf, enregistrez-le en .xlsx ou .csv, et apportez-le."
            )
        case "unsafe":
            return _(
                "Ce classeur contient des instructions qu’un tableur n’écrit pas ; il n’est pas ouvert. Copiez la liste dans un classeur neuf."
            )
        case "too_many_rows":
            return _("Ce fichier compte plus de %(most)s lignes. Coupez-le en plusieurs fichiers.") % {
                "most": error.values.get("most", "")
            }
        case "too_many_columns":
            return _("Ce fichier compte plus de %(most)s colonnes. Gardez celles de votre liste.") % {
                "most": error.values.get("most", "")
            }
        case "no_rows":
            return _(
                "Cette feuille ne contient aucune ligne. Choisissez une autre feuille ou un autre fichier."
            )
        case _:
            return _(
                "Ce fichier est abîmé ou incomplet. Ouvrez-le dans le tableur, enregistrez-le de nouveau, et apportez-le."
            )


def _other(what: str) -> str:
    again = {
        "pdf": _("C’est un PDF, pas un tableau. Demandez le fichier du tableur (.xlsx, .ods ou .csv)."),
        "picture": _(
            "C’est une image, pas un tableau. Demandez le fichier du tableur (.xlsx, .ods ou .csv)."
        ),
        "word": _(
            "C’est un texte ou une présentation. Copiez le tableau dans un tableur et enregistrez-le en .xlsx ou .ods."
        ),
        "archive": _("C’est une archive. Ouvrez-la et apportez le fichier du tableur qu’elle contient."),
        "web": _(
            "C’est une page web enregistrée. Ouvrez-la dans le tableur et enregistrez-la en .xlsx ou .ods."
        ),
    }
    return again.get(what, _("Ce n’est pas un tableau que Palier sait lire : .xlsx, .xls, .ods ou .csv."))


def field_label(key: str) -> str:
    labels = {
        "": _("Ne pas reprendre"),
        "forbidden": _("Ne pas reprendre : donnée que Palier ne garde pas"),
        "full_name": _("Nom et prénom ensemble"),
        "last_name": _("Nom"),
        "first_name": _("Prénom"),
        "title": _("Civilité"),
        "birth_name": _("Nom de naissance"),
        "birth_on": _("Date de naissance"),
        "phones": _("Téléphone"),
        "street": _("Adresse (numéro et rue)"),
        "full_address": _("Adresse avec la commune"),
        "street_number": _("Numéro dans la rue"),
        "street_name": _("Nom de la rue"),
        "access": _("Étage, accès, complément"),
        "postcode": _("Code postal"),
        "city": _("Commune"),
        "postcode_city": _("Code postal et commune ensemble"),
        "insee": _("Code INSEE de la commune"),
        "lives_alone": _("Vit seule ou seul (oui ou non)"),
        "has_pets": _("Il y a un animal (oui ou non)"),
        "has_stairs": _("Il y a des étages à monter (oui ou non)"),
        "talk_note": _("Pour lui parler"),
        "home_note": _("Chez elle ou chez lui"),
        "telecare_number": _("Numéro d’abonné de téléassistance"),
        "contact_name": _("Personne à prévenir : nom"),
        "contact_phone": _("Personne à prévenir : téléphone"),
        "contact_relation": _("Personne à prévenir : lien"),
        "contact2_name": _("Deuxième personne à prévenir : nom"),
        "contact2_phone": _("Deuxième personne à prévenir : téléphone"),
        "contact2_relation": _("Deuxième personne à prévenir : lien"),
        "doctor_name": _("Médecin : nom"),
        "doctor_phone": _("Médecin : téléphone"),
        "home_help_name": _("Aide à domicile : nom"),
        "home_help_phone": _("Aide à domicile : téléphone"),
        "capacity": _("Registre : qualité (65 ans et plus, handicap…)"),
        "requested_on": _("Registre : date de la demande"),
        "requester": _("Registre : tiers qui a demandé"),
        "requester_capacity": _("Registre : qualité du tiers"),
    }
    return labels.get(key, key)


def reason(problem: Sequence[Any]) -> str:
    """« Date de naissance « 31/02/1942 » : cette date n’existe pas. »"""
    key, code, value = (str(part) for part in problem)
    label = field_label(key)
    if code == "refused":
        # What an operation says itself is a whole sentence already.
        return _("%(field)s : %(reason)s") % {"field": label, "reason": value}
    sentence = _reasons().get(code, code)
    if value:
        return _("%(field)s « %(value)s » : %(reason)s") % {
            "field": label,
            "value": value,
            "reason": sentence,
        }
    return _("%(field)s : %(reason)s") % {"field": label, "reason": sentence}


def _reasons() -> Mapping[str, str]:
    return {
        "date": _("ce n’est pas une date que nous savons lire. Écrivez-la comme 14/03/1942."),
        "birth_year": _("cette année n’est pas une année de naissance."),
        "birth_to_come": _("cette date de naissance est à venir. Vérifiez l’année."),
        "birth_too_old": _("cette date de naissance est trop ancienne. Vérifiez l’année."),
        "to_come": _("ce jour n’est pas encore venu."),
        "year_only": _("l’année seule est connue ; la date de naissance reste vide."),
        "one_date_for_two": _("une seule date pour deux personnes ; elle est donnée à la première."),
        "phone": _("ce n’est pas un numéro de téléphone français ou international complet."),
        "too_many_numbers": _("plus de six numéros. Gardez ceux où elle répond."),
        "one_number": _("un seul numéro est gardé pour un proche ; celui-ci est laissé."),
        "postcode": _("un code postal compte cinq chiffres."),
        "yes_no": _("ni oui ni non ; la case reste vide."),
        "digits": _("un numéro d’abonné ne contient que des chiffres."),
        "broken": _("la case contient une erreur du tableur."),
        "no_name": _("aucun nom sur cette ligne."),
        "title": _("cette civilité n’est pas reconnue."),
        "watched": _("ces mots ne vont pas dans un texte que la personne peut lire ; le texte est laissé."),
        "no_operator": _(
            "aucun opérateur de téléassistance n’est enregistré, ou il y en a plusieurs ; le numéro est laissé."
        ),
        "unit_taken": _("ce numéro d’abonné est déjà celui d’une autre personne."),
        "objected": _(
            "elle a demandé son effacement ou s’est opposée. Ne la remettez pas sans lui demander."
        ),
        "differs": _("sa fiche dit autre chose ; la fiche est gardée telle quelle."),
        "not_enrolled": _("elle ne peut pas entrer au registre."),
    }


def match_reason(code: str) -> str:
    """Why we think that it is the same person."""
    return {
        "same_name": _("même nom"),
        "near_name": _("nom qui s’écrit presque pareil"),
        "same_birth_name": _("même nom de naissance"),
        "same_birth": _("même date de naissance"),
        "same_year": _("même année de naissance"),
        "near_birth": _("date de naissance presque pareille"),
        "same_phone": _("même téléphone"),
        "same_street": _("même adresse"),
    }.get(code, code)


def left_out(code: str) -> str:
    return {
        "empty": _("ligne vide"),
        "foot": _("total ou note au bas du tableau"),
        "heading": _("ligne de titres"),
    }.get(code, code)


def column_problem(code: str, values: Mapping[str, Any]) -> str:
    if code == "no_name_column":
        return _("Dites quelle colonne contient le nom : sans elle, on ne sait pas de qui parle la ligne.")
    if code == "twice":
        return _("Deux colonnes disent « %(field)s ». Gardez-en une.") % {
            "field": field_label(str(values["field"]))
        }
    return code
