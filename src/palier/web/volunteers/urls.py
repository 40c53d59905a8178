"""Addresses of the neighbours who help: the list, an application, the file of one and each step of it."""

from django.urls import path

from palier.web.volunteers import views

urlpatterns = [
    path("voisins/", views.volunteers, name="volunteers"),
    path("voisins/nouveau/", views.volunteer_new, name="volunteer_new"),
    path("voisins/<int:pk>/", views.volunteer, name="volunteer"),
    path("voisins/<int:pk>/modifier/", views.volunteer_change, name="volunteer_change"),
    path("voisins/<int:pk>/verification/", views.volunteer_check, name="volunteer_check"),
    path("voisins/<int:pk>/accueillir/", views.volunteer_welcome, name="volunteer_welcome"),
    path("voisins/<int:pk>/pause/", views.volunteer_rest, name="volunteer_rest"),
    path("voisins/<int:pk>/retour/", views.volunteer_back, name="volunteer_back"),
    path("voisins/<int:pk>/absence/", views.volunteer_away, name="volunteer_away"),
    path(
        "voisins/<int:pk>/absence/<int:away_pk>/retirer/", views.volunteer_not_away, name="volunteer_not_away"
    ),
    path("voisins/<int:pk>/fin/", views.volunteer_end, name="volunteer_end"),
]
