"""The peer: the same pages as a Django project is usually written. ORM objects, Django templates, sessions in the database,
`auth.User`, the usual middleware, a persistent connection. It checks that somebody signed in, and no more: no wall, no
access log. Run by granian like ours: `granian --interface wsgi typical:application`."""

import os
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="for a measurement only " * 3,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="Europe/Paris",
    LANGUAGE_CODE="fr",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "tables",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent / "templates"],
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PALIER_DB_HOST"],
            "PORT": os.environ["PALIER_DB_PORT"],
            "NAME": os.environ["PALIER_DB_NAME"],
            "USER": "palier_owner",
            "CONN_MAX_AGE": None,
            # Its own users and sessions stand beside ours, in a schema of theirs.
            "OPTIONS": {"options": "-c search_path=typical,public"},
        }
    },
)
django.setup()

from django import forms  # noqa: E402
from django.contrib import messages  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Count, Exists, OuterRef, Prefetch, Q  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import get_object_or_404, redirect, render  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from tables.models import (  # noqa: E402
    Call,
    CallForReason,
    Draft,
    Duty,
    Entry,
    Need,
    Person,
    Reason,
    Territory,
    Visit,
)

TERRITORY = int(os.environ.get("PEER_TERRITORY", "0"))
ORGANISATION = int(os.environ.get("PEER_ORGANISATION", "0"))
ME = int(os.environ.get("PEER_MEMBERSHIP", "0"))


def _with_rail(**context: Any) -> dict[str, Any]:
    """The counts of the navigation, on every page."""
    return {
        "rail_duties": Duty.objects.filter(settled_at=None, owner_id=ME).count(),
        "rail_needs": Need.objects.filter(closed_at=None, person__territory_id=TERRITORY).count(),
        **context,
    }


@login_required
def board(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    start = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    end = start + timedelta(days=1)
    duties = Duty.objects.select_related("owner__user", "person")
    opened = duties.filter(settled_at=None, organisation_id=ORGANISATION)
    mine = Q(owner_id=ME) | Q(raised_to_id=ME)
    counts = opened.aggregate(
        mine=Count("id", filter=mine & Q(due_at__lt=end)),
        late=Count("id", filter=mine & Q(due_at__lt=now)),
        team=Count("id", filter=Q(due_at__lt=end)),
        unowned=Count("id", filter=Q(owner=None)),
        later=Count("id", filter=mine & Q(due_at__gte=end)),
    )
    rows = list(opened.filter(mine, due_at__lt=end).order_by("due_at", "id")[:60])
    return render(
        request,
        "board.html",
        _with_rail(
            now=now,
            counts=counts,
            late=[row for row in rows if row.due_at < now - timedelta(minutes=15)],
            rest=[row for row in rows if row.due_at >= now - timedelta(minutes=15)],
            unowned=opened.filter(owner=None).order_by("due_at", "id")[:4],
            done=duties.filter(owner_id=ME, settled_at__gte=start).order_by("-settled_at", "id")[:30],
            visits=Visit.objects.filter(
                territory_id=TERRITORY, starts_at__lt=end, ends_at__gt=start, state__in=["planned", "done"]
            ).select_related("volunteer", "person", "need__kind").order_by("starts_at", "id")[:6],
            territory=Territory.objects.get(pk=TERRITORY),
            me=ME,
        ),
    )  # fmt: skip


@login_required
def people(request: HttpRequest) -> HttpResponse:
    after, _sep, _number = request.GET.get("apres", "~0").rpartition("~")
    rows = (
        Person.objects.filter(territory_id=TERRITORY, search_text__gt=after)
        .annotate(has_need=Exists(Need.objects.filter(person=OuterRef("pk"), closed_at=None)))
        .prefetch_related("phones")
        .order_by("search_text", "id")[:51]
    )
    return render(request, "people.html", _with_rail(rows=list(rows)[:50]))


@login_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Person.objects.filter(territory_id=TERRITORY).prefetch_related(
            "phones",
            "contacts",
            "consents",
            Prefetch(
                "needs",
                Need.objects.filter(closed_at=None).select_related("kind", "owner__user"),
                "open_needs",
            ),
            Prefetch("duties", Duty.objects.filter(settled_at=None).order_by("due_at", "id"), "open_duties"),
        ),
        pk=pk,
    )
    entries = list(Entry.objects.filter(person=found).order_by("-at", "-id")[:21])
    return render(
        request, "person.html", _with_rail(person=found, entries=entries[:20], more=len(entries) > 20)
    )


class CallForm(forms.Form):
    who = forms.ChoiceField(
        choices=[("self", "La personne"), ("relative", "Un proche"), ("other", "Quelqu’un d’autre")]
    )
    caller = forms.CharField(max_length=20)
    reasons = forms.ModelMultipleChoiceField(queryset=Reason.objects.none(), to_field_name="code")
    mood = forms.ChoiceField(
        choices=[("well", "Bien"), ("as_usual", "Comme toujours"), ("worrying", "Inquiétant")]
    )
    words = forms.CharField(max_length=10_000, widget=forms.Textarea, required=False)
    next = forms.ChoiceField(
        choices=[("nothing", "Rien"), ("call_back", "La rappeler"), ("need", "Noter un besoin")]
    )
    opened = forms.IntegerField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reasons"].queryset = Reason.objects.filter(territory_id=TERRITORY)  # type: ignore[attr-defined]


@login_required
def call(request: HttpRequest, pk: int) -> HttpResponse:
    form = CallForm(request.POST)
    if not form.is_valid():
        return render(request, "call.html", {"form": form}, status=422)
    typed = form.cleaned_data
    now = timezone.now()
    with transaction.atomic():
        found = get_object_or_404(
            Call.objects.select_for_update().filter(territory_id=TERRITORY), pk=pk, closed_at=None
        )
        spoken = get_object_or_404(Person, territory_id=TERRITORY, pk=int(typed["caller"][1:]))
        Draft.objects.update_or_create(
            call=found, membership_id=ME,
            defaults={"territory_id": TERRITORY, "typed": dict(request.POST), "saved_at": now},
        )  # fmt: skip
        found.person, found.who, found.mood = spoken, typed["who"], typed["mood"]
        found.words, found.next, found.state = typed["words"], typed["next"], "logged"
        found.logged_at = found.closed_at = now
        found.logged_by_id, found.logging_seconds = ME, 30
        found.save()
        for reason in typed["reasons"]:
            CallForReason.objects.create(territory_id=TERRITORY, call=found, reason=reason)
        Duty.objects.filter(subject_kind="calls.call", subject_id=pk, settled_at=None).update(
            settled_at=now, settled_by=request.user.get_full_name()
        )
        spoken.last_contact_at = now
        spoken.save(update_fields=["last_contact_at"])
        Entry.objects.create(
            territory_id=TERRITORY, code="calls.logged", at=now, actor_kind="member",
            actor_name=request.user.get_full_name(), membership_id=ME, subject_kind="calls.call", subject_id=pk,
            person=spoken, personal={"words": typed["words"][:500], "name": ""},
            data={"who": typed["who"], "mood": typed["mood"], "next": typed["next"],
                  "reasons": [reason.code for reason in typed["reasons"]], "is_woman": spoken.title != "monsieur"},
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('palier_bench', %s)", [str(pk)])
    messages.success(request, "Appel enregistré.")
    return redirect("board")


urlpatterns = [
    path("board/", board, name="board"),
    path("people/", people, name="people"),
    path("people/<int:pk>/", person, name="person"),
    path("calls/<int:pk>/", call, name="call"),
]

application = get_wsgi_application()


def open_session() -> str:
    """Make the tables of its users and sessions when they are not there, and sign somebody in; gives the key."""
    from importlib import import_module

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import Group, Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.models import Session

    with connection.cursor() as cursor:
        cursor.execute("create schema if not exists typical")
        cursor.execute("select to_regclass('typical.auth_user') is null")
        is_new = cursor.fetchone()[0]
    if is_new:
        with connection.schema_editor() as editor:
            for model in (ContentType, Permission, Group, User, Session):
                editor.create_model(model)
    user, _created = User.objects.get_or_create(
        username="agent", defaults={"first_name": "Odette", "last_name": "Marchand"}
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    print(open_session())
