"""Addresses of people's rights and of the access log."""

from django.urls import path

from palier.web.privacy import log, views

urlpatterns = [
    path("droits/", views.rights_requests, name="rights_requests"),
    path("droits/nouvelle/", views.rights_request_new, name="rights_request_new"),
    path("droits/<int:pk>/", views.rights_request, name="rights_request"),
    path("droits/<int:pk>/identite/", views.rights_identity, name="rights_identity"),
    path("droits/<int:pk>/report/", views.rights_extend, name="rights_extend"),
    path("droits/<int:pk>/relecture/", views.rights_review, name="rights_review"),
    path("droits/<int:pk>/prevenus/", views.rights_recipients, name="rights_recipients"),
    path("droits/<int:pk>/copie/", views.rights_copy, name="rights_copy"),
    path("droits/<int:pk>/visa/demander/", views.rights_visa_ask, name="rights_visa_ask"),
    path("droits/<int:pk>/visa/", views.rights_visa, name="rights_visa"),
    path("droits/<int:pk>/bordereau.pdf", views.rights_elimination, name="rights_elimination"),
    path("droits/<int:pk>/effacer/", views.rights_erase, name="rights_erase"),
    path("droits/<int:pk>/repondre/", views.rights_answer, name="rights_answer"),
    path("equipe/donnees/", views.privacy_settings, name="privacy_settings"),
    path("equipe/donnees/traitements.csv", views.processing_record, name="processing_record"),
    path("equipe/acces/", log.access_log, name="access_log"),
    path("equipe/acces/fichier/", log.access_log_export, name="access_log_export"),
]
