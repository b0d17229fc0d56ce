"""The addresses of secrets, below `/w/<slug>/secrets/`."""

from django.urls import path

from .views import secrets

app_name = "secrets"
urlpatterns = [
    path("", secrets.index, name="list"),
    path("new/", secrets.create, name="create"),
    path("<uuid:secret_id>/", secrets.detail, name="detail"),
    path("<uuid:secret_id>/body/", secrets.body, name="body"),
    path("<uuid:secret_id>/update/", secrets.update, name="update"),
    path("<uuid:secret_id>/share/", secrets.share, name="share"),
    path("<uuid:secret_id>/unshare/<int:share_id>/", secrets.unshare, name="unshare"),
]
