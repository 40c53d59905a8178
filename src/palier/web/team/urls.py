"""Addresses of the team's administration."""

from django.urls import path

from palier.web.team import lists, views

urlpatterns = [
    path("equipe/", views.team, name="team"),
    path("equipe/nouveau/", views.member_new, name="member_new"),
    path("equipe/<int:pk>/", views.member, name="member"),
    path("equipe/<int:pk>/fin/", views.member_end, name="member_end"),
    path("equipe/<int:pk>/absence/", views.absence_add, name="absence_add"),
    path("equipe/absence/<int:pk>/retirer/", views.absence_remove, name="absence_remove"),
    path("equipe/astreinte/", views.on_call_add, name="on_call_add"),
    path("equipe/listes/", lists.lists, name="lists"),
    path("equipe/listes/aide/<int:pk>/", lists.kind, name="kind"),
    path("equipe/listes/motif/<int:pk>/", lists.reason, name="reason"),
    path("equipe/horaires/", lists.hours, name="hours"),
    path("equipe/horaires/<int:pk>/retirer/", lists.hours_remove, name="hours_remove"),
    path("equipe/fermetures/<int:pk>/retirer/", lists.closure_remove, name="closure_remove"),
    path("equipe/partenaires/", lists.partner_list, name="partner_list"),
    path("equipe/reglages/", views.settings_page, name="territory_settings"),
]
