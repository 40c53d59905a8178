"""One page that shows every component in every state."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from palier.web.catalogue.forms import SampleForm
from palier.web.pages import anybody, permission, render


def sample_plan() -> dict[str, object]:
    """The map of an invented quarter, in the shape `plan()` takes."""
    return {
        "width": 360,
        "height": 300,
        "title": _("Plan du quartier"),
        "desc": _(
            "Odette est au centre. Michel est dans le même immeuble, Fatou à 5 minutes au sud-est."
            " Les mêmes informations sont dans la liste."
        ),
        "river": ["M-10 214c60-8 92 30 150 38s130-12 240 22"],
        "parks": ["M232 28h84v62h-84z"],
        "streets": ["M-5 60h210l60 40h100", "M60-5v190", "M180-5v215l34 95", "M-5 150h370", "M300 96v130"],
        "lanes": ["M110 60v90M20 105h160M180 105h120M240 150v66"],
        "rings": [(62, _("5 min")), (122, _("10 min à pied"))],
        "labels": [(70, 249, _("la Loire"))],
        "home": (180, 150),
        "pins": [(206, 140, 1), (238, 188, 2)],
        "off": [(120, 62), (300, 206)],
    }


@require_safe
@permission(anybody)
def catalogue(request: HttpRequest) -> HttpResponse:
    context = {
        "empty_form": SampleForm(auto_id="vide_%s"),
        "filled_form": SampleForm(
            {
                "call_on": "2026-11-16",
                "phone": "02 61 91 47 20",
                "kind": "papers",
                "note": "« Le genou va mieux. »",
                "answer": "as_ever",
                "reasons": ["talk"],
                "agrees": "on",
            },
            auto_id="plein_%s",
        ),
        "wrong_form": SampleForm({"phone": "02 61 91 47 20", "kind": "papers"}, auto_id="faux_%s"),
        "plan": sample_plan(),
    }
    return render(request, "catalogue/catalogue.html", context)
