"""Forms of the registers: the shape of what is typed; the operations check the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.people.models import Person
from palier.register.models import Alert, Communication, Confirmation, Enrolment, EnrolmentRequest, Register

_INVALID = {"invalid": _("Écrivez la date comme 14/03/1942.")}
CAPACITIES = [choice for choice in Enrolment.Capacity.choices if choice[0] != Enrolment.Capacity.ANY]


def day(label: Any, *, required: bool = True, hint: Any = "", needed: Any = "") -> forms.DateField:
    errors = dict(_INVALID)
    if needed:
        errors["required"] = needed
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=errors,
    )


class AroundForm(forms.Form):
    """Home service and whom to warn."""

    home_service_name = forms.CharField(label=_("Service d’aide à domicile"), max_length=120, required=False)
    home_service_phone = forms.CharField(label=_("Téléphone du service"), max_length=40, required=False)
    to_warn_name = forms.CharField(
        label=_("Personne à prévenir en cas d’urgence"), max_length=120, required=False
    )
    to_warn_phone = forms.CharField(label=_("Téléphone de cette personne"), max_length=40, required=False)


class WhoForm(forms.Form):
    """The person, when she has no file yet."""

    last_name = forms.CharField(
        label=_("Nom"), max_length=60, error_messages={"required": _("Écrivez le nom.")}
    )
    first_name = forms.CharField(
        label=_("Prénom"), max_length=60, error_messages={"required": _("Écrivez le prénom.")}
    )
    birth_on = day(
        _("Née ou né le"), needed=_("Écrivez la date de naissance : elle dit à quel titre on s’inscrit.")
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Écrivez un numéro de téléphone : c’est là que nous appelons.")},
    )
    street = forms.CharField(
        label=_("Numéro et rue"),
        max_length=120,
        error_messages={"required": _("Écrivez le numéro et la rue.")},
    )
    postcode = forms.CharField(label=_("Code postal"), max_length=5, required=False)
    city = forms.CharField(label=_("Commune"), max_length=80, required=False)


class EnrolForm(WhoForm, AroundForm):
    """One form for the desk, the telephone, the post and e-mail."""

    title = forms.ChoiceField(
        label=_("Civilité"), choices=Person.Title.choices, initial="madame", widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(
        label=_("La demande est venue par"),
        choices=EnrolmentRequest.Channel.choices,
        initial="phone",
        widget=forms.RadioSelect,
    )
    requested_on = day(_("Jour de la demande"), needed=_("Écrivez le jour de la demande."))
    requester = forms.ChoiceField(
        label=_("Qui demande ?"),
        choices=EnrolmentRequest.Requester.choices,
        initial="self",
        widget=forms.RadioSelect,
    )
    requester_name = forms.CharField(label=_("Nom de qui demande"), max_length=120, required=False)
    requester_capacity = forms.CharField(
        label=_("En qualité de"),
        max_length=120,
        required=False,
        help_text=_("Par exemple : son fils, sa tutrice, son voisin."),
    )
    written_proof = forms.CharField(
        label=_("Où est l’écrit ?"),
        max_length=120,
        required=False,
        help_text=_("Par exemple : courrier du 3 novembre, classeur 14. Aucune copie n’est gardée ici."),
    )
    capacity = forms.ChoiceField(
        label=_("À quel titre ?"),
        choices=CAPACITIES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez à quel titre la personne s’inscrit.")},
    )
    isolation_prevention = forms.ChoiceField(
        label=_("Aussi hors alerte, contre l’isolement ?"),
        choices=Enrolment.Answer.choices,
        initial="not_asked",
        widget=forms.RadioSelect,
    )
    same_as = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, register: Register, known: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known is not None:
            for name in ("title", *WhoForm.base_fields):
                del self.fields[name]
        if not register.is_statutory:
            self.fields["capacity"].required = False
            for name in ("capacity", "isolation_prevention"):
                del self.fields[name]
        for who in ("home_service", "to_warn"):
            if who not in register.fields:
                del self.fields[f"{who}_name"], self.fields[f"{who}_phone"]


class ChangeForm(AroundForm):
    capacity = forms.ChoiceField(label=_("À quel titre ?"), choices=CAPACITIES, widget=forms.RadioSelect)
    isolation_prevention = forms.ChoiceField(
        label=_("Aussi hors alerte, contre l’isolement ?"),
        choices=Enrolment.Answer.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, register: Register, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not register.is_statutory:
            del self.fields["capacity"], self.fields["isolation_prevention"]
        for who in ("home_service", "to_warn"):
            if who not in register.fields:
                del self.fields[f"{who}_name"], self.fields[f"{who}_phone"]


class RemoveForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Pourquoi ?"),
        choices=[choice for choice in Enrolment.Reason.choices if choice[0] != Enrolment.Reason.ENDED],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez pourquoi la personne quitte le registre.")},
    )


class ResultForm(forms.Form):
    result = forms.ChoiceField(choices=[choice for choice in Confirmation.Result.choices if choice[0]])


class DesignationForm(forms.Form):
    membership_id = forms.TypedChoiceField(
        label=_("Qui"), coerce=int, error_messages={"required": _("Choisissez la personne désignée.")}
    )
    starts_on = day(_("Du"), needed=_("Écrivez le premier jour."))
    ends_on = day(
        _("Au"),
        hint=_("Ce jour compris : l’accès s’arrête à minuit."),
        needed=_("Une désignation a toujours une fin."),
    )
    act = forms.CharField(
        label=_("Acte signé"),
        max_length=120,
        help_text=_("Par exemple : arrêté n° 2026-118."),
        error_messages={
            "required": _("Écrivez la référence de l’acte signé, par exemple : arrêté n° 2026-118.")
        },
    )
    signed_on = day(_("Signé le"), needed=_("Écrivez le jour de la signature."))

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membership_id"].choices = [("", _("Choisir")), *people]  # type: ignore[attr-defined]


class NoticeForm(forms.Form):
    """The five parts of R121-2, in the words of the town."""

    purpose = forms.CharField(
        label=_("À quoi sert le registre"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    optional = forms.CharField(
        label=_("Est-ce obligatoire ?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    how = forms.CharField(
        label=_("Comment s’inscrire"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    recipients = forms.CharField(
        label=_("Qui reçoit les informations"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    rights = forms.CharField(
        label=_("Vos droits"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class SettingsForm(forms.Form):
    name = forms.CharField(label=_("Nom du registre"), max_length=120)
    purpose = forms.CharField(
        label=_("À quoi il sert"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    legal_basis = forms.CharField(label=_("Fondement"), max_length=300)
    retention = forms.CharField(label=_("Combien de temps"), max_length=300)
    sender_address = forms.CharField(
        label=_("Adresse de l’expéditeur"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    signatory_authority = forms.CharField(label=_("Au nom de"), max_length=120, required=False)
    signatory_name = forms.CharField(label=_("Qui signe les lettres"), max_length=120, required=False)
    signatory_role = forms.CharField(label=_("Sa fonction"), max_length=120, required=False)
    objection_days = forms.IntegerField(
        label=_("Jours pour s’opposer après la lettre"), min_value=8, max_value=60,
        help_text=_("Sans opposition après ce délai, la demande d’un tiers est confirmée."),
    )  # fmt: skip


class NewRegisterForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Quel registre ?"),
        choices=[choice for choice in Register.Kind.choices if choice[0] != Register.Kind.STATUTORY],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez le genre de registre.")},
    )
    name = forms.CharField(
        label=_("Nom"), max_length=120, error_messages={"required": _("Donnez-lui un nom.")}
    )
    purpose = forms.CharField(
        label=_("À quoi il sert"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Écrivez à quoi il sert : à cela, et à rien d’autre.")},
    )  # fmt: skip
    legal_basis = forms.CharField(
        label=_("Fondement"), max_length=300, help_text=_("Par exemple : accord de la personne ; mission d’intérêt public."),
        error_messages={"required": _("Écrivez le fondement : demandez à votre délégué à la protection des données.")},
    )  # fmt: skip
    retention = forms.CharField(
        label=_("Combien de temps"),
        max_length=300,
        error_messages={"required": _("Écrivez combien de temps les informations restent.")},
    )


class CommunicationForm(forms.Form):
    reference = forms.CharField(
        label=_("Référence de la demande"), max_length=120, required=False,
        help_text=_("Le courrier ou le message de la préfecture, avec sa date."),
    )  # fmt: skip
    plan = forms.CharField(label=_("Au titre de quel plan"), max_length=120, required=False)
    profile = forms.ChoiceField(
        label=_("Quelles informations"),
        choices=Communication.Profile.choices,
        initial="contact",
        widget=forms.RadioSelect,
    )
    sector = forms.CharField(
        label=_("Secteur"), max_length=1000, required=False, help_text=_("Rues ou codes postaux, un par ligne."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    recipients = forms.CharField(
        label=_("Destinataires"), required=False, help_text=_("Une personne par ligne : « Nom, service »."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    expires_on = day(_("Utilisable jusqu’au"), needed=_("Jusqu’à quand ? Un jour à venir, dans l’année."))

    def clean_recipients(self) -> list[tuple[str, str]]:
        lines = [line.partition(",") for line in self.cleaned_data["recipients"].splitlines() if line.strip()]
        return [(name.strip(), service.strip()) for name, _comma, service in lines]


class AlertForm(forms.Form):
    plan = forms.ChoiceField(
        label=_("Plan"),
        choices=Alert.Plan.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez le plan.")},
    )
    level = forms.ChoiceField(
        label=_("Couleur"),
        choices=Alert.Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la couleur.")},
    )
    authority = forms.ChoiceField(
        label=_("Qui décide"), choices=Alert.Authority.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez qui a décidé de l’alerte.")},
    )  # fmt: skip
    act = forms.CharField(
        label=_("Référence"), max_length=120, help_text=_("Arrêté préfectoral, ou décision du maire avec sa date."),
        error_messages={"required": _("Écrivez la référence : arrêté préfectoral, ou décision du maire avec sa date.")},
    )  # fmt: skip
    is_triggered = forms.BooleanField(label=_("Le plan est déclenché"), required=False)


class ChangeAlertForm(forms.Form):
    level = AlertForm.base_fields["level"]
    act = AlertForm.base_fields["act"]
    is_triggered = AlertForm.base_fields["is_triggered"]


class InformForm(forms.Form):
    people = forms.CharField(
        label=_("Adresses"),
        max_length=900_000,
        help_text=_("Copiées d’un tableau : nom, rue, code postal, commune, séparés par des tabulations ou des points-virgules. Une personne par ligne."),
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Collez au moins une adresse.")},
    )  # fmt: skip


class CloseRequestForm(forms.Form):
    outcome = forms.ChoiceField(
        choices=[
            choice
            for choice in EnrolmentRequest.Outcome.choices
            if choice[0] in ("not_eligible", "elsewhere", "already_there", "unusable")
        ]
    )


class PublicForm(WhoForm, AroundForm):
    """The form of the town's page, for the person, her representative or somebody who worries."""

    requester = forms.ChoiceField(
        label=_("Qui êtes-vous ?"),
        choices=[
            ("self", _("la personne à inscrire")),
            ("representative", _("son représentant légal (tutelle, curatelle)")),
            ("third_party", _("quelqu’un d’autre : famille, voisin, soignant")),
        ],
        initial="self",
        widget=forms.RadioSelect,
    )
    requester_name = forms.CharField(label=_("Vos prénom et nom"), max_length=120, required=False)
    requester_capacity = forms.CharField(
        label=_("Qui êtes-vous pour elle ?"),
        max_length=120,
        required=False,
        help_text=_("Par exemple : sa fille, son voisin, son infirmière."),
    )
    capacity = forms.ChoiceField(
        label=_("À quel titre ?"), choices=CAPACITIES, widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez à quel titre la personne s’inscrit.")},
    )  # fmt: skip
    isolation_prevention = forms.ChoiceField(
        label=_("Pouvons-nous appeler aussi en dehors des alertes, pour prendre des nouvelles ?"),
        choices=[("yes", _("oui")), ("refused", _("non, seulement en cas d’alerte"))],
        required=False,
        widget=forms.RadioSelect,
    )
    # Nobody sees it; what fills in every field fills in this one.
    website = forms.CharField(required=False, max_length=200)
    ticket = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
