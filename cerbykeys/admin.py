"""The operators' site under /admin/: the product's own models, behind the site's own sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.contrib import admin
from django.shortcuts import redirect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.http import HttpRequest


class OperatorsSite(admin.AdminSite):
    site_title = "cerbykeys"
    site_header = "cerbykeys for operators"
    index_title = "Everything in this installation"
    site_url = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the product's models alone: what libraries register holds groups and seeds."""
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        own = [
            m
            for m in models
            if apps.get_app_config(m._meta.app_label).name.startswith("workspaces.")
        ]
        super().register(own, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's own page would let people in without their second factor."""
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(self, _request: HttpRequest, *_: Any) -> Any:
        return redirect("account_change_password")
