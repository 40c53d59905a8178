"""Addresses that belong to no screen: accessibility statement, components, health."""

from django.urls import path

from palier.web.catalogue.views import catalogue
from palier.web.site import views

urlpatterns = [
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("composants/", catalogue, name="catalogue"),
    path("etat/", views.health, name="health"),
]
