"""Forms about people's own data: the shape of what is typed; the operations check the rules."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.accounts.models import Membership, Role
from palier.kernel import clock
from palier.privacy.models import RightsRequest

_BAD_DATE = _("Écrivez la date comme 14/03/2026.")


class RequestForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Que demande-t-elle ?"),
        choices=RightsRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce que la personne demande.")},
    )
    name = forms.CharField(
        label=_("Nom de la personne"),
        max_length=120,
        required=False,
        help_text=_("Tel qu’elle le dit, si elle n’a pas de fiche."),
    )
    asked_by = forms.ChoiceField(
        label=_("Qui demande ?"),
        choices=RightsRequest.Asker.choices,
        initial="self",
        widget=forms.RadioSelect,
    )
    asker_name = forms.CharField(
        label=_("Son nom, si c’est quelqu’un d’autre"), max_length=120, required=False
    )
    channel = forms.ChoiceField(
        label=_("Reçue"),
        choices=RightsRequest.Channel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites comment la demande est arrivée.")},
    )
    received_on = forms.DateField(
        label=_("Reçue le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Le mois pour répondre compte depuis ce jour."),
        error_messages={"invalid": _BAD_DATE, "required": _("Écrivez le jour où la demande est arrivée.")},
    )
    words = forms.CharField(
        label=_("Ses mots"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La personne peut lire ce texte."),
    )
    owner_id = forms.TypedChoiceField(label=_("Qui y répond ?"), required=False, coerce=int, empty_value=None)
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)
    volunteer = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answering = (
            Membership.objects.live()
            .filter(organisation__is_lead=True, role__in=[Role.COORDINATOR, Role.HEAD])
            .select_related("user")
            .order_by("user__last_name", "pk")
        )
        self.fields["owner_id"].choices = [  # type: ignore[attr-defined]
            ("", _("L’équipe, sans responsable")),
            *((row.pk, row.user.get_full_name()) for row in answering),
        ]


class IdentityForm(forms.Form):
    how = forms.ChoiceField(
        label=_("Comment sait-on que c’est elle ?"),
        choices=RightsRequest.Identity.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce qui a été vu.")},
    )
    seen_on = forms.DateField(
        label=_("Le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _BAD_DATE, "required": _("Écrivez le jour.")},
    )


class ExtendForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi répondre plus tard ?"),
        max_length=300,
        help_text=_(
            "Deux mois de plus, une seule fois ; la personne doit l’apprendre avant la fin du premier."
        ),
        error_messages={"required": _("Écrivez pourquoi : la personne doit l’apprendre.")},
    )


class VisaForm(forms.Form):
    on = forms.DateField(
        label=_("Visa du"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _BAD_DATE, "required": _("Écrivez le jour du visa.")},
    )
    reference = forms.CharField(
        label=_("Référence"),
        max_length=80,
        error_messages={"required": _("Écrivez la référence qui figure sur le visa.")},
    )


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Qu’avez-vous répondu ?"),
        choices=RightsRequest.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce qui a été répondu.")},
    )
    words = forms.CharField(
        label=_("La réponse"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ce qui a été dit ou écrit à la personne, comment, et pourquoi en cas de refus."),
        error_messages={"required": _("Écrivez ce qui a été répondu à la personne, et comment.")},
    )


class SettingsForm(forms.Form):
    officer_name = forms.CharField(
        label=_("Délégué à la protection des données"), max_length=120, required=False
    )
    officer_email = forms.EmailField(
        label=_("Son adresse"),
        required=False,
        error_messages={"invalid": _("Cette adresse n’est pas complète. Par exemple : dpo@ville.fr.")},
    )
    needs_archive_visa = forms.BooleanField(
        label=_("Attendre le visa des archives avant d’effacer une fiche"), required=False
    )


class AccessForm(forms.Form):
    """What is asked of the log; nothing typed: the last thirty days."""

    q = forms.CharField(label=_("Personne"), max_length=120, required=False)
    personne = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    membre = forms.TypedChoiceField(label=_("Par qui"), required=False, coerce=int, empty_value=None)
    du = forms.DateField(
        label=_("Du"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _BAD_DATE, "required": _("Écrivez le premier jour.")},
    )
    au = forms.DateField(
        label=_("Au"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _BAD_DATE, "required": _("Écrivez le dernier jour.")},
    )
    voir = forms.ChoiceField(choices=[("lignes", ""), ("fiches", "")], required=False)

    def __init__(self, *args: Any, members: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membre"].choices = [("", _("Tout le monde")), *members]  # type: ignore[attr-defined]

    @classmethod
    def usual(cls) -> dict[str, Any]:
        today = clock.today()
        return {"du": today - timedelta(days=30), "au": today}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("du"), values.get("au")
        if first and last and last < first:
            self.add_error("au", _("La fin doit venir après le début."))
        for name, day in (("du", first), ("au", last)):
            if day and not date(2000, 1, 1) <= day <= date(2100, 1, 1):
                self.add_error(name, _("Vérifiez l’année."))
        return values

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        first, last = self.cleaned_data["du"], self.cleaned_data["au"]
        return (
            datetime.combine(first, time.min, tzinfo=zone),
            datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
        )


class TakeOutForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        help_text=_("Par exemple « incident du 12 novembre ». Votre nom et cette raison sont gardés."),
        error_messages={"required": _("Écrivez pourquoi vous sortez ces lignes, en quelques mots.")},
    )
