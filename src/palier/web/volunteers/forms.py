"""What is typed about a neighbour. There is no field for a paper: only dates and names are kept (GDP-15, GDP-17)."""

from collections import Counter
from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.kernel import clock
from palier.territories.models import HelpKind
from palier.volunteers.models import Volunteer
from palier.web.needs.forms import DateInput, TimeInput

WEEKDAYS = [
    _("Lundi"), _("Mardi"), _("Mercredi"), _("Jeudi"), _("Vendredi"), _("Samedi"), _("Dimanche"),
]  # fmt: skip
LANGUAGES = [
    ("fr", _("Français")),
    ("ar", _("Arabe")),
    ("en", _("Anglais")),
    ("es", _("Espagnol")),
    ("it", _("Italien")),
    ("pl", _("Polonais")),
    ("pt", _("Portugais")),
    ("tr", _("Turc")),
]
AVOIDS = [
    ("stairs", _("Les escaliers")),
    ("heavy", _("Les charges lourdes")),
    ("pets", _("Les animaux")),
]
NO_DATE = _("Cette date n’existe pas. Choisissez un jour dans le calendrier.")
BAD_HOUR = _("Écrivez l’heure ainsi : 09:00.")


class VolunteerForm(forms.Form):
    """Somebody who offers to help, or what changes for them."""

    first_name = forms.CharField(
        label=_("Prénom"),
        max_length=60,
        error_messages={"required": _("Écrivez le prénom : c’est ainsi que le voisin sera annoncé.")},
    )
    last_name = forms.CharField(
        label=_("Nom"), max_length=60, error_messages={"required": _("Écrivez le nom de famille.")}
    )
    gender = forms.ChoiceField(label=_("C’est"), choices=Volunteer.Gender.choices, initial="unsaid")
    birth_on = forms.DateField(
        label=_("Né(e) le"), required=False, widget=DateInput, error_messages={"invalid": NO_DATE}
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=40,
        help_text=_("Un mobile reçoit les demandes par SMS."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Écrivez un numéro où joindre ce voisin.")},
    )
    email = forms.CharField(
        label=_("Courriel"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    street = forms.CharField(label=_("Numéro et rue"), required=False, max_length=120)
    postcode = forms.CharField(
        label=_("Code postal"),
        required=False,
        max_length=5,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    city = forms.CharField(label=_("Commune"), required=False, max_length=80)
    about = forms.CharField(
        label=_("En un mot"), required=False, max_length=80, help_text=_("Par exemple : retraité, étudiante.")
    )
    kinds = forms.MultipleChoiceField(
        label=_("D’accord pour"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins une aide.")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Langues"),
        required=False,
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        initial=["fr"],
    )
    avoids = forms.MultipleChoiceField(
        label=_("Préfère éviter"), required=False, choices=AVOIDS, widget=forms.CheckboxSelectMultiple
    )
    reach_minutes = forms.IntegerField(
        label=_("Va jusqu’à combien de minutes à pied ?"),
        min_value=5,
        max_value=120,
        initial=15,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Écrivez un nombre de minutes, par exemple 15."),
            "invalid": _("Écrivez un nombre de minutes, par exemple 15."),
            "min_value": _("Entre 5 et 120 minutes à pied."),
            "max_value": _("Entre 5 et 120 minutes à pied."),
        },
    )
    max_per_month = forms.IntegerField(
        label=_("Combien de fois par mois, au plus ?"),
        min_value=1,
        max_value=31,
        initial=4,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Écrivez un nombre, par exemple 4."),
            "invalid": _("Écrivez un nombre, par exemple 4."),
            "min_value": _("Entre 1 et 31 fois par mois."),
            "max_value": _("Entre 1 et 31 fois par mois."),
        },
    )
    has_car = forms.BooleanField(label=_("A une voiture"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[HelpKind], stretches: int = 2, **kwargs: Any) -> None:
        """`stretches`: how many times a day may hold; never fewer than the file already has."""
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind.code, kind.name) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["birth_on"].widget.attrs["max"] = clock.today().isoformat()
        self.pairs = [(f"d{day}from{n}", f"d{day}to{n}") for day in range(7) for n in range(stretches)]
        for day in range(7):
            for n in range(stretches):
                from_, to = (
                    (_("%(day)s, de"), _("%(day)s, à"))
                    if n == 0
                    else (_("%(day)s, puis de"), _("%(day)s, puis à"))
                )
                for name, label in ((f"d{day}from{n}", from_), (f"d{day}to{n}", to)):
                    self.fields[name] = forms.TimeField(
                        label=str(label) % {"day": WEEKDAYS[day]},
                        required=False,
                        widget=TimeInput(),
                        error_messages={"invalid": BAD_HOUR},
                    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for first, last in self.pairs:
            start, end = typed.get(first), typed.get(last)
            if (start is None) != (end is None) and not {first, last} & self.errors.keys():
                self.add_error(last if end is None else first, _("Il manque une des deux heures."))
            elif start is not None and end is not None and end <= start:
                self.add_error(last, _("La fin vient après le début, le même jour."))
        return typed

    def days(self) -> list[dict[str, Any]]:
        """The week as rows of hours, for the template."""
        return [
            {
                "name": WEEKDAYS[day],
                "hours": [
                    (self[first], self[last]) for first, last in self.pairs if first.startswith(f"d{day}from")
                ],
            }
            for day in range(7)
        ]

    def told(self) -> dict[str, Any]:
        """What `apply` and `change_volunteer` take."""
        typed = self.cleaned_data
        names = (
            "first_name", "last_name", "gender", "birth_on", "phone", "email", "street", "postcode", "city", "about",
            "kinds", "languages", "avoids", "reach_minutes", "max_per_month", "has_car",
        )  # fmt: skip
        free = [
            (int(first[1]), f"{typed[first]:%H:%M}", f"{typed[last]:%H:%M}")
            for first, last in self.pairs
            if typed.get(first) is not None and typed.get(last) is not None
        ]
        return {name: typed[name] for name in names} | {"free": free}


def as_typed(
    volunteer: Volunteer, free: Iterable[tuple[int, time, time]], kinds: Iterable[str]
) -> dict[str, Any]:
    """A neighbour's file as the form would have typed it."""
    values: dict[str, Any] = {
        name: getattr(volunteer, name)
        for name in (
            "first_name", "last_name", "gender", "birth_on", "email", "street", "postcode", "city", "about",
            "languages", "avoids", "reach_minutes", "max_per_month", "has_car",
        )
    }  # fmt: skip
    values |= {"phone": volunteer.phone, "kinds": list(kinds)}
    seen: Counter[int] = Counter()
    for weekday, start, end in free:
        n = seen[weekday]
        values[f"d{weekday}from{n}"], values[f"d{weekday}to{n}"] = start, end
        seen[weekday] += 1
    return values


class CheckForm(forms.Form):
    """A check that was made: on which day."""

    check = forms.ChoiceField(
        choices=[("interview", ""), ("identity", ""), ("charter", "")], widget=forms.HiddenInput
    )
    on = forms.DateField(
        label=_("Fait le"),
        widget=DateInput,
        error_messages={"required": _("Choisissez le jour où c’est arrivé."), "invalid": NO_DATE},
    )


class RestForm(forms.Form):
    """Until when nothing is asked."""

    until = forms.DateField(
        label=_("De retour le"),
        widget=DateInput,
        error_messages={"required": _("Choisissez le jour du retour."), "invalid": NO_DATE},
    )


class AwayForm(forms.Form):
    """Days when a neighbour cannot be asked."""

    first = forms.DateField(
        label=_("Du"),
        widget=DateInput,
        error_messages={"required": _("Choisissez le premier jour."), "invalid": NO_DATE},
    )
    last = forms.DateField(
        label=_("Au"),
        widget=DateInput,
        error_messages={"required": _("Choisissez le dernier jour."), "invalid": NO_DATE},
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("first") and typed.get("last"):
            if typed["last"] < typed["first"]:
                self.add_error("last", _("Le dernier jour vient après le premier."))
            elif typed["last"] < clock.today():
                self.add_error("last", _("Ces jours sont déjà passés."))
        return typed
