"""Addresses of the concern reports."""

from django.urls import path

from palier.web.concerns import views

urlpatterns = [
    path("signalements/", views.concerns, name="concerns"),
    path("signalements/nouveau/", views.concern_new, name="concern_new"),
    path("signalements/<int:pk>/", views.concern, name="concern"),
]
