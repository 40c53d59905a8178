"""People: the list, the search, the file of one (safety strip, journal, needs, network), and its forms."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from palier.duties.models import Kind
from palier.kernel import clock
from palier.needs.models import Need
from palier.people import finding, operations
from palier.people import policies as people_policies
from palier.people.models import Person
from palier.web.jinja import gettext as _
from palier.web.jinja import ngettext
from palier.web.pages import (
    DeskRequest,
    at_the_desk,
    page_or_part,
    permission,
    render,
    say,
    section,
    to,
    try_operation,
)
from palier.web.people import living, queries
from palier.web.people.forms import LANGUAGES, ConsentForm, ContactForm, PersonForm
from palier.web.people.found import Shown, carried_over, shown
from palier.web.people.living_forms import AskAgainForm, OpenedForForm
from palier.web.register.queries import registers_of

# What the search field shows at once; the list shows a page.
SHOWN_AT_MOST = 10


@section("people")
@permission(at_the_desk)
@require_safe
def people(request: DeskRequest) -> HttpResponse:
    """Everybody in alphabetical order, or those the search field found."""
    wanted = request.GET.get("q", "").strip()[:200]
    previous = following = None
    found: dict[int, Shown] = {}
    if wanted:
        found = {
            one.person.pk: one
            for one in shown(finding.find(wanted, actor=request.actor, limit=queries.PAGE), wanted)
        }
        listed = {row.id: row for row in queries.listed_by_id(request.actor, list(found))}
        rows = [listed[pk] for pk in found if pk in listed]
    else:
        before = _key(request, "avant")
        rows = queries.listed(request.actor, after=_key(request, "apres") or ("", 0), before=before)
        more = len(rows) > queries.PAGE
        rows = rows[-queries.PAGE :] if before else rows[: queries.PAGE]
        if rows and (more or before):
            following = _page("apres", rows[-1])
        if rows and (request.GET.get("apres") or (before and more)):
            previous = _page("avant", rows[0])
    context = {
        "q": wanted,
        "rows": rows,
        "found": found,
        "previous": previous,
        "following": following,
        "page_size": queries.PAGE,
    }
    return page_or_part(request, "people/people.html", "list", context)


@section("people")
@permission(at_the_desk)
def people_found(request: DeskRequest) -> HttpResponse:
    """What the search field shows while one types: a few people, and a new file for who is not among them."""
    wanted = request.GET.get("q", "").strip()[: finding.MOST_SIGNS]
    is_for_need = request.GET.get("pour") == "besoin"
    found = finding.find(wanted, actor=request.actor, limit=SHOWN_AT_MOST)
    rows = shown(found, wanted, for_need=is_for_need)
    count = len(rows)
    context = {
        "q": wanted,
        "rows": rows,
        "said": ngettext("%(num)s personne trouvée", "%(num)s personnes trouvées", count) % {"num": count},
        "all_url": "" if is_for_need else f"{reverse('people')}?{urlencode({'q': wanted})}",
        "new_url": f"{reverse('person_new')}?{urlencode({'q': wanted})}",
    }
    return render(request, "people/found.html", context)


def _key(request: DeskRequest, name: str) -> tuple[str, int] | None:
    text, _sep, number = request.GET.get(name, "").rpartition("~")
    return (text, int(number)) if number.isdigit() and len(number) < 19 else None


def _page(name: str, row: queries.Listed) -> str:
    return f"{reverse('people')}?{urlencode({name: f'{row.search_text}~{row.id}'})}"


@section("people")
@permission(at_the_desk)
@require_safe
def person(request: DeskRequest, pk: int) -> HttpResponse:
    """The file: how to talk to her, whom to call, what she agreed to; then what happened, newest first."""
    if not request.actor.is_desk:
        raise Http404
    strand = request.GET.get("fil", "")
    strand = strand if strand in queries.STRANDS else ""
    page = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdigit() else 1
    now, zone = clock.now(), request.desk.zone
    found = queries.page_of(pk, request.actor, now=now, zone=zone, strand=strand, page=page)
    if found is None:
        # A file that was joined to another leads to that one.
        joined = Person.objects.filter(pk=pk, merged_into__isnull=False).values_list("merged_into", flat=True)
        kept = Person.objects.visible_to(request.actor).filter(pk__in=joined).first()
        if kept is None:
            raise Http404
        return to(request, "person", pk=kept.pk)
    file, entries, more = found
    # Somebody who has something to do with her now need not say why (GDP-10).
    request.accesses.append(("read", "people.person", pk, ""))
    address = reverse("person", args=[pk])
    labels = {
        "": _("Tout"), "calls": _("Appels"), "visits": _("Visites"), "needs": _("Besoins"), "concerns": _("Signalements"),
    }  # fmt: skip
    context = {
        "file": file,
        "entries": entries,
        "more": f"{address}?{urlencode({'fil': strand, 'page': str(page + 1)})}#journal" if more else None,
        "newer": f"{address}?{urlencode({'fil': strand, 'page': str(page - 1)})}#journal"
        if page > 1
        else None,
        "seg": [
            {"url": f"{address}?fil={code}#journal", "label": label, "current": code == strand}
            for code, label in labels.items()
        ],
        # Who may not know sees no trace of it (REG-15).
        "registers": registers_of(pk, request.actor) if request.desk.is_named else [],
        "reasons": OpenedForForm.base_fields["why"].choices,  # type: ignore[attr-defined]
        "day_heads": living.day_heads(),
        "day_names": living.day_names(),
        "sees_log": people_policies.may_see_who_opened(request.actor),
        "in_a_week": AskAgainForm.in_a_week(clock.today(zone)),
        "languages": dict(LANGUAGES),
        "need_states": {value: str(label) for value, label in Need.State.choices},
        "duty_kinds": {value: str(label) for value, label in Kind.choices},
    }
    return page_or_part(request, "people/person.html", "journal", context)


@section("people")
@permission(at_the_desk)
def person_new(request: DeskRequest) -> HttpResponse:
    """Open a file; somebody who looks like an existing one is said at once."""
    form = PersonForm(request.POST or None, initial=carried_over(request.GET.get("q", "")))
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request, form, lambda: operations.create_person(**form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("La fiche de %(name)s est ouverte.") % {"name": made.full_name})
            return to(request, "person", pk=made.pk)
    return render(
        request, "people/edit.html", {"form": form, "person": None}, status=422 if form.errors else 200
    )


@section("people")
@permission(at_the_desk)
def person_edit(request: DeskRequest, pk: int) -> HttpResponse:
    """Change named fields; two desks changing different fields keep both."""
    person = _visible(request, pk)
    initial = PersonForm.initial_of(person)
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = {
            name: form.cleaned_data[name] for name in form.changed_data if name not in ("despite_namesake",)
        }
        _result, done = try_operation(
            request, form, lambda: operations.change_person(pk, actor=request.actor, **changed)
        )
        if done:
            say(request, _("Fiche modifiée."))
            return to(request, "person", pk=pk)
    else:
        request.accesses.append(("read", "people.person", pk, "edit"))
    return render(
        request, "people/edit.html", {"form": form, "person": person}, status=422 if form.errors else 200
    )


@section("people")
@permission(at_the_desk)
def contact_add(request: DeskRequest, pk: int) -> HttpResponse:
    """Somebody around her."""
    person = _visible(request, pk)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _result, done = try_operation(
            request, form, lambda: operations.add_contact(pk, **form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Ajouté à son entourage."))
            return to(request, "person", pk=pk)
    return render(
        request, "people/contact.html", {"form": form, "person": person}, status=422 if form.errors else 200
    )


@require_POST
@section("people")
@permission(at_the_desk)
def consent_note(request: DeskRequest, pk: int) -> HttpResponse:
    """One line in the ledger of what she agreed to."""
    _visible(request, pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        _result, done = try_operation(
            request,
            None,
            lambda: operations.note_consent(
                pk,
                purpose=form.cleaned_data["purpose"],
                is_given=form.cleaned_data["is_given"],
                channel=form.cleaned_data["channel"] or "phone",
                actor=request.actor,
            ),
        )
        if done:
            say(request, _("C’est noté dans ses accords."))
    else:
        say(request, _("Choisissez un accord et une réponse."), "warning")
    if request.POST.get("next") == "ledger":
        return to(request, "ledger", pk=pk)
    return to(request, reverse("person", args=[pk]) + "#accords")


def _visible(request: DeskRequest, pk: int) -> Person:
    return get_object_or_404(Person.objects.visible_to(request.actor), pk=pk)
