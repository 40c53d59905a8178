"""The registers themselves: which there are, who is named, the notice, the settings, the blank papers, the promise."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.accounts.models import Membership
from palier.documents import papers
from palier.kernel import clock
from palier.people.policies import DESK_ROLES
from palier.register import letters, operations, policies
from palier.register.models import BLOCKS, Alert, Designation, Enrolment, Notice, Register
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, permission, render, say, section, to, try_operation
from palier.web.register.answers import file
from palier.web.register.forms import DesignationForm, InformForm, NewRegisterForm, NoticeForm, SettingsForm
from palier.web.register.gate import entered, named_only, undertaking_page


@section("registers")
@permission(policies.may_see_the_list)
def registers(request: DeskRequest) -> HttpResponse:
    """Which registers there are; of those one is named in, how many people."""
    actor = request.actor
    mine = (
        set(Register.objects.enterable_by(actor).values_list("pk", flat=True))
        if policies.has_promised(actor)
        else set()
    )
    found = list(Register.objects.visible_to(actor).order_by("opened_at", "pk"))
    counts: dict[int, int] = {}
    for number in Enrolment.objects.present().filter(register__in=mine).values_list("register_id", flat=True):
        counts[number] = counts.get(number, 0) + 1
    context = {
        "registers": found,
        "mine": mine,
        "counts": counts,
        "is_named": policies.is_designated(actor),
        "has_promised": policies.has_promised(actor),
        "administers": policies.may_administer(actor),
        "alerts": list(Alert.objects.open().filter(territory_id=actor.territory_id)),
    }
    return render(request, "registers/registers.html", context)


@section("registers")
@permission(policies.may_open_any)
def undertaking(request: DeskRequest) -> HttpResponse:
    """The promise of secrecy, at first and each year."""
    if request.method == "POST":
        version = request.POST.get("version", "")
        _made, done = try_operation(
            request,
            None,
            lambda: operations.promise_secrecy(
                version=int(version) if version.isdigit() and len(version) < 9 else 0, actor=request.actor
            ),
        )
        if done:
            say(request, _("Merci. Votre engagement est noté pour un an."))
            target = request.POST.get("next", "")
            return to(request, target if target.startswith("/registres/") else reverse("registers"))
    return undertaking_page(request)


@section("registers")
@permission(policies.may_administer)
def register_new(request: DeskRequest) -> HttpResponse:
    """Another register, with its own purpose."""
    form = NewRegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, done = try_operation(
            request, form, lambda: operations.open_register(**form.cleaned_data, actor=request.actor)
        )
        if done:
            say(request, _("Registre ouvert. Écrivez sa notice, puis nommez les personnes."))
            return to(request, "register_notice", pk=made.pk)
    return render(request, "registers/new.html", {"form": form}, status=422 if form.errors else 200)


def _administered(request: DeskRequest, pk: int) -> Register:
    return get_object_or_404(Register.objects.visible_to(request.actor), pk=pk)


@section("registers")
@permission(policies.may_administer)
def designations(request: DeskRequest, pk: int) -> HttpResponse:
    """Who is named, by which act, until when."""
    register = _administered(request, pk)
    people = [
        (member.pk, str(member.user))
        for member in Membership.objects.live()
        .filter(organisation__is_lead=True, role__in=DESK_ROLES)
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "pk")
    ]
    form = DesignationForm(request.POST or None, people=people, initial={"starts_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        _made, done = try_operation(
            request, form, lambda: operations.designate(pk, **form.cleaned_data, actor=request.actor)
        )
        if done:
            say(
                request,
                _("Désignation enregistrée. La personne promettra le secret à sa première ouverture."),
            )
            return to(request, "designations", pk=pk)
    now = clock.now()
    context = {
        "register": register,
        "form": form,
        "named": list(_named(register).filter(ends_at__gt=now)),
        "former": list(_named(register).filter(ends_at__lte=now)[:30]),
        "soon": clock.today().toordinal() + 30,
    }
    return render(request, "registers/designations.html", context, status=422 if form.errors else 200)


def _named(register: Register) -> "Designation.objects.__class__":  # type: ignore[name-defined]
    return (
        Designation.objects.filter(register=register)
        .select_related("membership__user", "membership__organisation")
        .order_by("-ends_at", "pk")
    )


@require_POST
@section("registers")
@permission(policies.may_administer)
def designation_end(request: DeskRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(Designation.objects.visible_to(request.actor), pk=pk)
    _made, done = try_operation(request, None, lambda: operations.end_designation(pk, actor=request.actor))
    if done:
        say(request, _("Désignation terminée : cette personne n’ouvre plus le registre."))
    return to(request, "designations", pk=made.register_id)


@section("registers")
@permission(policies.may_administer)
def annex(request: DeskRequest, pk: int) -> HttpResponse:
    """The annex of the decree: who is named today."""
    register = _administered(request, pk)
    named = list(_named(register).filter(ends_at__gt=clock.now()))
    act = named[0].act if named else _("Arrêté du maire")
    on: date = named[0].signed_on if named else clock.today()
    return file(papers.pdf(letters.annex(register, named, act=act, on=on)), "annexe-arrete.pdf")


@section("registers")
@permission(policies.may_administer)
def register_notice(request: DeskRequest, pk: int) -> HttpResponse:
    """The notice in its five parts: written, kept as a draft, published."""
    register = _administered(request, pk)
    draft = Notice.objects.filter(register=register, published_at__isnull=True).first()
    current = letters.published(register)
    source = draft or current
    form = NoticeForm(request.POST or None, initial=source.blocks if source else {})
    if request.method == "POST" and form.is_valid():
        publishes = "publier" in request.POST

        def write() -> Notice:
            made = operations.draft_notice(pk, **form.cleaned_data, actor=request.actor)
            return operations.publish_notice(pk, actor=request.actor) if publishes else made

        _made, done = try_operation(request, form, write)
        if done:
            say(
                request,
                _("Notice publiée : elle est montrée à partir de maintenant.")
                if publishes
                else _("Brouillon gardé."),
            )
            return to(request, "register_notice", pk=pk)
    context = {"register": register, "form": form, "draft": draft, "current": current, "blocks": BLOCKS}
    return render(request, "registers/notice.html", context, status=422 if form.errors else 200)


@section("registers")
@permission(policies.may_administer)
def register_settings(request: DeskRequest, pk: int) -> HttpResponse:
    """Its name, who signs, how long silence takes to be agreement."""
    register = _administered(request, pk)
    initial = {name: getattr(register, name) for name in SettingsForm.base_fields}
    form = SettingsForm(request.POST or None, initial=initial)
    if register.is_statutory:
        for name in ("purpose", "legal_basis", "retention"):
            form.fields[name].disabled = True
    if request.method == "POST" and form.is_valid():
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        _made, done = try_operation(
            request, form, lambda: operations.change_register(pk, actor=request.actor, **changed)
        )
        if done:
            say(request, _("Réglages enregistrés."))
            return to(request, "register_settings", pk=pk)
    return render(
        request,
        "registers/settings.html",
        {"register": register, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@section("registers")
@permission(policies.may_administer)
def register_end(request: DeskRequest, pk: int) -> HttpResponse:
    """A list that is over."""
    _administered(request, pk)
    _made, done = try_operation(request, None, lambda: operations.end_register(pk, actor=request.actor))
    if done:
        say(request, _("Registre terminé : tout sera effacé dans la journée."))
    return to(request, "registers")


@section("registers")
@permission(policies.may_see_the_list)
def blank_form(request: DeskRequest, pk: int) -> HttpResponse:
    """The form to fill in by hand, for the person or a third party, in usual or large print."""
    register = _administered(request, pk)
    paper = letters.blank(register, third_party=request.GET.get("qui") == "tiers")
    if paper is None:
        raise Http404
    return file(papers.pdf(paper, large_print=bool(request.GET.get("gros"))), "bulletin.pdf")


@section("registers")
@permission(policies.may_see_the_list)
def passage_cards(request: DeskRequest, pk: int) -> HttpResponse:
    """« Avis de passage », four on a sheet."""
    register = _administered(request, pk)
    paper = papers.PassageCards(letters.sender_of(register))
    return file(papers.pdf(paper, large_print=bool(request.GET.get("gros"))), "avis-de-passage.pdf")


MOST_LETTERS = 2_000


@section("registers")
@named_only
def inform(request: DeskRequest, pk: int) -> HttpResponse:
    """Telling people that the register exists: addresses in, letters out, and nothing kept (REG-23)."""
    register = entered(request, pk)
    form = InformForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        people, wrong = _addressees(form.cleaned_data["people"])
        if wrong:
            form.add_error(
                "people", _("Ligne %(line)s : il faut au moins un nom et une rue.") % {"line": wrong}
            )
        elif len(people) > MOST_LETTERS:
            form.add_error("people", _("%(count)s adresses au plus à la fois.") % {"count": MOST_LETTERS})
        else:
            made = letters.information(register, people)
            if made:
                request.accesses.append(
                    ("export", "register.register", pk, f"information letters, {len(made)}")
                )
                return file(papers.pdf_many(made, duplex=True), "information.pdf", inline=False)
            form.add_error(None, _("Publiez d’abord la notice : la lettre la contient."))
    return render(
        request,
        "registers/inform.html",
        {"register": register, "form": form},
        status=422 if form.errors else 200,
    )


def _addressees(typed: str) -> tuple[list[papers.Addressee], int]:
    """Name, street, postcode and town of each line; the number of the first line that is not one."""
    people = []
    for number, line in enumerate(typed.splitlines(), start=1):
        cells = [cell.strip() for cell in line.replace("\t", ";").split(";")]
        if not any(cells):
            continue
        name, street, *rest = [*cells, "", ""]
        if not name or not street:
            return [], number
        people.append(
            papers.Addressee(
                name=name[:120], address=tuple(x[:120] for x in (street, " ".join(rest).strip()) if x)
            )
        )
    return people, 0
