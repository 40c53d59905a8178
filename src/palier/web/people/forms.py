"""Forms of a person's file: the shape of what is typed; the operations check the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.kernel import phones
from palier.people.models import Consent, Contact, Person
from palier.territories.models import Organisation

# The languages most spoken by older people here; another one is added in the note on how to talk to her.
LANGUAGES = [
    ("fr", _("français")),
    ("ar", _("arabe")),
    ("de", _("allemand")),
    ("en", _("anglais")),
    ("es", _("espagnol")),
    ("it", _("italien")),
    ("pl", _("polonais")),
    ("pt", _("portugais")),
    ("ro", _("roumain")),
    ("ru", _("russe")),
    ("tr", _("turc")),
    ("uk", _("ukrainien")),
    ("vi", _("vietnamien")),
    ("zh", _("chinois")),
]


class PersonForm(forms.Form):
    title = forms.ChoiceField(
        label=_("Civilité"), choices=Person.Title.choices, initial="madame", widget=forms.RadioSelect
    )
    first_name = forms.CharField(label=_("Prénom"), max_length=60, required=False)
    last_name = forms.CharField(
        label=_("Nom"), max_length=60, error_messages={"required": _("Écrivez au moins le nom.")}
    )
    birth_name = forms.CharField(label=_("Nom de naissance"), max_length=60, required=False)
    birth_on = forms.DateField(
        label=_("Née ou né le"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Écrivez la date comme 14/03/1942.")},
    )
    phones = forms.CharField(
        label=_("Téléphone"),
        required=False,
        help_text=_("Plusieurs numéros : un par ligne."),
        widget=forms.Textarea(attrs={"rows": 2, "inputmode": "tel", "autocomplete": "off"}),
    )
    street = forms.CharField(label=_("Numéro et rue"), max_length=120, required=False)
    access = forms.CharField(
        label=_("Étage, accès"),
        max_length=120,
        required=False,
        help_text=_("Par exemple : 2e étage à gauche, sans ascenseur."),
    )
    postcode = forms.CharField(label=_("Code postal"), max_length=5, required=False)
    city = forms.CharField(label=_("Commune"), max_length=80, required=False)
    lives_alone = forms.BooleanField(label=_("Vit seule ou seul"), required=False)
    has_stairs = forms.BooleanField(label=_("Il y a des étages à monter"), required=False)
    has_pets = forms.BooleanField(label=_("Il y a un animal"), required=False)
    language = forms.ChoiceField(label=_("Langue"), choices=LANGUAGES, required=False, initial="fr")
    needs_interpreter = forms.BooleanField(label=_("Il faut un interprète"), required=False)
    talk_note = forms.CharField(
        label=_("Pour lui parler"),
        max_length=300,
        required=False,
        help_text=_("La personne peut lire ce texte. Par exemple : entend mal à droite, plutôt le matin."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    home_note = forms.CharField(
        label=_("Chez elle ou chez lui"),
        max_length=300,
        required=False,
        help_text=_("La personne peut lire ce texte."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    words_reason = forms.CharField(
        label=_("Pourquoi ces mots doivent rester"),
        max_length=120,
        required=False,
        help_text=_("Seulement si un mot à surveiller est signalé. Ce motif est gardé."),
    )
    telecare_operator_id = forms.TypedChoiceField(
        label=_("Téléassistance"), required=False, coerce=int, empty_value=None
    )
    telecare_number = forms.CharField(label=_("Numéro d’abonné"), max_length=16, required=False)
    despite_namesake = forms.BooleanField(
        label=_("Ce n’est pas la même personne : créer quand même"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        operators = Organisation.objects.filter(kind=Organisation.Kind.OPERATOR, is_active=True).order_by(
            "name"
        )
        self.fields["telecare_operator_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Aucune")),
            *operators.values_list("pk", "name"),
        ]

    def clean_phones(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["phones"].splitlines() if line.strip()]

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or "fr"

    @classmethod
    def initial_of(cls, person: Person) -> dict[str, Any]:
        values = {name: getattr(person, name) for name in cls.base_fields if hasattr(person, name)}
        values["phones"] = "\n".join(phones.pretty(number.e164) for number in person.phones.all())
        return values


class ContactForm(forms.Form):
    name = forms.CharField(
        label=_("Nom"), max_length=120, error_messages={"required": _("Écrivez le nom de ce proche.")}
    )
    relation = forms.ChoiceField(label=_("Lien"), choices=Contact.Relation.choices)
    note = forms.CharField(
        label=_("Précision"), max_length=120, required=False, help_text=_("Par exemple : sa fille, à Rennes.")
    )
    phone = forms.CharField(label=_("Téléphone"), max_length=40, required=False)
    has_key = forms.BooleanField(label=_("A une clé du logement"), required=False)
    is_professional = forms.BooleanField(label=_("C’est un professionnel"), required=False)


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(choices=Consent.Purpose.choices)
    is_given = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")
    channel = forms.ChoiceField(
        choices=[("phone", _("au téléphone")), ("desk", _("à l’accueil")), ("letter", _("par écrit"))],
        required=False,
    )
