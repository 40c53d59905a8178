"""What a new territory begins with; everything is changed afterwards in the page « Listes »."""

from palier.territories.models import HelpKind, Territory

# Code, name, what a text message says after « aurait besoin », icon, minutes, by telephone, may be given to a neighbour.
KINDS: tuple[tuple[str, str, str, str, int, bool, bool], ...] = (
    ("shopping", "Courses", "de courses", "cart", 45, False, True),
    ("courtesy_visit", "Visite de courtoisie", "d'une visite", "heart", 60, False, True),
    ("regular_calls", "Appels réguliers", "d'appels", "phone", 20, True, True),
    ("paperwork", "Papiers", "d'aide pour des papiers", "note", 45, False, True),
    ("pharmacy", "Pharmacie", "d'un passage à la pharmacie", "plus", 30, False, True),
    ("small_repairs", "Petit bricolage", "d'un petit bricolage", "gear", 60, False, True),
    ("digital_help", "Aide numérique", "d'aide avec un appareil", "mobile", 60, False, True),
    ("outing", "Promenade ou sortie", "de compagnie pour sortir", "sun", 90, False, True),
    ("transport", "Transport", "d'un trajet en voiture", "map", 90, False, True),
    ("other", "Autre", "d'un coup de main", "chat", 45, False, True),
)


def plant_kinds(territory: Territory) -> None:
    """Write the first list of kinds of help down, behind the territory's wall."""
    HelpKind.objects.bulk_create(
        HelpKind(
            territory=territory,
            code=code,
            name=name,
            in_a_message=said,
            icon=icon,
            usual_minutes=minutes,
            is_remote=remote,
            is_for_neighbours=ours,
            order=order,
        )
        for order, (code, name, said, icon, minutes, remote, ours) in enumerate(KINDS)
    )
