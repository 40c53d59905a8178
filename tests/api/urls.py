"""The machine interface alone, as it is mounted: these tests do not stand on any screen."""

from django.urls import include, path

urlpatterns = [path("api/", include("palier.api.urls"))]
