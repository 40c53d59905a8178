"""Addresses of what comes in and what goes out."""

from django.urls import path

from palier.web.exchange import views

urlpatterns = [
    path("personnes/importer/", views.imports, name="imports"),
    path("personnes/importer/<int:pk>/", views.import_file, name="import_file"),
    path("personnes/importer/<int:pk>/colonnes/", views.import_columns, name="import_columns"),
    path("personnes/importer/<int:pk>/feuille/", views.import_sheet, name="import_sheet"),
    path("personnes/importer/<int:pk>/decider/", views.import_decide_all, name="import_decide_all"),
    path("personnes/importer/<int:pk>/appliquer/", views.import_apply, name="import_apply"),
    path("personnes/importer/<int:pk>/reprendre/", views.import_take_back, name="import_take_back"),
    path("personnes/importer/<int:pk>/abandonner/", views.import_drop, name="import_drop"),
    path("personnes/importer/<int:pk>/a-corriger/", views.import_errors, name="import_errors"),
    path("personnes/importer/ligne/<int:pk>/", views.import_decide, name="import_decide"),
    path("personnes/sortir/", views.people_export, name="people_export"),
]
