"""The words of the promise of secrecy, by version (REG-14)."""

from django.utils.translation import gettext_lazy as _

TEXTS = {
    1: (
        _("Je suis nommément désigné·e par le maire pour recueillir, tenir et mettre à jour ce registre."),
        _("Je suis tenu·e au secret professionnel (articles 226-13, 226-14 et 226-31 du code pénal), pendant et après ma mission."),
        _("Je n’ouvre le registre que pour ma mission. Chaque consultation est enregistrée."),
        _("Je ne l’utilise pour rien d’autre : ni colis, ni élections, ni invitations. Le détourner est un délit (articles 226-16 à 226-24 du code pénal)."),
        _("Je n’en donne ni copie, ni extrait, ni nom à qui n’est pas désigné."),
    )
}  # fmt: skip
