"""Addresses of the telephone desk."""

from django.urls import path

from palier.web.phone import views

urlpatterns = [
    path("telephone/", views.phone_desk, name="phone_desk"),
    path("telephone/nouveau/", views.call_start, name="call_start"),
    path("telephone/<int:pk>/", views.call, name="call"),
    path("telephone/<int:pk>/repondre/", views.call_answer, name="call_answer"),
    path("telephone/<int:pk>/brouillon/", views.call_draft, name="call_draft"),
    path("telephone/<int:pk>/garder/", views.call_keep, name="call_keep"),
    path("telephone/<int:pk>/danger/", views.call_danger, name="call_danger"),
    path("telephone/<int:pk>/sans-suite/", views.call_set_aside, name="call_set_aside"),
    path("telephone/<int:pk>/sans-reponse/", views.call_no_answer, name="call_no_answer"),
    path("telephone/<int:pk>/annuler/", views.call_undo, name="call_undo"),
]
