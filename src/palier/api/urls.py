from django.urls import path

from palier.api.views import api

urlpatterns = [path("", api.urls)]
