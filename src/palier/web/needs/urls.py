"""Addresses of the needs: the list, the thread of one, who could help, and each step of it."""

from django.urls import path

from palier.web.needs import proposing, steps, views

urlpatterns = [
    path("besoins/", views.needs, name="needs"),
    path("besoins/nouveau/", views.need_new, name="need_new"),
    path("besoins/<int:pk>/", views.need, name="need"),
    path("besoins/<int:pk>/modifier/", views.need_change, name="need_change"),
    path("besoins/<int:pk>/terminer/", views.need_close, name="need_close"),
    path("besoins/<int:pk>/rouvrir/", views.need_reopen, name="need_reopen"),
    path("besoins/<int:pk>/responsable/", views.need_owner, name="need_owner"),
    path("besoins/<int:pk>/proposer/", proposing.need_match, name="need_match"),
    path("besoins/<int:pk>/accord/", proposing.need_consent, name="need_consent"),
    path("besoins/<int:pk>/arreter/", proposing.need_stop, name="need_stop"),
    path("besoins/<int:pk>/confier/", proposing.need_refer, name="need_refer"),
    path("besoins/<int:pk>/confier/reprendre/", proposing.need_take_back, name="need_take_back"),
    path("besoins/<int:pk>/reponses/<int:offer_pk>/", steps.need_answer, name="need_answer"),
    path("besoins/<int:pk>/ne-plus-proposer/", steps.need_keep_apart, name="need_keep_apart"),
    path("besoins/<int:pk>/visites/<int:visit_pk>/faite/", steps.visit_prove, name="visit_prove"),
    path("besoins/<int:pk>/visites/<int:visit_pk>/pas-eu-lieu/", steps.visit_not_done, name="visit_not_done"),
    path("besoins/<int:pk>/visites/<int:visit_pk>/annuler/", steps.visit_cancel, name="visit_cancel"),
    path("besoins/<int:pk>/visites/<int:visit_pk>/retirer/", steps.visit_withdraw, name="visit_withdraw"),
    path("besoins/<int:pk>/visites/<int:visit_pk>/avis/", steps.visit_report, name="visit_report"),
    path("besoins/<int:pk>/retour/<int:call_pk>/", steps.need_feedback, name="need_feedback"),
]
