"""The form of a call: the shape of what was typed. The rules are those of `calls.operations`."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.calls.models import Call
from palier.concerns.models import Concern

# What a draft keeps: every field of the form as it was typed, nothing else.
LONGEST = 12_000
CONSTRAINTS = [("stairs", _("Escaliers")), ("heavy", _("À porter")), ("pets", _("Animal à la maison"))]
FEEDBACK = [
    ("well", _("Bien")),
    ("so_so", _("Moyen")),
    ("badly", _("Mal")),
    ("did_not_come", _("Personne n’est venu")),
]
SERVICES = {
    "15": _("SAMU"),
    "17": _("Police secours"),
    "18": _("Pompiers"),
    "112": _("Numéro d’urgence européen"),
    "114": _("Par SMS, pour les personnes sourdes"),
}


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class CallForm(forms.Form):
    """One call. `lists` holds the answers that depend on the town, the person and the day."""

    # Who: « p12 » a person, « c5 » somebody around a person, « v7 » a neighbour, « other », « new », or nothing.
    caller = forms.CharField(required=False, max_length=20)
    found = forms.CharField(required=False, max_length=20, label=_("Qui appelle ?"))
    q = forms.CharField(required=False, max_length=200)
    new_first_name = forms.CharField(label=_("Prénom"), required=False, max_length=60)
    new_last_name = forms.CharField(label=_("Nom"), required=False, max_length=60)
    new_street = forms.CharField(label=_("Adresse"), required=False, max_length=120)
    new_phone = forms.CharField(label=_("Téléphone"), required=False, max_length=40)
    new_despite = forms.BooleanField(label=_("C’est quelqu’un d’autre, du même nom"), required=False)

    who = forms.ChoiceField(label=_("Qui parle ?"), required=False, widget=forms.RadioSelect)
    who_name = forms.CharField(label=_("Son nom"), required=False, max_length=120)
    reasons = forms.MultipleChoiceField(
        label=_("Pourquoi ?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Ce motif n’est plus dans la liste. Choisissez-en un autre.")},
    )
    mood = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("Ce qui a été dit"),
        required=False,
        max_length=10_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": _(
                "Ce texte est trop long : 10 000 signes au plus. Le reste peut aller dans un second appel."
            )
        },
    )
    feedback = forms.ChoiceField(
        label=_("Comment s’est passée la visite ?"),
        required=False,
        widget=forms.RadioSelect,
        choices=FEEDBACK,
    )
    next = forms.ChoiceField(
        label=_("Et après ?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites ce qui vient après. « Rien » est une bonne réponse.")},
    )

    back_on = forms.DateField(
        label=_("Quel jour ?"),
        required=False,
        widget=DayInput,
        error_messages={"invalid": _("Choisissez un jour, par exemple demain.")},
    )
    back_at = forms.TimeField(
        label=_("Vers quelle heure ?"),
        required=False,
        widget=HourInput,
        error_messages={"invalid": _("Écrivez l’heure comme 10:30.")},
    )

    kind = forms.ChoiceField(label=_("Quoi ?"), required=False)
    when = forms.ChoiceField(
        label=_("Pour quand ?"),
        required=False,
        error_messages={"invalid_choice": _("Choisissez un jour, par exemple demain.")},
    )
    owner = forms.ChoiceField(label=_("Responsable"), required=False)
    on = forms.DateField(
        label=_("Quel jour ?"),
        required=False,
        widget=DayInput,
        error_messages={"invalid": _("Choisissez un jour, par exemple demain.")},
    )
    from_ = forms.TimeField(
        label=_("De"),
        required=False,
        widget=HourInput,
        error_messages={"invalid": _("Écrivez l’heure comme 10:30.")},
    )
    until = forms.TimeField(
        label=_("À"),
        required=False,
        widget=HourInput,
        error_messages={"invalid": _("Écrivez l’heure comme 10:30.")},
    )
    what = forms.CharField(label=_("En un mot, pour le voisin"), required=False, max_length=120)
    details = forms.CharField(label=_("Détail pour le voisin"), required=False, max_length=1000)
    words_reason = forms.CharField(label=_("Pourquoi garder ce mot ?"), required=False, max_length=200)
    neighbour_consent = forms.BooleanField(required=False)
    minutes = forms.IntegerField(
        label=_("Durée, en minutes"),
        required=False,
        min_value=5,
        max_value=480,
        error_messages={
            "invalid": _("Écrivez un nombre de minutes, par exemple 45."),
            "min_value": _("5 minutes au moins."),
            "max_value": _("8 heures (480 minutes) au plus."),
        },
    )
    constraints = forms.MultipleChoiceField(
        label=_("À savoir"), required=False, widget=forms.CheckboxSelectMultiple, choices=CONSTRAINTS
    )
    gender_wanted = forms.ChoiceField(
        label=_("De préférence"),
        required=False,
        choices=[("", _("Indifférent")), ("woman", _("Une femme")), ("man", _("Un homme"))],
    )
    language = forms.ChoiceField(
        label=_("Langue"),
        required=False,
        choices=[
            ("", _("Français")), ("ar", _("Arabe")), ("en", _("Anglais")), ("es", _("Espagnol")), ("it", _("Italien")),
            ("pl", _("Polonais")), ("pt", _("Portugais")), ("tr", _("Turc")), ("vi", _("Vietnamien")), ("ru", _("Russe")),
        ],
    )  # fmt: skip
    wish = forms.CharField(label=_("Souhait"), required=False, max_length=160)

    facts = forms.CharField(
        label=_("Les faits"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    urgency = forms.ChoiceField(
        label=_("Agir"),
        required=False,
        choices=[(c, label) for c, label in Concern.Urgency.choices if c != "now"],
    )
    concern_owner = forms.ChoiceField(label=_("Qui s’en occupe ?"), required=False)

    keeps = forms.MultipleChoiceField(required=False)
    planned = forms.IntegerField(required=False, widget=forms.HiddenInput)
    opened = forms.IntegerField(required=False, widget=forms.HiddenInput)
    back = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, lists: Mapping[str, Sequence[tuple[str, Any]]], initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="id_%s")
        for name, answers in lists.items():
            self.fields[name].choices = list(answers)  # type: ignore[attr-defined]
        self.watched = False

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        then = typed.get("next")
        if then == Call.Next.CALL_BACK and not (typed.get("back_on") and typed.get("back_at")):
            for name in ("back_on", "back_at"):
                if not typed.get(name) and name not in self.errors:
                    self.add_error(
                        name,
                        _("Choisissez un jour, par exemple demain.")
                        if name == "back_on"
                        else _("Écrivez l’heure comme 10:30."),
                    )
        if then == Call.Next.NEED:
            if not typed.get("kind") and "kind" not in self.errors:
                self.add_error("kind", _("Choisissez une aide dans la liste."))
            if not typed.get("when") and "when" not in self.errors:
                self.add_error("when", _("Choisissez un jour, par exemple demain."))
        if then == Call.Next.CONCERN and not typed.get("facts", "").strip() and "facts" not in self.errors:
            self.add_error("facts", _("Écrivez ce qui a été vu, entendu ou rapporté."))
        return typed

    def add_error(self, field: str | None, error: Any) -> None:
        """An operation names its own fields; those that this form spells otherwise land beside them."""
        super().add_error(SPELT.get(field or "", field), error)

    @classmethod
    def typed_from(cls, posted: Any) -> dict[str, list[str]]:
        """What a draft keeps of a request."""
        return {
            name: [value[:LONGEST] for value in posted.getlist(name)[:30]]
            for name in cls.base_fields
            if name in posted
        }

    @classmethod
    def initial_from(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """A draft as the starting values of a form: a tick that is not there was taken away."""
        initial: dict[str, Any] = {}
        for name, field in cls.base_fields.items():
            values = typed.get(name)
            if isinstance(field, forms.MultipleChoiceField):
                initial[name] = list(values or [])
            elif isinstance(field, forms.BooleanField):
                initial[name] = bool(values)
            elif values:
                initial[name] = values[-1]
        return initial


class _Fields(dict[str, forms.Field]):
    """The fields of the class. A form has its own of those whose answers depend on the call; the others are never changed."""

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return {name: deepcopy(field, memo) if name in LISTS else field for name, field in self.items()}


LISTS = ("owner", "concern_owner", "who", "reasons", "mood", "next", "kind", "when", "keeps")
CallForm.base_fields = _Fields(CallForm.base_fields)

SPELT = {
    "starts_at": "when",
    "ends_at": "when",
    "call_back_at": "back_on",
    "due_at": "back_on",
    "person_id": "found",
    "first_name": "new_first_name",
    "last_name": "new_last_name",
    "street": "new_street",
    "phones": "new_phone",
    "owner_id": "owner",
    "contact_id": "who",
    "volunteer_id": "who",
}


class SetAsideForm(forms.Form):
    """Why a call has nothing to write down."""

    note = forms.ChoiceField(
        label=_("Pourquoi ?"),
        widget=forms.RadioSelect,
        choices=[
            ("wrong_number", _("Erreur de numéro")),
            ("silent", _("Appel muet")),
            ("sales", _("Démarchage")),
            ("other", _("Autre raison")),
        ],
        error_messages={"required": _("Choisissez pourquoi cet appel reste sans suite.")},
    )
    more = forms.CharField(label=_("Laquelle ?"), required=False, max_length=180)

    def sentence(self) -> str:
        """The words kept with the call."""
        answer = self.cleaned_data["note"]
        label = str(dict(self.fields["note"].choices)[answer])  # type: ignore[attr-defined]
        more = self.cleaned_data["more"].strip()
        return more if answer == "other" and more else f"{label} : {more}" if more else label


class AddWordsForm(forms.Form):
    words = forms.CharField(
        label=_("Vos mots"),
        max_length=10_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Écrivez ce que vous voulez ajouter.")},
    )
