"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from .api import api

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("w/<slug:workspace>/settings/api-keys/", include("workspaces.keys.urls")),
]

handler400 = "cerbykeys.errors.handler400"
handler403 = "cerbykeys.errors.handler403"
handler404 = "cerbykeys.errors.handler404"
handler500 = "cerbykeys.errors.handler500"
