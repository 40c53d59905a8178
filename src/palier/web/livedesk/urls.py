"""Addresses of this screen."""

from django.urls import path

from palier.web.livedesk import views

urlpatterns = [path("nouveautes/", views.live_poll, name="live_poll")]
