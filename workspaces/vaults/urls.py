"""The addresses of secrets, below `/w/<slug>/secrets/`."""

from django.urls import path

from . import views

app_name = "secrets"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("<uuid:secret_id>/", views.detail, name="detail"),
    path("<uuid:secret_id>/body/", views.body, name="body"),
    path("<uuid:secret_id>/update/", views.update, name="update"),
    path("<uuid:secret_id>/share/", views.share, name="share"),
    path("<uuid:secret_id>/unshare/<int:share_id>/", views.unshare, name="unshare"),
]
