"""Accounts: what a person signs in to elsewhere, and the password for it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q

from workspaces.activity.credentials import refuse_key
from workspaces.directory.models import User, Workspace
from workspaces.names import refuse_invisible

from .secrets import Vault
from .shares import Share


class MfaType(models.TextChoices):
    """A way in which an application asks for a second factor, as the contract spells it."""

    RSA_TOKEN = "rsa_secur_id_token", "RSA SecurID token"
    OTP = "otp", "One-time password"
    EMAIL = "email", "E-mail"
    VOIP = "voip", "Call or text to a VoIP number"
    NON_VOIP = "non-voip", "Call or text to a phone number"


def check_mfa_types(value: Any) -> None:
    """Validate a list of `MfaType`s, each at most once."""
    if not isinstance(value, list) or not set(value) <= set(MfaType.values):
        raise ValidationError("Choose among the known types.")
    if len(set(value)) < len(value):
        raise ValidationError("Choose each type once.")


def domain_of(url: str) -> str:
    """The host that the URL leads to, without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else ""


class Account(models.Model):
    """An account with an application. Its password is in `AccountPassword`, never here."""

    class Status(models.TextChoices):
        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="accounts", db_index=False
    )
    application = models.CharField(
        max_length=100,
        validators=[
            refuse_key,
            refuse_invisible,
            RegexValidator(r"\A[^,]*\Z", "A comma separates applications: leave it out."),
        ],
    )
    label = models.CharField(max_length=200, validators=[refuse_key, refuse_invisible])
    url = models.CharField(
        "URL",
        max_length=2000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"]), refuse_key],
    )
    business_id = models.CharField(
        "business ID", max_length=200, blank=True, validators=[refuse_key, refuse_invisible]
    )
    email = models.EmailField("e-mail", max_length=254, blank=True)
    phone = models.CharField(
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"\A\+?[0-9][0-9 ().-]{2,}\Z", "Enter a phone number.")],
    )
    cerby_managed_email = models.BooleanField("e-mail managed by Cerby", default=False)
    cerby_managed_phone = models.BooleanField("phone managed by Cerby", default=False)
    has_backup_code = models.BooleanField("backup codes", default=False)
    has_passkey = models.BooleanField("passkey", default=False)
    has_totp = models.BooleanField("authenticator app", default=False)
    mfa_enabled = models.BooleanField("asks for a second factor", default=False)
    mfa_types = models.JSONField(default=list, blank=True, validators=[check_mfa_types])
    status = models.CharField(max_length=8, choices=Status, default=Status.ENABLED)
    last_login_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    last_login_at = models.DateTimeField(null=True)
    # Null until a password is kept: so the lists know without reading what is sealed.
    password_changed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["enabled", "disabled"]), name="account_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(last_login_by__isnull=True, last_login_at__isnull=True)
                | Q(last_login_by__isnull=False, last_login_at__isnull=False),
                name="a_login_is_by_someone_at_some_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="accounts_in_order"),
            models.Index(
                fields=["workspace", "application", "created_at", "id"],
                name="accounts_by_application",
            ),
            models.Index(
                fields=["workspace", "status", "created_at", "id"], name="accounts_by_status"
            ),
            models.Index(fields=["workspace", "label", "id"], name="accounts_by_label"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def domain(self) -> str:
        return domain_of(self.url)

    @property
    def mfa_labels(self) -> list[str]:
        """The ways in which it asks for a second factor, in words."""
        return [str(MfaType(name).label) for name in self.mfa_types]

    @property
    def password_set(self) -> bool:
        return self.password_changed_at is not None


class AccountPassword(models.Model):
    """The password of an account, sealed under its workspace's data key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="password")
    vault = models.ForeignKey(Vault, on_delete=models.PROTECT, related_name="passwords")
    # Each new value is sealed for a place of its own: an old one does not open in its stead.
    version = models.PositiveIntegerField(default=1)
    sealed_value = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"password of {self.account_id}"


class AccountShare(Share):
    """Someone who shares an account. Only its Owners change it and read its password."""

    item = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="shares")
