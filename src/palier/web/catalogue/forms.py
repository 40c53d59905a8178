"""A form of each kind of field, so that the catalogue shows them bound, empty and in error."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SampleForm(forms.Form):
    """Nothing is kept: it only shows how fields look."""

    call_on = forms.DateField(
        label=_("Quel jour la rappeler ?"),
        help_text=_("Les jours fériés sont signalés."),
        error_messages={"required": _("Choisissez un jour, par exemple demain.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    phone = forms.CharField(
        label=_("Téléphone"), initial="02 61 91 47 20", widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    kind = forms.ChoiceField(
        label=_("Quoi ?"),
        choices=[("shopping", _("Courses")), ("pharmacy", _("Pharmacie")), ("papers", _("Papiers"))],
    )
    note = forms.CharField(
        label=_("Ce qui a été dit"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    answer = forms.ChoiceField(
        label=_("Comment va-t-elle ?"),
        choices=[("well", _("Bien")), ("as_ever", _("Comme toujours")), ("worried", _("Inquiétant"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites comment elle va, même « comme toujours ».")},
    )
    reasons = forms.MultipleChoiceField(
        label=_("Pourquoi ?"),
        required=False,
        choices=[("talk", _("Parler, être rassurée")), ("help", _("Coup de main")), ("papers", _("Papiers"))],
        widget=forms.CheckboxSelectMultiple,
    )
    agrees = forms.BooleanField(
        label=_("D’accord pour donner son prénom et sa rue à un voisin"),
        error_messages={"required": _("Sans son accord, rien n’est transmis à un voisin.")},
    )
