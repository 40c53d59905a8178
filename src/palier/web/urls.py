"""The addresses of the screens, by place of work. Names equal the views' names."""

from django.urls import include, path

SCREENS = (
    "exchange",
    "today", "phone", "people", "needs", "volunteers", "concerns", "referrals", "telecare", "figures", "register",
    "team", "privacy", "account", "neighbour", "demophones", "livedesk", "site",
)  # fmt: skip

urlpatterns = [path("", include(f"palier.web.{screen}.urls")) for screen in SCREENS]
