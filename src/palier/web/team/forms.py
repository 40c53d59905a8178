"""Forms of the team's administration."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.accounts.models import Membership, Role
from palier.territories.models import Organisation, Team, Territory


class MemberForm(forms.Form):
    role = forms.ChoiceField(label=_("Rôle"), choices=Role.choices)
    team_id = forms.TypedChoiceField(label=_("Équipe"), required=False, coerce=int, empty_value=None)
    title = forms.CharField(label=_("Fonction"), max_length=80, required=False)
    extension = forms.CharField(
        label=_("Poste téléphonique"),
        max_length=20,
        required=False,
        help_text=_("Le numéro interne qui sonne sur son bureau."),
    )
    deputy_id = forms.TypedChoiceField(
        label=_("Remplacé par"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Ce qui est en retard lui revient pendant ses absences."),
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(organisation_id=member.organisation_id).order_by("name", "pk")
        others = (
            Membership.objects.live()
            .filter(organisation_id=member.organisation_id)
            .exclude(pk=member.pk)
            .select_related("user")
            .order_by("user__last_name", "pk")
        )
        self.fields["team_id"].choices = [("", _("Aucune")), *teams.values_list("pk", "name")]  # type: ignore[attr-defined]
        self.fields["deputy_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Personne")),
            *((other.pk, other.user.get_full_name()) for other in others),
        ]


class NewMemberForm(forms.Form):
    first_name = forms.CharField(label=_("Prénom"), max_length=60)
    last_name = forms.CharField(label=_("Nom"), max_length=60)
    email = forms.EmailField(
        label=_("Courriel"), error_messages={"invalid": _("Écrivez une adresse comme prenom.nom@ville.fr.")}
    )
    organisation_id = forms.TypedChoiceField(label=_("Organisation"), coerce=int)
    role = forms.ChoiceField(label=_("Rôle"), choices=Role.choices)
    title = forms.CharField(label=_("Fonction"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Organisation.objects.filter(is_active=True).order_by("-is_lead", "name")
        self.fields["organisation_id"].choices = list(places.values_list("pk", "name"))  # type: ignore[attr-defined]


class PeriodForm(forms.Form):
    starts_at = forms.DateTimeField(
        label=_("Du"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("Au"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(label=_("Motif"), max_length=80, required=False)


class OnCallForm(PeriodForm):
    membership = forms.TypedChoiceField(label=_("Qui"), coerce=int)
    reason = None  # type: ignore[assignment]

    def __init__(self, *args: Any, organisation_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Membership.objects.live().filter(organisation_id=organisation_id).select_related("user")
        self.fields["membership"].choices = [  # type: ignore[attr-defined]
            (m.pk, m.user.get_full_name()) for m in people.order_by("user__last_name", "pk")
        ]


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Territory
        fields = (
            "name", "sender_name", "public_phone", "public_email", "public_host", "wave_size", "wave_minutes",
            "reach_minutes", "quiet_from", "quiet_until", "proof_grace_minutes", "climb_minutes",
        )  # fmt: skip
        labels = {
            "name": _("Nom du territoire"),
            "sender_name": _("Nom affiché dans les SMS"),
            "public_phone": _("Numéro de téléphone public"),
            "public_email": _("Courriel public"),
            "public_host": _("Adresse des liens envoyés"),
            "wave_size": _("Voisins demandés à la fois"),
            "wave_minutes": _("Minutes laissées pour répondre"),
            "reach_minutes": _("Minutes de marche au plus"),
            "quiet_from": _("Pas de SMS après"),
            "quiet_until": _("Pas de SMS avant"),
            "proof_grace_minutes": _("Minutes d’attente après une visite sans nouvelle"),
            "climb_minutes": _("Minutes de retard avant de prévenir quelqu’un d’autre"),
        }
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"})
            for name in ("quiet_from", "quiet_until")
        }
        help_texts = {"sender_name": _("11 lettres au plus, sans accent de préférence.")}
