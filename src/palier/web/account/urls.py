"""Addresses of one's own account."""

from django.urls import path

from palier.web.account import views

urlpatterns = [
    path("mon-compte/", views.my_account, name="my_account"),
    path("mon-compte/connexions/<str:mark>/fermer/", views.session_end, name="session_end"),
    path("mon-compte/langue/", views.language, name="language"),
    path("mon-compte/lieu/", views.choose_place, name="choose_place"),
    path("affichage/", views.display, name="display"),
]
