"""Every address: the desk and public pages (web), the machine interface (api), the demo's telephones."""

from django.urls import include, path

from palier.web.errors import views as errors

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    path("compte/", include("allauth.account.urls")),
    path("compte/2fa/", include("allauth.mfa.urls")),
    path("api/", include("palier.api.urls")),
    path("", include("palier.web.urls")),
]
