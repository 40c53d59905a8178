"""The span of the figures, and why they leave the house."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

EARLIEST = date(2000, 1, 1)


class SpanForm(forms.Form):
    """Two days, both included: « du 1er au 31 »."""

    du = forms.DateField(label=_("Du"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    au = forms.DateField(label=_("Au"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, date]:
        values = super().clean() or {}
        first, last = values.get("du"), values.get("au")
        if first and last and last < first:
            self.add_error("au", _("La fin doit venir après le début."))
        for name, day in (("du", first), ("au", last)):
            if day and not EARLIEST <= day <= date(2100, 1, 1):
                self.add_error(name, _("Cette année n’est pas dans nos chiffres. Vérifiez la date."))
        return values

    @property
    def span(self) -> tuple[date, date]:
        """Half-open, as the figures count."""
        return self.cleaned_data["du"], self.cleaned_data["au"] + timedelta(days=1)


class ExportForm(forms.Form):
    """Taking figures out is written down with its reason (GDP-10)."""

    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        help_text=_(
            "Par exemple « bilan pour la Conférence des financeurs ». Votre nom et cette raison sont gardés."
        ),
        error_messages={"required": _("Écrivez pourquoi vous sortez ces chiffres, en quelques mots.")},
    )
    exact = forms.BooleanField(label=_("Avec les petits nombres, pour un usage interne"), required=False)
