from django.urls import path

from palier.api.views import api, description

urlpatterns = [
    path("openapi.json", description, name="api_description"),
    path("", api.urls),
]
