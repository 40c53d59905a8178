"""Forms of how she lives: the shape of what is typed; the operations check the rules."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.kernel import clock
from palier.people.living import Away, HomeSecret, Objection, Presence, Protection

_BAD_DAY = {"invalid": _("Écrivez la date comme 14/03/2027.")}
_DAYS = [
    ("0", _("lundi")),
    ("1", _("mardi")),
    ("2", _("mercredi")),
    ("3", _("jeudi")),
    ("4", _("vendredi")),
    ("5", _("samedi")),
    ("6", _("dimanche")),
]


def _day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={**_BAD_DAY, "required": _("Choisissez un jour.")},
    )


class PresenceForm(forms.Form):
    who = forms.CharField(
        label=_("Qui"),
        max_length=80,
        help_text=_("Par exemple : infirmière, Sylvie sa fille, CCAS."),
        error_messages={"required": _("Écrivez qui appelle ou passe.")},
    )
    kind = forms.ChoiceField(
        label=_("Comment"), choices=Presence.Kind.choices, initial="visit", widget=forms.RadioSelect
    )
    days = forms.TypedMultipleChoiceField(
        label=_("Quels jours"),
        choices=_DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins un jour.")},
    )
    at = forms.TimeField(
        label=_("Vers quelle heure"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Écrivez l’heure comme 8:30.")},
    )
    part = forms.ChoiceField(
        label=_("Ou à quel moment"), required=False, choices=[("", _("—")), *Presence.Part.choices]
    )
    is_ours = forms.BooleanField(label=_("C’est notre appel : le rythme convenu avec elle"), required=False)

    def told(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    @classmethod
    def initial_of(cls, presence: Presence) -> dict[str, Any]:
        return {
            "who": presence.who,
            "kind": presence.kind,
            "days": [str(number) for number in presence.days],
            "at": presence.at,
            "part": presence.part,
            "is_ours": presence.is_ours,
        }


class AwayForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Où est-elle ?"),
        choices=Away.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez où elle est.")},
    )
    starts_on = _day(_("Depuis quel jour"), required=True)
    ends_on = _day(_("Dernier jour d’absence"), help_text=_("Vide : on ne sait pas encore."))
    ask_on = _day(
        _("Redemander des nouvelles le"),
        help_text=_("Quand le retour n’est pas connu. Vide : dans une semaine."),
    )
    told_by = forms.CharField(
        label=_("Dit par"), max_length=120, required=False, help_text=_("Par exemple : Sylvie, sa fille.")
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = clock.today(zone)


class AskAgainForm(forms.Form):
    ask_on = _day(_("Redemander le"), required=True)

    @staticmethod
    def in_a_week(today: date) -> str:
        return (today + timedelta(days=7)).isoformat()


class ProtectionForm(forms.Form):
    measure = forms.ChoiceField(
        label=_("Mesure"),
        choices=Protection.Measure.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la mesure.")},
    )
    representative = forms.TypedChoiceField(
        label=_("Qui la représente"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Quelqu’un de son entourage : ajoutez-le d’abord, avec le lien « représentant légal »."),
    )
    through_them = forms.CharField(
        label=_("Ce qui doit passer par lui"),
        max_length=200,
        required=False,
        help_text=_("Par exemple : toute dépense, tout courrier."),
    )
    since = _day(_("Depuis le"))
    until = _day(_("Jusqu’au"))

    def __init__(self, *args: Any, contacts: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["representative"].choices = [("", _("Personne de noté")), *contacts]  # type: ignore[attr-defined]

    def told(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        values["representative_id"] = values.pop("representative")
        return values

    @classmethod
    def initial_of(cls, held: Protection) -> dict[str, Any]:
        return {
            "measure": held.measure,
            "representative": held.representative_id,
            "through_them": held.through_them,
            "since": held.since,
            "until": held.until,
        }


class SecretForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Quoi"),
        choices=HomeSecret.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce que c’est.")},
    )
    value = forms.CharField(
        label=_("Le code, ou où se trouve la clé"),
        max_length=120,
        help_text=_("Gardé fermé : affiché un à la fois, et le nom de qui regarde est noté."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Écrivez le code, ou où se trouve la clé.")},
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=1000,
        help_text=_("La personne peut lire ce texte. Des faits, en quelques phrases ; 1 000 signes au plus."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Écrivez la note."),
            "max_length": _("Ce texte est trop long : 1 000 signes au plus."),
        },
    )
    is_confidential = forms.BooleanField(
        label=_("Confidentielle : seulement moi et la coordination"), required=False
    )
    words_reason = forms.CharField(
        label=_("Pourquoi ces mots doivent rester"),
        max_length=120,
        required=False,
        help_text=_("Seulement si un mot à surveiller est signalé. Ce motif est gardé."),
    )


class ObjectionForm(forms.Form):
    to = forms.ChoiceField(choices=Objection.To.choices)
    holds = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")
    channel = forms.ChoiceField(choices=[("phone", ""), ("desk", ""), ("letter", "")], required=False)


class OpenedForForm(forms.Form):
    why = forms.ChoiceField(
        choices=[
            ("call", _("Je prépare un appel")),
            ("asked", _("Un collègue me l’a demandé")),
            ("update", _("Mise à jour de la fiche")),
            ("relative", _("Un proche ou un professionnel est là")),
        ]
    )


class LeavingForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Que s’est-il passé ?"),
        choices=[
            ("moved", _("Déménagement")),
            ("in_care_home", _("Entrée en établissement")),
            ("deceased", _("Décès")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce qui s’est passé.")},
    )
    on = _day(_("Quel jour"), help_text=_("Si vous le savez."))
    condolences = forms.BooleanField(
        label=_("En cas de décès : prévoir un mot à ses proches, à mon nom"), required=False
    )


class ApartForm(forms.Form):
    compartment = forms.TypedChoiceField(
        label=_("Volet"), coerce=int, error_messages={"required": _("Choisissez un volet.")}
    )

    def __init__(self, *args: Any, compartments: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["compartment"].choices = compartments  # type: ignore[attr-defined]
