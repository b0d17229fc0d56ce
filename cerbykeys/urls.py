"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from workspaces.automation.urls import integrations_urls, jobs_urls
from workspaces.directory.urls import members_urls, settings_urls, teams_urls
from workspaces.vaults.urls import accounts_urls, collections_urls, secrets_urls

from .api import api

urlpatterns = [
    path("api/v1/", api.urls),
    # An address is who one is here: people do not change it by themselves.
    path(
        "accounts/email/",
        RedirectView.as_view(pattern_name="directory:profile"),
        name="account_email",
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("workspaces.directory.urls")),
    path("w/<slug:workspace>/accounts/", include(accounts_urls)),
    path("w/<slug:workspace>/secrets/", include(secrets_urls)),
    path("w/<slug:workspace>/collections/", include(collections_urls)),
    path("w/<slug:workspace>/integrations/", include(integrations_urls)),
    path("w/<slug:workspace>/automation/", include(jobs_urls)),
    path("w/<slug:workspace>/members/", include(members_urls)),
    path("w/<slug:workspace>/teams/", include(teams_urls)),
    path("w/<slug:workspace>/activity/", include("workspaces.activity.urls")),
    path("w/<slug:workspace>/settings/", include(settings_urls)),
    path("w/<slug:workspace>/settings/api-keys/", include("workspaces.keys.urls")),
]

handler400 = "cerbykeys.errors.handler400"
handler403 = "cerbykeys.errors.handler403"
handler404 = "cerbykeys.errors.handler404"
handler500 = "cerbykeys.errors.handler500"
