"""The addresses of integrations and of jobs."""

from django.urls import path

from .views import integrations, jobs, users

# Below `/w/<slug>/integrations/`.
integrations_urls = (
    [
        path("", integrations.index, name="list"),
        path("new/", integrations.create, name="create"),
        path("<uuid:pk>/", integrations.detail, name="detail"),
        path("<uuid:pk>/update/", integrations.update, name="update"),
        path("<uuid:pk>/check/", integrations.check, name="check"),
        path("<uuid:pk>/entitlements/add/", integrations.add_entitlement, name="add_entitlement"),
        path(
            "<uuid:pk>/entitlements/<int:entitlement_id>/remove/",
            integrations.remove_entitlement,
            name="remove_entitlement",
        ),
        path("<uuid:pk>/invite/", users.invite, name="invite"),
        path("<uuid:pk>/users/<uuid:user_id>/", users.detail, name="user"),
        path("<uuid:pk>/users/<uuid:user_id>/grant/", users.grant, name="grant"),
        path("<uuid:pk>/users/<uuid:user_id>/role/", users.change_role, name="change_role"),
        path("<uuid:pk>/users/<uuid:user_id>/remove/", users.remove, name="remove_user"),
    ],
    "integrations",
)

# Below `/w/<slug>/automation/`.
jobs_urls = (
    [
        path("", jobs.index, name="list"),
        path("<uuid:pk>/", jobs.detail, name="detail"),
        path("<uuid:pk>/retry/", jobs.retry, name="retry"),
        path("<uuid:pk>/cancel/", jobs.cancel, name="cancel"),
        path("<uuid:pk>/finish/", jobs.finish, name="finish"),
        path("<uuid:pk>/fail/", jobs.fail, name="fail"),
    ],
    "automation",
)
