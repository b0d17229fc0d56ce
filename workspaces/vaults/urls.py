"""The addresses of secrets, accounts and collections, below `/w/<slug>/`."""

from typing import Any

from django.urls import URLPattern, path

from .models import Account, Collection, Secret
from .views import accounts, collections, secrets, sharing


def _shares(model: type[Any]) -> list[URLPattern]:
    return [
        path("<uuid:pk>/share/", sharing.share(model), name="share"),
        path("<uuid:pk>/unshare/<int:share_id>/", sharing.unshare(model), name="unshare"),
    ]


secrets_urls = (
    [
        path("", secrets.index, name="list"),
        path("new/", secrets.create, name="create"),
        path("<uuid:secret_id>/", secrets.detail, name="detail"),
        path("<uuid:secret_id>/body/", secrets.body, name="body"),
        path("<uuid:secret_id>/update/", secrets.update, name="update"),
        path("<uuid:secret_id>/restore/<int:number>/", secrets.restore, name="restore"),
        path("<uuid:secret_id>/status/", secrets.switch, name="switch"),
        path("<uuid:secret_id>/delete/", secrets.delete, name="delete"),
        *_shares(Secret),
    ],
    "secrets",
)
accounts_urls = (
    [
        path("", accounts.index, name="list"),
        path("new/", accounts.create, name="create"),
        path("<uuid:pk>/", accounts.detail, name="detail"),
        path("<uuid:pk>/edit/", accounts.update, name="update"),
        path("<uuid:pk>/status/", accounts.switch, name="switch"),
        path("<uuid:pk>/login/", accounts.login, name="login"),
        path("<uuid:pk>/password/", accounts.password, name="password"),
        path("<uuid:pk>/password/set/", accounts.set_password, name="set_password"),
        *_shares(Account),
    ],
    "accounts",
)
collections_urls = (
    [
        path("", collections.index, name="list"),
        path("new/", collections.create, name="create"),
        path("<uuid:pk>/", collections.detail, name="detail"),
        path("<uuid:pk>/edit/", collections.update, name="update"),
        path("<uuid:pk>/status/", collections.switch, name="switch"),
        path("<uuid:pk>/add/", collections.offer, name="offer"),
        path(
            "<uuid:pk>/add/account/<uuid:item_id>/",
            collections.add,
            {"kind": "account"},
            name="add_account",
        ),
        path(
            "<uuid:pk>/add/secret/<uuid:item_id>/",
            collections.add,
            {"kind": "secret"},
            name="add_secret",
        ),
        path("<uuid:pk>/remove/<int:entry_id>/", collections.remove, name="remove"),
        *_shares(Collection),
    ],
    "collections",
)
