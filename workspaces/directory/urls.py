"""The addresses of people and workspaces."""

from django.urls import path

from .views import home, members, teams

app_name = "directory"
urlpatterns = [
    path("", home.home, name="home"),
    path("profile/", home.profile, name="profile"),
    path("w/<slug:workspace>/", home.workspace, name="workspace"),
]

# Below `/w/<slug>/settings/`.
settings_urls = ([path("", home.general, name="general")], "settings")

# Below `/w/<slug>/members/`.
members_urls = (
    [
        path("", members.index, name="list"),
        path("add/", members.add, name="add"),
        path("<uuid:member_id>/", members.detail, name="detail"),
        path("<uuid:member_id>/role/", members.change_role, name="role"),
        path("<uuid:member_id>/status/", members.change_status, name="status"),
        path("<uuid:member_id>/remove/", members.remove, name="remove"),
    ],
    "members",
)

# Below `/w/<slug>/teams/`.
teams_urls = (
    [
        path("", teams.index, name="list"),
        path("new/", teams.create, name="create"),
        path("<uuid:team_id>/", teams.detail, name="detail"),
        path("<uuid:team_id>/name/", teams.rename, name="rename"),
        path("<uuid:team_id>/members/", teams.add, name="add"),
        path("<uuid:team_id>/members/<uuid:member_id>/remove/", teams.remove, name="remove"),
    ],
    "teams",
)
