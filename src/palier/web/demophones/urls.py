"""Addresses of this screen."""

from django.urls import path

from palier.web.demophones import views

urlpatterns = [
    path("demo/telephones/", views.demo_phones, name="demo_phones"),
    path("demo/telephones/repondre/", views.demo_reply, name="demo_reply"),
    path("demo/telephones/appeler/", views.demo_ring, name="demo_ring"),
    path("demo/telephones/medaillon/", views.demo_press, name="demo_press"),
]
