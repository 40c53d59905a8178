"""How she lives, changed from her file: the week, absences, the household, protection, what opens the door, notes, the ledger."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from palier.journal.operations import note_access
from palier.people import finding, operations, policies
from palier.people import queries as people_queries
from palier.people.living import Away, HomeSecret, Note, Objection, Presence
from palier.people.models import Consent, Person, of_seen_people
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation
from palier.web.people import living
from palier.web.people.around import WhyForm
from palier.web.people.living_forms import (
    AskAgainForm,
    AwayForm,
    NoteForm,
    ObjectionForm,
    OpenedForForm,
    PresenceForm,
    ProtectionForm,
    SecretForm,
)


def _person(request: DeskRequest, pk: int) -> Person:
    return get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)


def _file(request: DeskRequest, pk: int, place: str = "") -> HttpResponse:
    return to(request, reverse("person", args=[pk]) + (f"#{place}" if place else ""))


def _done(request: DeskRequest, form: forms.Form, operation: Callable[[], Any], sentence: str) -> bool:
    """A valid form's operation was made, and said."""
    if not form.is_valid():
        return False
    _result, done = try_operation(request, form, operation)
    if done:
        say(request, sentence)
    return done


# --- the week -----------------------------------------------------------------------------------------------------


@section("people")
@permission(at_the_desk)
def week(request: DeskRequest, pk: int) -> HttpResponse:
    """Who calls or comes in a week: the lines, and one to add."""
    person = _person(request, pk)
    form = PresenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(
        request,
        form,
        lambda: operations.note_presence(pk, **form.told(), actor=request.actor),
        _("Sa semaine est à jour."),
    ):
        return to(request, "week", pk=pk)
    names = living.day_names()
    rows = [
        {
            "presence": row,
            "days": living.listed([names[number] for number in row.days]),
            "when": living._hour(row.at.isoformat() if row.at else None, row.part)
            if row.at or row.part
            else "",
        }
        for row in person.presences.all()
    ]
    context = {"person": person, "rows": rows, "form": form}
    return render(request, "people/week.html", context, status=422 if form.errors else 200)


@section("people")
@permission(at_the_desk)
def presence_edit(request: DeskRequest, pk: int) -> HttpResponse:
    """One line of the week."""
    presence = _of_hers(request, Presence, pk)
    form = PresenceForm(
        request.POST if request.method == "POST" else None, initial=PresenceForm.initial_of(presence)
    )
    if request.method == "POST" and _done(
        request,
        form,
        lambda: operations.change_presence(pk, **form.told(), actor=request.actor),
        _("Sa semaine est à jour."),
    ):
        return to(request, "week", pk=presence.person_id)
    context = {"person": presence.person, "presence": presence, "form": form}
    return render(request, "people/presence.html", context, status=422 if form.errors else 200)


@require_POST
@section("people")
@permission(at_the_desk)
def presence_remove(request: DeskRequest, pk: int) -> HttpResponse:
    """They no longer come."""
    presence = _of_hers(request, Presence, pk)
    operations.remove_presence(pk, actor=request.actor)
    say(request, _("%(who)s n’est plus dans sa semaine.") % {"who": presence.who})
    return to(request, "week", pk=presence.person_id)


# --- away ---------------------------------------------------------------------------------------------------------


@section("people")
@permission(at_the_desk)
def away_new(request: DeskRequest, pk: int) -> HttpResponse:
    """She is not at home: from when, until when, and when somebody asks again."""
    person = _person(request, pk)
    form = AwayForm(request.POST if request.method == "POST" else None, zone=request.desk.zone)
    if request.method == "POST" and _done(
        request,
        form,
        lambda: operations.say_away(pk, **form.cleaned_data, actor=request.actor),
        _("Absence notée. Ses appels prévus attendent son retour."),
    ):
        return _file(request, pk)
    return render(
        request, "people/away.html", {"person": person, "form": form}, status=422 if form.errors else 200
    )


@require_POST
@section("people")
@permission(at_the_desk)
def away_back(request: DeskRequest, pk: int) -> HttpResponse:
    """She is home again."""
    away = _of_hers(request, Away, pk)
    operations.say_back(pk, actor=request.actor)
    say(request, _("Retour noté."))
    return _file(request, away.person_id)


@require_POST
@section("people")
@permission(at_the_desk)
def away_ask(request: DeskRequest, pk: int) -> HttpResponse:
    """Nobody knows yet: ask again on another day."""
    away = _of_hers(request, Away, pk)
    form = AskAgainForm(request.POST)
    if not _done(
        request,
        form,
        lambda: operations.ask_again(pk, ask_on=form.cleaned_data["ask_on"], actor=request.actor),
        _("C’est noté : la question reviendra."),
    ):
        say(request, next(iter(form.errors.values()))[0], "warning")
    return _file(request, away.person_id)


# --- with whom ----------------------------------------------------------------------------------------------------


@section("people")
@permission(at_the_desk)
def household(request: DeskRequest, pk: int) -> HttpResponse:
    """With whom she lives: those who have a file, found by name."""
    person = _person(request, pk)
    if request.method == "POST":
        other = _number(request.POST.get("other", ""))
        _person(request, other)
        _result, done = try_operation(
            request, None, lambda: operations.share_home(pk, other, actor=request.actor)
        )
        if done:
            say(request, _("Ces deux fiches sont du même foyer."))
            return _file(request, pk)
    words = request.GET.get("q", "")[:200]
    found = finding.search(words, actor=request.actor) if words.strip() else []
    together = Person.objects.visible_to(request.actor).filter(household_id=person.household_id or 0)
    context = {
        "person": person,
        "q": words,
        "found": [one for one in found if one.pk != pk],
        "together": list(together.exclude(pk=pk).order_by("search_text", "pk")),
    }
    return render(request, "people/household.html", context)


@require_POST
@section("people")
@permission(at_the_desk)
def household_leave(request: DeskRequest, pk: int) -> HttpResponse:
    """She lives with them no longer."""
    _person(request, pk)
    operations.leave_home(pk, actor=request.actor)
    say(request, _("Foyer modifié."))
    return _file(request, pk)


# --- who decides for her ------------------------------------------------------------------------------------------


@section("people")
@permission(at_the_desk)
def protection(request: DeskRequest, pk: int) -> HttpResponse:
    """The measure, who represents her, what must go through them."""
    person = _person(request, pk)
    held = person.protections.filter(ended_at__isnull=True).first()
    contacts = [(one.pk, one.name) for one in person.contacts.current()]
    form = ProtectionForm(
        request.POST if request.method == "POST" else None,
        contacts=contacts,
        initial=ProtectionForm.initial_of(held) if held else {},
    )
    if request.method == "POST" and _done(
        request,
        form,
        lambda: operations.note_protection(pk, **form.told(), actor=request.actor),
        _("Protection juridique notée."),
    ):
        return _file(request, pk)
    context = {"person": person, "form": form, "held": held}
    return render(request, "people/protection.html", context, status=422 if form.errors else 200)


@require_POST
@section("people")
@permission(at_the_desk)
def protection_end(request: DeskRequest, pk: int) -> HttpResponse:
    """The measure no longer holds."""
    _person(request, pk)
    operations.end_protection(pk, actor=request.actor)
    say(request, _("La mesure est notée comme terminée."))
    return _file(request, pk)


# --- what opens the door -------------------------------------------------------------------------------------------


@section("people")
@permission(at_the_desk)
def secrets(request: DeskRequest, pk: int) -> HttpResponse:
    """Which of them are noted, never what they are; one to add or replace."""
    person = _person(request, pk)
    form = SecretForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(
        request,
        form,
        lambda: operations.keep_secret(pk, **form.cleaned_data, actor=request.actor),
        _("Noté, et gardé fermé."),
    ):
        return to(request, "secrets", pk=pk)
    return _secrets_page(request, person, form=form)


def _secrets_page(
    request: DeskRequest,
    person: Person,
    *,
    form: SecretForm | None = None,
    why: WhyForm | None = None,
    shown: tuple[HomeSecret, str] | None = None,
    asked: int | None = None,
) -> HttpResponse:
    context = {
        "person": person,
        "secrets": [
            {"secret": one, "why": why if why and one.pk == asked else WhyForm(auto_id=f"s{one.pk}_%s")}
            for one in person.secrets.all()
        ],
        "form": form or SecretForm(),
        "shown": shown,
        "asked": asked or _number(request.GET.get("voir", "")),
    }
    wrong = (form and form.errors) or (why and why.errors)
    return render(request, "people/secrets.html", context, status=422 if wrong else 200)


@require_POST
@section("people")
@permission(at_the_desk)
def secret_reveal(request: DeskRequest, pk: int) -> HttpResponse:
    """Show one, for a reason: « votre nom sera noté »."""
    secret = _of_hers(request, HomeSecret, pk)
    form = WhyForm(request.POST, auto_id=f"s{pk}_%s")
    shown = None
    if form.is_valid():
        shown, _shown = try_operation(
            request,
            form,
            lambda: operations.reveal_secret(pk, why=form.cleaned_data["why"], actor=request.actor),
        )
    return _secrets_page(request, secret.person, why=form, shown=shown, asked=pk)


@require_POST
@section("people")
@permission(at_the_desk)
def secret_forget(request: DeskRequest, pk: int) -> HttpResponse:
    """The code changed, the key was given back."""
    secret = _of_hers(request, HomeSecret, pk)
    operations.forget_secret(pk, actor=request.actor)
    say(request, _("Effacé."))
    return to(request, "secrets", pk=secret.person_id)


# --- notes --------------------------------------------------------------------------------------------------------


@section("people")
@permission(at_the_desk)
def notes(request: DeskRequest, pk: int) -> HttpResponse:
    """All the notes that the reader may see, and one to write."""
    person = _person(request, pk)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(
        request,
        form,
        lambda: operations.write_note(pk, **form.cleaned_data, actor=request.actor),
        _("Note écrite."),
    ):
        return _file(request, pk, "notes")
    rows = Note.objects.visible_to(request.actor).filter(person=person, withdrawn_at__isnull=True)
    context = {
        "person": person,
        "form": form,
        "watched": "words_reason" in form.data or any("mots" in str(e) for e in form.errors.values()),
        "notes": [
            {"note": one, "may_withdraw": policies.may_withdraw_note(request.actor, one.author_id)}
            for one in rows[:100]
        ],
    }
    if request.method == "GET":
        request.accesses.append(("read", "people.person", pk, _("Notes")))
    return render(request, "people/notes.html", context, status=422 if form.errors else 200)


@require_POST
@section("people")
@permission(at_the_desk)
def note_withdraw(request: DeskRequest, pk: int) -> HttpResponse:
    """Its author, or the coordination, takes it from the file."""
    note = get_object_or_404(Note.objects.visible_to(request.actor), pk=pk)
    operations.withdraw_note(pk, actor=request.actor)
    say(request, _("Note retirée."))
    return to(request, "notes", pk=note.person_id)


# --- what she agreed to, and what she no longer wants ----------------------------------------------------------------


@section("people")
@permission(at_the_desk)
@require_safe
def ledger(request: DeskRequest, pk: int) -> HttpResponse:
    """Every line she said, the latest first, and the words that hold today."""
    person = _person(request, pk)
    said = people_queries.consents_of([pk])[pk]
    objected = people_queries.objections_of(pk)
    request.accesses.append(("read", "people.person", pk, _("Accords")))
    context = {
        "person": person,
        "purposes": [
            {"code": code, "label": str(label), "given": said.get(code)}
            for code, label in Consent.Purpose.choices
        ],
        "objections": [
            {"code": code, "label": str(label), "holds": code in objected}
            for code, label in Objection.To.choices
        ],
        "lines": list(person.consents.all()[:200]),
        "objection_lines": list(person.objections.all()[:200]),
        "channels": {
            "phone": _("au téléphone"),
            "desk": _("à l’accueil"),
            "letter": _("par écrit"),
        },
    }
    return render(request, "people/ledger.html", context)


@require_POST
@section("people")
@permission(at_the_desk)
def objection_note(request: DeskRequest, pk: int) -> HttpResponse:
    """She no longer wants something, or takes that back."""
    _person(request, pk)
    form = ObjectionForm(request.POST)
    if form.is_valid():
        _result, done = try_operation(
            request,
            None,
            lambda: operations.note_objection(
                pk,
                to=form.cleaned_data["to"],
                holds=form.cleaned_data["holds"],
                channel=form.cleaned_data["channel"] or "phone",
                actor=request.actor,
            ),
        )
        if done:
            say(request, _("C’est noté."))
    else:
        say(request, _("Choisissez à quoi elle s’oppose."), "warning")
    return to(request, "ledger", pk=pk)


# --- why it was opened -----------------------------------------------------------------------------------------------


@require_POST
@section("people")
@permission(at_the_desk)
def opened_for(request: DeskRequest, pk: int) -> HttpResponse:
    """One click: why this file is open, for the log that its head of service reads."""
    person = _person(request, pk)
    form = OpenedForForm(request.POST)
    if form.is_valid():
        reason = str(dict(form.fields["why"].choices)[form.cleaned_data["why"]])  # type: ignore[attr-defined]
        note_access(actor=request.actor, operation="read", about=person, reason=reason)
    return _file(request, pk)


def _of_hers(request: DeskRequest, model: Any, pk: int) -> Any:
    """A row of somebody whose file the actor sees."""
    seen = model.objects.filter(of_seen_people(request.actor)).select_related("person")
    return get_object_or_404(seen, pk=pk)


def _number(value: str) -> int:
    return int(value) if value.isdigit() and len(value) < 19 else 0
