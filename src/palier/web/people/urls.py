"""Addresses of the people's files."""

from django.urls import path

from palier.web.people import views

urlpatterns = [
    path("personnes/", views.people, name="people"),
    path("personnes/nouvelle/", views.person_new, name="person_new"),
    path("personnes/<int:pk>/", views.person, name="person"),
    path("personnes/<int:pk>/modifier/", views.person_edit, name="person_edit"),
    path("personnes/<int:pk>/proche/", views.contact_add, name="contact_add"),
    path("personnes/<int:pk>/accord/", views.consent_note, name="consent_note"),
]
