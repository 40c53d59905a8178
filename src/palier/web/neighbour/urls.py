"""Addresses of a neighbour's personal link: short, because they travel in a text message."""

from django.urls import path

from palier.web.neighbour import views

urlpatterns = [
    path("r/<str:token>", views.neighbour_link, name="neighbour_link"),
    path("r/<str:token>/reponse", views.neighbour_answer, name="neighbour_answer"),
    path("r/<str:token>/prenom", views.neighbour_confirm, name="neighbour_confirm"),
    path("r/<str:token>/retrait", views.neighbour_withdraw, name="neighbour_withdraw"),
    path("r/<str:token>/fait", views.neighbour_done, name="neighbour_done"),
    path("r/<str:token>/inquiet", views.neighbour_worried, name="neighbour_worried"),
    path("r/<str:token>/agenda.ics", views.neighbour_calendar, name="neighbour_calendar"),
]
