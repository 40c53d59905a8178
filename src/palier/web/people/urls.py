"""Addresses of the people's files."""

from django.urls import path

from palier.web.people import around, compartments, home, leaving, sheet, views

urlpatterns = [
    path("personnes/", views.people, name="people"),
    path("personnes/trouver/", views.people_found, name="people_found"),
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
    path("personnes/<int:pk>/semaine/", home.week, name="week"),
    path("personnes/semaine/<int:pk>/", home.presence_edit, name="presence_edit"),
    path("personnes/semaine/<int:pk>/retirer/", home.presence_remove, name="presence_remove"),
    path("personnes/<int:pk>/absence/", home.away_new, name="away_new"),
    path("personnes/absences/<int:pk>/retour/", home.away_back, name="away_back"),
    path("personnes/absences/<int:pk>/redemander/", home.away_ask, name="away_ask"),
    path("personnes/<int:pk>/foyer/", home.household, name="household"),
    path("personnes/<int:pk>/foyer/quitter/", home.household_leave, name="household_leave"),
    path("personnes/<int:pk>/protection/", home.protection, name="protection"),
    path("personnes/<int:pk>/protection/terminer/", home.protection_end, name="protection_end"),
    path("personnes/<int:pk>/codes/", home.secrets, name="secrets"),
    path("personnes/codes/<int:pk>/afficher/", home.secret_reveal, name="secret_reveal"),
    path("personnes/codes/<int:pk>/effacer/", home.secret_forget, name="secret_forget"),
    path("personnes/<int:pk>/notes/", home.notes, name="notes"),
    path("personnes/notes/<int:pk>/retirer/", home.note_withdraw, name="note_withdraw"),
    path("personnes/<int:pk>/accords/", home.ledger, name="ledger"),
    path("personnes/<int:pk>/opposition/", home.objection_note, name="objection_note"),
    path("personnes/<int:pk>/motif/", home.opened_for, name="opened_for"),
    path("personnes/<int:pk>/depart/", leaving.leaving, name="leaving"),
    path("personnes/<int:pk>/depart/annuler/", leaving.coming_back, name="coming_back"),
    path("personnes/<int:pk>/condoleances/", leaving.condolences_done, name="condolences_done"),
    path("personnes/<int:pk>/a-part/", leaving.keep_apart, name="keep_apart"),
    path("personnes/proches/<int:pk>/", around.contact_edit, name="contact_edit"),
    path("personnes/proches/<int:pk>/deplacer/", around.contact_move, name="contact_move"),
    path("personnes/proches/<int:pk>/retirer/", around.contact_remove, name="contact_remove"),
    path("personnes/proches/<int:pk>/ne-plus-contacter/", around.contact_apart, name="contact_apart"),
    path("personnes/proches/<int:pk>/afficher/", around.contact_reveal, name="contact_reveal"),
    path("personnes/proches/<int:pk>/recontacter/", around.contact_allow, name="contact_allow"),
    path("personnes/<int:pk>/accord/", views.consent_note, name="consent_note"),
    path("personnes/<int:pk>/fiche.pdf", sheet.person_sheet, name="person_sheet"),
]
