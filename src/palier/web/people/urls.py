"""Addresses of the people's files."""

from django.urls import path

from palier.web.people import compartments, views

urlpatterns = [
    path("personnes/", views.people, name="people"),
    path("personnes/nouvelle/", views.person_new, name="person_new"),
    path("personnes/volets/", compartments.compartments, name="compartments"),
    path("personnes/volets/ouvrir/", compartments.compartment_open, name="compartment_open"),
    path("personnes/volets/<int:pk>/acces/", compartments.compartment_grant, name="compartment_grant"),
    path(
        "personnes/volets/acces/<int:pk>/retirer/", compartments.compartment_revoke, name="compartment_revoke"
    ),
    path("personnes/<int:pk>/", views.person, name="person"),
    path("personnes/<int:pk>/modifier/", views.person_edit, name="person_edit"),
    path("personnes/<int:pk>/proche/", views.contact_add, name="contact_add"),
    path("personnes/<int:pk>/accord/", views.consent_note, name="consent_note"),
]
