"""What is typed about a need: when, what, what a neighbour may read; how it ended."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.kernel import clock
from palier.kernel.ranges import Range, day_of, local, moment, week_of
from palier.needs.models import Need
from palier.territories.models import HelpKind

PARTS = {"morning": (time(9), time(12)), "afternoon": (time(14), time(18)), "day": (time(9), time(18))}
LANGUAGES = [
    ("", _("Français, ou peu importe")),
    ("ar", _("Arabe")),
    ("en", _("Anglais")),
    ("es", _("Espagnol")),
    ("it", _("Italien")),
    ("pl", _("Polonais")),
    ("pt", _("Portugais")),
    ("tr", _("Turc")),
]
CONSTRAINTS = [
    ("stairs", _("Escaliers à monter")),
    ("heavy", _("Charge lourde à porter")),
    ("pets", _("Animaux à la maison")),
]


class DateInput(forms.DateInput):
    """The browser's own calendar; what is sent is always year-month-day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WhenForm(forms.Form):
    """A window said as people say it: a day and a part of it, two hours, or this week."""

    part = forms.ChoiceField(
        label=_("Quand ?"),
        choices=[
            ("morning", _("Le matin")),
            ("afternoon", _("L’après-midi")),
            ("day", _("Dans la journée")),
            ("hours", _("À une heure précise")),
            ("week", _("Cette semaine-là")),
        ],
        widget=forms.RadioSelect,
        initial="morning",
        error_messages={"required": _("Choisissez un moment, par exemple « Le matin ».")},
    )
    on = forms.DateField(
        label=_("Quel jour ?"),
        help_text=_("Pour « cette semaine-là », n’importe quel jour de la semaine."),
        widget=DateInput,
        error_messages={
            "required": _("Choisissez un jour, par exemple demain."),
            "invalid": _("Cette date n’existe pas. Choisissez un jour dans le calendrier."),
        },
    )
    from_at = forms.TimeField(
        label=_("De"),
        required=False,
        widget=TimeInput,
        error_messages={"invalid": _("Écrivez l’heure ainsi : 10:30.")},
    )
    until_at = forms.TimeField(
        label=_("À"),
        required=False,
        widget=TimeInput,
        error_messages={"invalid": _("Écrivez l’heure ainsi : 11:30.")},
    )

    def __init__(self, *args: Any, zone: Any = clock.PARIS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["on"].widget.attrs["min"] = clock.today(zone).isoformat()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if "on" not in typed or "part" not in typed or {"from_at", "until_at"} & self.errors.keys():
            return typed
        part, on = typed["part"], typed["on"]
        if part == "hours" and typed.get("from_at") is None:
            self.add_error("from_at", _("Écrivez l’heure du début, par exemple 10:30."))
            return typed
        window = self._window(part, on, typed.get("from_at"), typed.get("until_at"))
        if window is None:
            self.add_error("until_at", _("La fin vient après le début. Vérifiez les deux heures."))
            return typed
        if window.end <= clock.now():
            self.add_error("on", _("Ce moment est déjà passé. Choisissez un jour et une heure à venir."))
        typed["starts_at"], typed["ends_at"], typed["is_flexible"] = window.start, window.end, part == "week"
        return typed

    def _window(self, part: str, on: date, start: time | None, end: time | None) -> Range | None:
        if part == "week":
            # From today when the week has begun: nobody comes last Monday.
            week = week_of(on, self.zone)
            today = day_of(clock.today(self.zone), self.zone)
            return Range(max(week.start, today.start) if today.start < week.end else week.start, week.end)
        if part != "hours":
            return local(on, *PARTS[part], self.zone)
        assert start is not None
        begin = moment(on, start, self.zone)
        if end is None:
            return Range(begin, begin + timedelta(hours=1))
        last = moment(on, end, self.zone, late=True)
        return Range(begin, last) if last > begin else None

    def window(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("starts_at", "ends_at", "is_flexible")}


def when_said(
    starts_at: datetime, ends_at: datetime, is_flexible: bool, zone: Any = clock.PARIS
) -> dict[str, Any]:
    """A stored window as the form would have said it."""
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if is_flexible:
        return {"part": "week", "on": first.date()}
    for part, (start, end) in PARTS.items():
        if first.date() == last.date() and (first.time(), last.time()) == (start, end):
            return {"part": part, "on": first.date()}
    return {"part": "hours", "on": first.date(), "from_at": first.time(), "until_at": last.time()}


class NeedForm(WhenForm):
    """A new need, or what changes in one."""

    kind = forms.ChoiceField(
        label=_("Quoi ?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez ce dont il s’agit."),
            "invalid_choice": _("Choisissez dans la liste."),
        },
    )
    what = forms.CharField(
        label=_("En une phrase"),
        required=False,
        max_length=120,
        help_text=_("Lu par les voisins avant leur réponse. Jamais de nom, jamais de santé."),
        error_messages={"max_length": _("Dites-le en 120 signes au plus.")},
    )
    details = forms.CharField(
        label=_("Pour qui y va"),
        required=False,
        max_length=1000,
        help_text=_("Lu après le oui : la liste, comment elle rembourse. Jamais de santé."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Dites-le en 1 000 signes au plus.")},
    )
    words_reason = forms.CharField(
        label=_("Pourquoi garder ces mots ?"),
        required=False,
        max_length=200,
        help_text=_("Ou enlevez-les du texte. Votre raison et votre nom sont gardés."),
        error_messages={"max_length": _("Dites-le en 200 signes au plus.")},
    )
    minutes = forms.IntegerField(
        label=_("Combien de temps ?"),
        required=False,
        min_value=5,
        max_value=480,
        help_text=_("En minutes."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 5, "max": 480, "step": 5}),
        error_messages={
            "invalid": _("Écrivez un nombre de minutes, par exemple 45."),
            "min_value": _("Comptez au moins 5 minutes."),
            "max_value": _("Comptez au plus 480 minutes, soit 8 heures."),
        },
    )
    constraints = forms.MultipleChoiceField(
        label=_("Ce que le voisin doit savoir"),
        required=False,
        choices=CONSTRAINTS,
        widget=forms.CheckboxSelectMultiple,
    )
    gender_wanted = forms.ChoiceField(
        label=_("Plutôt"),
        required=False,
        choices=[("", _("Peu importe")), ("woman", _("Une femme")), ("man", _("Un homme"))],
    )
    language = forms.ChoiceField(label=_("Langue parlée"), required=False, choices=LANGUAGES)
    wish = forms.CharField(
        label=_("Ce qui compte pour elle"),
        required=False,
        max_length=160,
        help_text=_("Par exemple : quelqu’un qu’elle connaît déjà."),
        error_messages={"max_length": _("Dites-le en 160 signes au plus.")},
    )
    consent = forms.ChoiceField(
        label=_("Donner son prénom et sa rue à un voisin"),
        required=False,
        choices=[("yes", _("D’accord")), ("no", _("Pas d’accord")), ("later", _("Pas demandé"))],
        widget=forms.RadioSelect,
    )
    field_order = [
        "kind",
        "part",
        "on",
        "from_at",
        "until_at",
        "minutes",
        "what",
        "details",
        "words_reason",
        "wish",
    ]

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[HelpKind],
        is_woman: bool = True,
        asks_consent: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.name) for kind in kinds]  # type: ignore[attr-defined]
        self.asks_words = False
        if not is_woman:
            self.fields["wish"].label = _("Ce qui compte pour lui")
            self.fields["wish"].help_text = _("Par exemple : quelqu’un qu’il connaît déjà.")
            self.fields["details"].help_text = _(
                "Lu après le oui : la liste, comment il rembourse. Jamais de santé."
            )
        if not asks_consent:
            del self.fields["consent"]

    def told(self, *, settled: bool = False) -> dict[str, Any]:
        """What `open_need` and `change_need` take; without the window when it is settled."""
        typed = self.cleaned_data
        values = {
            key: typed.get(key) or ""
            for key in ("kind", "what", "details", "words_reason", "gender_wanted", "language", "wish")
        }
        window = {} if settled else self.window()
        return (
            values
            | window
            | {"minutes": typed.get("minutes") or None, "constraints": tuple(typed["constraints"])}
        )

    def consent_said(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data.get("consent") or "")


def need_as_typed(need: Need) -> dict[str, Any]:
    """A need as the form would have typed it."""
    return {
        "kind": need.kind.code,
        "what": need.what,
        "details": need.details,
        "words_reason": need.words_reason,
        "minutes": need.minutes,
        "constraints": need.conditions,
        "gender_wanted": need.gender_wanted,
        "language": need.language,
        "wish": need.wish,
        **when_said(need.starts_at, need.ends_at, need.is_flexible, need.territory.zone),
    }


class CloseForm(forms.Form):
    """How a need ended."""

    outcome = forms.ChoiceField(
        label=_("Comment cela s’est terminé ?"),
        choices=Need.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites comment cela s’est terminé.")},
    )
    note = forms.CharField(
        label=_("Une précision"),
        required=False,
        max_length=300,
        error_messages={"max_length": _("Dites-le en 300 signes au plus.")},
    )


class ReasonForm(forms.Form):
    """Why a visit will not be, or was not."""

    reason = forms.CharField(
        label=_("Que s’est-il passé ?"),
        max_length=200,
        error_messages={
            "required": _("Dites en quelques mots ce qui s’est passé."),
            "max_length": _("Dites-le en 200 signes au plus."),
        },
    )


class CameForm(forms.Form):
    """When the neighbour was there, as somebody said on the telephone."""

    came_at = forms.TimeField(
        label=_("Vers quelle heure ?"),
        required=False,
        widget=TimeInput,
        help_text=_("Si on vous l’a dit."),
        error_messages={"invalid": _("Écrivez l’heure ainsi : 10:30.")},
    )


class FeedbackForm(forms.Form):
    """What she said when asked how it went."""

    feedback = forms.ChoiceField(
        label=_("Comment cela s’est passé ?"),
        choices=[
            ("well", _("Bien")),
            ("so_so", _("Moyennement")),
            ("badly", _("Mal")),
            ("did_not_come", _("Personne n’est venu")),
            ("no_answer", _("Pas de réponse au téléphone")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse, ou « Pas de réponse au téléphone ».")},
    )


class ReferForm(forms.Form):
    """To whom a need is given over."""

    service = forms.TypedChoiceField(
        label=_("À qui ?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez l’association ou le service."),
            "invalid_choice": _("Choisissez dans la liste."),
        },
    )
    note = forms.CharField(
        label=_("Ce qu’il faut leur dire"),
        required=False,
        max_length=1000,
        help_text=_("Seulement ce qui leur est utile pour rendre ce service."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Dites-le en 1 000 signes au plus.")},
    )

    def __init__(self, *args: Any, services: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = list(services)  # type: ignore[attr-defined]
