"""The accessibility statement (A11Y-03, A11Y-04), and whether the house stands."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from palier.web.pages import open_to_all, render


@open_to_all
def accessibility(request: HttpRequest) -> HttpResponse:
    """No audit has been made yet: the statement says so, as the law asks (« non conforme »)."""
    return render(request, "site/accessibility.html", {"territory": {"name": "Palier", "public_phone": ""}})


@open_to_all
def health(request: HttpRequest) -> HttpResponse:
    """200 when pages can be served, 503 when the database is away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})
