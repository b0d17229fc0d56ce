"""The addresses of people and workspaces."""

from django.urls import path

from . import views

app_name = "directory"
urlpatterns = [
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("w/<slug:workspace>/", views.workspace, name="workspace"),
]

# Below `/w/<slug>/settings/`.
settings_urls = ([path("", views.general, name="general")], "settings")
