"""Passwords that name the product, the trade or the year are the first that are tried (SEC-06)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = ("palier", "ccas", "canicule", "mairie", "solidarite")


class NotOurWords:
    def validate(self, password: str, user: object = None) -> None:
        folded = password.casefold()
        if any(word in folded for word in WORDS):
            raise ValidationError(
                _(
                    "Ce mot de passe contient un mot du métier, trop facile à deviner. Choisissez-en un autre."
                ),
                code="password_has_our_words",
            )

    def get_help_text(self) -> str:
        return _("Évitez les mots du métier (palier, ccas, canicule…).")
