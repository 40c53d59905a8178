"""Addresses of the telecare events."""

from django.urls import path

from palier.web.telecare import views

urlpatterns = [
    path("teleassistance/", views.telecare_events, name="telecare_events"),
    path("teleassistance/<int:pk>/", views.telecare_settle, name="telecare_settle"),
]
