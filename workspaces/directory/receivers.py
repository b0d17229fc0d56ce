"""Records sign-ins and passwords, in every workspace that the person is a live member of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_reset, user_logged_in
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from workspaces.activity.actions import Target, record
from workspaces.activity.events import Event

from .models import User
from .queries import actor_for, live_memberships, origin_of

if TYPE_CHECKING:
    from django.http import HttpRequest


@receiver(user_logged_in)
def record_login(request: HttpRequest, user: User, **_signal: Any) -> None:
    proofs = get_authentication_records(request, user)
    # A second factor is recorded as "mfa" of a type, such as "totp".
    method = "+".join(dict.fromkeys(proof.get("type", proof["method"]) for proof in proofs))
    _record(request, user, Event.LOGIN, method=method)


@receiver(user_login_failed)
def record_failed_login(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: Any
) -> None:
    email = str(credentials.get("email", "")).strip().lower()
    user = User.objects.filter(email=email).first() if email else None
    if request is not None and user is not None:
        _record(request, user, Event.LOGIN_FAILED)


@receiver(user_logged_out)
def record_logout(request: HttpRequest, user: User | None, **_signal: Any) -> None:
    if user is not None:
        _record(request, user, Event.LOGOUT)


@receiver(password_changed)
def record_changed_password(request: HttpRequest, user: User, **_signal: Any) -> None:
    _record(request, user, Event.PASSWORD_CHANGED)


@receiver(password_reset)
def record_reset_password(request: HttpRequest, user: User, **_signal: Any) -> None:
    _record(request, user, Event.PASSWORD_RESET)


def _record(request: HttpRequest, user: User, event: Event, **details: str) -> None:
    origin = origin_of(request)
    target = Target("user", user.id, user.get_full_name())
    with transaction.atomic():
        for member in live_memberships(user):
            record(actor_for(member, origin), event, target=target, **details)
