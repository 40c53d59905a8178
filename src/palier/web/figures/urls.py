"""Addresses of this screen."""

from django.urls import path

from palier.web.figures import views

urlpatterns = [
    path("chiffres/", views.figures, name="figures"),
    path("chiffres/liste/", views.figures_list, name="figures_list"),
    path("chiffres/export/", views.figures_export, name="figures_export"),
]
