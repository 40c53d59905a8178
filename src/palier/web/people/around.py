"""Around a person: changing, ordering and removing her contacts; those who must not be contacted."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from palier.people import operations, policies
from palier.people.models import Contact, of_seen_people
from palier.web.jinja import gettext as _
from palier.web.pages import DeskRequest, at_the_desk, permission, render, say, section, to, try_operation
from palier.web.people.forms import ContactForm


class ApartForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ne plus contacter cette personne ?"),
        max_length=500,
        help_text=gettext_lazy(
            "Ce motif reste confidentiel : il n’est montré qu’avec le numéro, à qui dit pourquoi."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Dites pourquoi. Ce motif reste confidentiel.")},
    )


class WhyForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Pourquoi ?"),
        max_length=200,
        help_text=gettext_lazy("Votre nom et ce motif seront notés."),
        error_messages={"required": gettext_lazy("Dites pourquoi, en quelques mots.")},
    )


@section("people")
@permission(at_the_desk)
def contact_edit(request: DeskRequest, pk: int) -> HttpResponse:
    """Change what is known of somebody around her; beside it, what protects her from them."""
    contact = _contact(request, pk)
    initial = {
        "name": contact.name,
        "relation": contact.relation,
        "note": contact.note,
        "phone": contact.phone,
        "has_key": contact.has_key,
        "is_professional": contact.is_professional,
    }
    form = ContactForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        _result, done = try_operation(
            request, form, lambda: operations.change_contact(pk, actor=request.actor, **changed)
        )
        if done:
            say(request, _("Entourage modifié."))
            return _back(request, contact)
    return _page(request, contact, form=form)


def _page(
    request: DeskRequest,
    contact: Contact,
    *,
    form: ContactForm | None = None,
    apart: ApartForm | None = None,
    why: WhyForm | None = None,
    number: str | None = None,
) -> HttpResponse:
    if form is None:
        form = ContactForm(
            initial={
                "name": contact.name,
                "relation": contact.relation,
                "note": contact.note,
                "phone": contact.phone,
                "has_key": contact.has_key,
                "is_professional": contact.is_professional,
            }
        )
    context = {
        "contact": contact,
        "person": contact.person,
        "form": form,
        "apart": apart or ApartForm(),
        "why": why or WhyForm(auto_id="why_%s"),
        "number": number,
        "may_lift": policies.may_lift_do_not_contact(request.actor),
    }
    wrong = any(one is not None and one.errors for one in (form, apart, why))
    return render(request, "people/contact_edit.html", context, status=422 if wrong else 200)


@require_POST
@section("people")
@permission(at_the_desk)
def contact_move(request: DeskRequest, pk: int) -> HttpResponse:
    """One place earlier or later among those to call."""
    contact = _contact(request, pk)
    operations.move_contact(pk, up=request.POST.get("up") == "1", actor=request.actor)
    say(request, _("%(name)s change de place.") % {"name": contact.name})
    return _back(request, contact)


@require_POST
@section("people")
@permission(at_the_desk)
def contact_remove(request: DeskRequest, pk: int) -> HttpResponse:
    """Take somebody from around her; the journal still names them."""
    contact = _contact(request, pk)
    operations.remove_contact(pk, actor=request.actor)
    say(request, _("%(name)s n’est plus dans son entourage.") % {"name": contact.name})
    return _back(request, contact)


@require_POST
@section("people")
@permission(at_the_desk)
def contact_apart(request: DeskRequest, pk: int) -> HttpResponse:
    """« Ne plus contacter »: the number is closed away."""
    contact = _contact(request, pk)
    form = ApartForm(request.POST)
    if form.is_valid():
        _result, done = try_operation(
            request,
            form,
            lambda: operations.do_not_contact(pk, reason=form.cleaned_data["reason"], actor=request.actor),
        )
        if done:
            say(request, _("Plus personne n’appellera ce numéro. Il est gardé fermé."))
            return to(request, "contact_edit", pk=pk)
    return _page(request, contact, apart=form)


@require_POST
@section("people")
@permission(at_the_desk)
def contact_reveal(request: DeskRequest, pk: int) -> HttpResponse:
    """The number to read, for a reason that is noted; never a link."""
    contact = _contact(request, pk)
    form = WhyForm(request.POST, auto_id="why_%s")
    number = None
    if form.is_valid():
        result, done = try_operation(
            request,
            form,
            lambda: operations.reveal_contact(pk, why=form.cleaned_data["why"], actor=request.actor),
        )
        if done:
            number = result[1]
    return _page(request, contact, why=form, number=number)


@require_POST
@section("people")
@permission(at_the_desk)
def contact_allow(request: DeskRequest, pk: int) -> HttpResponse:
    """The coordination lets them be contacted again."""
    contact = _contact(request, pk)
    form = WhyForm(request.POST, auto_id="why_%s")
    if form.is_valid():
        _result, done = try_operation(
            request,
            form,
            lambda: operations.allow_contact(pk, reason=form.cleaned_data["why"], actor=request.actor),
        )
        if done:
            say(request, _("%(name)s peut de nouveau être contacté.") % {"name": contact.name})
            return to(request, "contact_edit", pk=pk)
    return _page(request, contact, why=form)


def _contact(request: DeskRequest, pk: int) -> Contact:
    seen = Contact.objects.current().filter(of_seen_people(request.actor)).select_related("person")
    return get_object_or_404(seen, pk=pk)


def _back(request: DeskRequest, contact: Contact) -> HttpResponse:
    return to(request, reverse("person", args=[contact.person_id]) + "#entourage")
