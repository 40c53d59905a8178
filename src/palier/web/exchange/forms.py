"""Forms of what comes in and goes out: the shape of what is sent; the operations check the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from palier.accounts.actor import Actor
from palier.exchange import wording, writing
from palier.exchange.operations import exporting
from palier.exchange.reading.files import MOST_BYTES
from palier.exchange.reading.guessing import FIELDS, FORBIDDEN, REGISTER_ONLY
from palier.people.models import Person
from palier.register.models import Register

_GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Qui"), ("full_name", "last_name", "first_name", "title", "birth_name", "birth_on")),
    (_("Joindre"), ("phones", "talk_note", "telecare_number")),
    (
        _("Où"),
        (
            "street", "full_address", "street_number", "street_name", "access", "postcode", "city", "postcode_city",
            "insee", "lives_alone", "has_stairs", "has_pets", "home_note",
        ),
    ),
    (
        _("Autour"),
        (
            "contact_name", "contact_phone", "contact_relation", "contact2_name", "contact2_phone", "contact2_relation",
            "doctor_name", "doctor_phone", "home_help_name", "home_help_phone",
        ),
    ),
)  # fmt: skip


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Le fichier de votre liste"),
        help_text=_("Tableur Excel ou LibreOffice (.xlsx, .xls, .ods) ou texte (.csv), 20 Mo au plus."),
        error_messages={
            "required": _("Choisissez un fichier."),
            "empty": _("Ce fichier est vide. Choisissez celui qui contient votre liste."),
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.xlsb,.ods,.csv,.txt,.tsv"}),
        max_length=None,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _(
                    "Ce fichier dépasse 20 Mo. Enlevez les images et les feuilles inutiles, ou coupez-le en deux."
                )
            )
        return file


class SheetForm(forms.Form):
    sheet = forms.TypedChoiceField(label=_("Feuille"), coerce=int)
    head_row = forms.IntegerField(
        label=_("Ligne des titres de colonnes"),
        min_value=0,
        max_value=100_000,
        help_text=_("Le numéro de la ligne dans le fichier ; 0 s’il n’y a pas de titres."),
    )

    def __init__(self, *args: Any, sheets: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]
            (
                one["number"],
                (_("%(name)s, %(rows)s lignes, masquée") if one["hidden"] else _("%(name)s, %(rows)s lignes"))
                % {"name": one["name"], "rows": one["rows"]},
            )
            for one in sheets
        ] or [(0, _("La seule"))]


class ColumnsForm(forms.Form):
    """One choice a column, called column_0, column_1…; then what holds for the whole file."""

    columns = forms.CharField(label=_("Colonnes"), required=False, widget=forms.HiddenInput)
    lenient = forms.BooleanField(
        label=_("Importer aussi les lignes dont une case est illisible, en laissant cette case vide"),
        required=False,
    )
    first_of_january = forms.BooleanField(
        label=_("Quand seule l’année de naissance est connue, écrire le 1er janvier"), required=False
    )
    city = forms.CharField(label=_("Commune des lignes qui n’en disent pas"), max_length=80, required=False)
    postcode = forms.CharField(label=_("Code postal de cette commune"), max_length=5, required=False)
    register = forms.TypedChoiceField(
        label=_("Inscrire aussi à un registre"), required=False, coerce=int, empty_value=None
    )
    requested_on = forms.DateField(
        label=_("Date de la demande, quand la ligne n’en dit pas"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Écrivez la date comme 14/03/2024.")},
        help_text=_("Vide : aujourd’hui."),
    )
    acknowledged = forms.BooleanField(
        label=_("Les accusés de réception sont déjà partis (registre repris)"), required=False
    )
    register_only = forms.BooleanField(
        label=_("Au registre seulement : les fiches ne sont vues que des personnes désignées"), required=False
    )

    def __init__(self, *args: Any, told: list[dict[str, Any]], actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped = {key for _label, keys in _GROUPS for key in keys}
        left = [one.key for one in FIELDS if one.key not in grouped | REGISTER_ONLY | {FORBIDDEN}]
        choices: list[Any] = [("", wording.field_label("")), (FORBIDDEN, wording.field_label(FORBIDDEN))]
        choices += [(label, [(key, wording.field_label(key)) for key in keys]) for label, keys in _GROUPS]
        choices += [
            (_("Registre"), [(key, wording.field_label(key)) for key in sorted(REGISTER_ONLY)]),
            *((key, wording.field_label(key)) for key in left),
        ]
        registers = Register.objects.enterable_by(actor).filter(ended_at__isnull=True).order_by("name", "pk")
        named = [(pk, name) for pk, name in registers.values_list("pk", "name")]
        self.fields["register"].choices = [("", _("Aucun : la liste des personnes suivies")), *named]  # type: ignore[attr-defined]
        self.has_registers = bool(named)
        self.places = [f"column_{place}" for place in range(len(told))]
        for name, column in zip(self.places, told, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=column["name"],
                choices=choices,
                required=False,
                initial=column["field"],
                help_text=_samples(column),
            )

    @property
    def chosen(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.places]

    @property
    def columns_shown(self) -> list[Any]:
        return [self[name] for name in self.places]


def _samples(column: dict[str, Any]) -> Any:
    if column["empty"]:
        return _("Colonne vide")
    samples = " · ".join(column["samples"])
    if column["hidden"]:
        return _("Colonne masquée dans le fichier : %(samples)s") % {"samples": samples}
    return samples


class ExportForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi sortez-vous cette liste ?"),
        max_length=160,
        help_text=_("Par exemple : invitation au repas des aînés. Votre nom et ce motif sont notés."),
        error_messages={
            "required": _("Dites pourquoi, en quelques mots : votre nom et ce motif sont notés.")
        },
    )
    columns = forms.MultipleChoiceField(
        label=_("Colonnes"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choisissez au moins une colonne.")},
    )
    state = forms.ChoiceField(
        label=_("Situation"), required=False, choices=[("", _("Toutes")), *Person.State.choices]
    )
    q = forms.CharField(
        label=_("Recherche"),
        max_length=200,
        required=False,
        help_text=_("Comme dans la liste ; vide pour tout le monde."),
    )
    format = forms.ChoiceField(
        label=_("Sous quelle forme"),
        widget=forms.RadioSelect,
        choices=[
            ("xlsx", _("Excel (.xlsx)")),
            ("ods", _("LibreOffice (.ods)")),
            ("csv", _("Texte (.csv)")),
            ("json", _("Pour un autre logiciel (.json)")),
        ],
        initial="xlsx",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert set(dict(self.fields["format"].choices)) == set(writing.FORMATS)  # type: ignore[attr-defined]
        self.fields["columns"].choices = [(key, name) for key, (name, _cell) in exporting.columns().items()]  # type: ignore[attr-defined]
        self.fields["columns"].initial = list(exporting.USUAL)
