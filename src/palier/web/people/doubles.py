"""The same person twice: said while typing, listed, compared side by side, joined, parted."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from palier.kernel import phones as numbers
from palier.people import operations, policies, resembling
from palier.people.jobs import find_doubles_here
from palier.people.models import Double, DoublesLearning, JoinedFile, Person
from palier.people.operations.joining import ABSORBED, CHOICES, KEPT, usual_choices
from palier.planning.duplicates import Reason, reasons_of
from palier.planning.duplicates.reasons import AGAINST
from palier.web.jinja import gettext as _
from palier.web.pages import (
    DeskRequest,
    at_the_desk,
    coordinates,
    permission,
    render,
    say,
    section,
    to,
    try_operation,
)

PAGE = 20
WORDS = {
    Reason.SAME_IDENTIFIER: gettext_lazy("même numéro personnel"),
    Reason.CLOSE_IDENTIFIER: gettext_lazy("numéro personnel à un chiffre près"),
    Reason.SAME_PHONE: gettext_lazy("même téléphone"),
    Reason.CLOSE_PHONE: gettext_lazy("téléphone à un chiffre près"),
    Reason.SHARED_PHONE: gettext_lazy("téléphone que d’autres partagent"),
    Reason.SAME_BIRTH: gettext_lazy("même date de naissance"),
    Reason.TURNED_BIRTH: gettext_lazy("jour et mois de naissance inversés"),
    Reason.CLOSE_BIRTH: gettext_lazy("date de naissance à un chiffre près"),
    Reason.SAME_BIRTH_YEAR: gettext_lazy("même année de naissance"),
    Reason.SAME_NAME: gettext_lazy("même nom"),
    Reason.NAME_SOUNDS: gettext_lazy("nom qui s’entend pareil"),
    Reason.BIRTH_NAME: gettext_lazy("nom de naissance de l’autre"),
    Reason.NAMES_TURNED: gettext_lazy("nom et prénom inversés"),
    Reason.NAME_PART: gettext_lazy("une partie du nom"),
    Reason.SAME_FIRST: gettext_lazy("même prénom"),
    Reason.FIRST_SOUNDS: gettext_lazy("prénom qui s’entend pareil"),
    Reason.FIRST_SHORT: gettext_lazy("prénom abrégé"),
    Reason.SAME_ADDRESS: gettext_lazy("même adresse"),
    Reason.SAME_STREET: gettext_lazy("même rue"),
    Reason.SAME_TOWN: gettext_lazy("même commune"),
    Reason.OTHER_IDENTIFIER: gettext_lazy("autre numéro personnel"),
    Reason.OTHER_NAME: gettext_lazy("autre nom"),
    Reason.OTHER_FIRST: gettext_lazy("autre prénom"),
    Reason.OTHER_BIRTH: gettext_lazy("autre date de naissance"),
    Reason.OTHER_PHONE: gettext_lazy("autre téléphone"),
    Reason.OTHER_ADDRESS: gettext_lazy("autre adresse"),
    Reason.OTHER_SEX: gettext_lazy("autre civilité"),
}
LABELS = {
    "title": gettext_lazy("Civilité"),
    "first_name": gettext_lazy("Prénom"),
    "last_name": gettext_lazy("Nom"),
    "birth_name": gettext_lazy("Nom de naissance"),
    "birth_on": gettext_lazy("Née ou né le"),
    "address": gettext_lazy("Adresse"),
    "state": gettext_lazy("Suivi"),
    "lives_alone": gettext_lazy("Vit seule ou seul"),
    "language": gettext_lazy("Langue"),
    "household": gettext_lazy("Foyer"),
    "talk_note": gettext_lazy("Pour lui parler"),
    "home_note": gettext_lazy("Chez elle ou chez lui"),
    "has_stairs": gettext_lazy("Il y a des étages à monter"),
    "has_pets": gettext_lazy("Il y a un animal"),
    "telecare": gettext_lazy("Téléassistance"),
}


def said(reasons: Iterable[Reason]) -> tuple[str, str]:
    """What speaks for one person, and what against, each in words."""
    reasons = list(reasons)
    for_it = ", ".join(str(WORDS[reason]) for reason in reasons if reason not in AGAINST)
    return for_it, ", ".join(str(WORDS[reason]) for reason in reasons if reason in AGAINST)


def likely_percent(probability: float) -> int:
    """Never 100: somebody is asked to decide."""
    return min(99, round(100 * probability))


# --- While typing


@section("people")
@permission(at_the_desk)
@require_POST
def people_like(request: DeskRequest) -> HttpResponse:
    """Files that may be of whoever is being typed: a fragment for the forms that open one. Writes nothing."""
    typed: dict[str, Any] = {
        name: request.POST.get(name, "").strip()[:120]
        for name in (
            "first_name",
            "last_name",
            "birth_name",
            "title",
            "birth_on",
            "street",
            "postcode",
            "city",
        )
    }
    known = []
    for raw in request.POST.get("phones", request.POST.get("phone", "")).splitlines()[:6]:
        try:
            known.append(numbers.parse(raw).e164)
        except numbers.BadPhone:
            continue
    found = resembling.near(typed, known, actor=request.actor)
    rows = [{"person": one.person, "why": said(one.match.reasons)[0]} for one in found]
    # From the form of a register: whoever is there already is enrolled under her own file.
    register = request.POST.get("register", "")
    return render(
        request,
        "people/like.html",
        {"rows": rows, "register": int(register) if register.isdecimal() else None},
    )


# --- The list


@section("people")
@permission(at_the_desk)
@require_safe
def doubles(request: DeskRequest) -> HttpResponse:
    """Pairs to look at, the likeliest first; or those that were joined, with the way back."""
    joined = request.GET.get("voir") == "reunies"
    address = reverse("doubles")
    context: dict[str, Any] = {
        "joined": joined,
        "seg": [
            {"url": address, "label": _("À regarder"), "current": not joined},
            {"url": f"{address}?voir=reunies", "label": _("Réunies"), "current": joined},
        ],
        "learning": DoublesLearning.objects.order_by("pk").first(),
        "rows": [],
        "may_reset": policies.may_reset_learning(request.actor),
    }
    if joined:
        seen = Person.objects.visible_to(request.actor).values("pk")
        rows: Any = JoinedFile.objects.filter(undone_at__isnull=True, kept__in=seen)
        rows = rows.select_related("kept", "absorbed").order_by("-at", "-pk")
    else:
        rows = Double.objects.visible_to(request.actor).to_decide().select_related("first", "second")
        rows = rows.order_by("-probability", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context["page"] = page
    if not joined:
        context["rows"] = [
            {"pair": pair, "for": why[0], "against": why[1], "percent": likely_percent(pair.probability)}
            for pair in page
            for why in [said(reasons_of(pair.levels))]
        ]
    return render(request, "people/doubles.html", context)


@require_POST
@section("people")
@permission(coordinates)
def doubles_find(request: DeskRequest) -> HttpResponse:
    """Compare all files now; the list fills itself in a moment."""
    find_doubles_here.defer(territory_id=request.actor.territory_id)
    say(request, _("Les fiches sont comparées : la liste se remplit dans un instant."), "info")
    return to(request, "doubles")


@require_POST
@section("people")
@permission(coordinates)
def doubles_forget(request: DeskRequest) -> HttpResponse:
    """Start again from the shipped weights."""
    operations.forget_decisions(actor=request.actor)
    say(request, _("Les décisions passées ne comptent plus dans les rapprochements."))
    return to(request, "doubles")


# --- Side by side


class JoinForm(forms.Form):
    """For each thing that differs, whose is kept."""

    def __init__(self, *args: Any, kept: Person, absorbed: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = usual_choices(kept, absorbed)
        for name in CHOICES:
            mine, hers = _shown(kept, name), _shown(absorbed, name)
            if mine == hers:
                continue
            self.fields[name] = forms.ChoiceField(
                label=LABELS[name],
                choices=[(KEPT, mine or _("rien de noté")), (ABSORBED, hers or _("rien de noté"))],
                initial=usual[name],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choisissez l’une des deux.")},
            )
        if kept.is_followed != absorbed.is_followed:
            self.fields["apart"] = forms.ChoiceField(
                label=_("Une des deux fiches est gardée à part"),
                choices=[
                    ("yes", _("La fiche réunie est gardée à part")),
                    ("no", _("Toute l’équipe voit la fiche réunie")),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": _("Dites qui verra la fiche réunie.")},
            )


def _shown(person: Person, name: str) -> str:
    match name:
        case "title":
            return str(person.get_title_display())
        case "birth_on":
            return person.birth_on.strftime("%d/%m/%Y") if person.birth_on else ""
        case "address":
            return ", ".join(
                filter(None, [person.street, person.access, f"{person.postcode} {person.city}".strip()])
            )
        case "state":
            return str(person.get_state_display())
        case "household":
            return _("un foyer noté") if person.household_id else ""
        case "telecare":
            return person.telecare_number
        case "language":
            return person.language
        case "lives_alone" | "has_stairs" | "has_pets":
            return _("oui") if getattr(person, name) else _("non")
    return str(getattr(person, name))


@section("people")
@permission(at_the_desk)
def double(request: DeskRequest, pk: int, other: int) -> HttpResponse:
    """Two files side by side: one person (what stays is chosen), two people, or later."""
    people = Person.objects.visible_to(request.actor).prefetch_related("phones")
    kept, absorbed = get_object_or_404(people, pk=pk), get_object_or_404(people.exclude(pk=pk), pk=other)
    form = JoinForm(request.POST or None, kept=kept, absorbed=absorbed)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        apart = values.pop("apart", None)
        join, done = try_operation(
            request,
            form,
            lambda: operations.join_files(
                pk,
                other,
                choices=values,
                apart=None if apart is None else apart == "yes",
                actor=request.actor,
            ),
        )
        if done:
            say(
                request,
                _(
                    "Les deux fiches n’en font plus qu’une. Vous pouvez les séparer depuis la liste des doublons."
                ),
            )
            return to(request, "person", pk=join.kept_id)
    for person in (kept, absorbed):
        request.accesses.append(("read", "people.person", person.pk, "compare"))
    low, high = sorted((pk, other))
    pair = Double.objects.visible_to(request.actor).filter(first=low, second=high).first()
    [match] = resembling.compared(kept, absorbed)
    context = {
        "form": form,
        "kept": kept,
        "absorbed": absorbed,
        "pair": pair,
        "why": said(match.reasons),
        "percent": likely_percent(match.probability),
        "alike": [(LABELS[name], _shown(kept, name)) for name in CHOICES if name not in form.fields],
        "counts": [_counts(kept), _counts(absorbed)],
    }
    return render(request, "people/double.html", context, status=422 if form.errors else 200)


def _counts(person: Person) -> dict[str, int]:
    return {"needs": person.needs.count(), "calls": person.calls.count(), "visits": person.visits.count()}


@require_POST
@section("people")
@permission(at_the_desk)
def double_decide(request: DeskRequest, pk: int) -> HttpResponse:
    """Two people, or later."""
    get_object_or_404(Double.objects.visible_to(request.actor), pk=pk)
    state = request.POST.get("state", "")
    _pair, done = try_operation(
        request, None, lambda: operations.decide(pk, state=state, actor=request.actor)
    )
    if done:
        say(
            request,
            _("Noté : deux personnes. Cette paire ne sera plus proposée.")
            if state == "different"
            else _("Remis à plus tard : proposée de nouveau dans un mois."),
        )
    return to(request, "doubles")


@require_POST
@section("people")
@permission(at_the_desk)
def join_undo(request: DeskRequest, pk: int) -> HttpResponse:
    """Part two files that had been joined, and say what stays where."""
    seen = Person.objects.visible_to(request.actor).values("pk")
    join = get_object_or_404(JoinedFile.objects.filter(kept__in=seen), pk=pk)
    parted, done = try_operation(request, None, lambda: operations.part_files(join.pk, actor=request.actor))
    if not done:
        return to(request, reverse("doubles") + "?voir=reunies")
    say(request, _("Les deux fiches sont de nouveau séparées."))
    if parted.since:
        from palier.journal.events import registry

        lines = [
            registry.events[entry.code].title({**entry.data, **entry.personal})
            for entry in parted.since[:5]
            if entry.code in registry.events
        ]
        say(
            request,
            _("Ce qui s’est passé depuis reste sur cette fiche : %(what)s.") % {"what": " ; ".join(lines)},
            "info",
        )
    return to(request, "person", pk=join.kept_id)
