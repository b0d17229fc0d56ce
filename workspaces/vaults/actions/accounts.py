"""Every write to accounts; reading an account's password, which leaves a trace, is one too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from workspaces.activity.actions import record
from workspaces.activity.events import Event
from workspaces.actor import Permission
from workspaces.directory.roles import require
from workspaces.sealing.envelope import Place, seal, unseal
from workspaces.vaults import queries
from workspaces.vaults.models import Account, AccountPassword, AccountShare, Role

from .sharing import acting_user, owned_now, target
from .vaults import require_open

if TYPE_CHECKING:
    from uuid import UUID

    from workspaces.actor import Actor
    from workspaces.vaults.models import Vault

MAX_PASSWORD_BYTES = 4 * 1024
# What an Owner may say of an account; the rest is known from what was done.
FACTS = (
    "application",
    "label",
    "url",
    "business_id",
    "email",
    "phone",
    "cerby_managed_email",
    "cerby_managed_phone",
    "mfa_enabled",
    "mfa_types",
    "has_totp",
    "has_passkey",
    "has_backup_code",
)


def create_account(actor: Actor, **facts: Any) -> Account:
    """Add an account, of which the actor becomes the Owner; `facts` are some of `FACTS`.

    Raises PermissionDenied, ValidationError.
    """
    require(actor, Permission.CREATE_ITEMS)
    user_id = acting_user(actor)
    account = Account(workspace_id=actor.workspace_id, created_by_id=user_id, updated_by_id=user_id)
    _change(account, facts)
    with transaction.atomic():
        account.save(force_insert=True)
        AccountShare.objects.create(item=account, member_id=actor.member_id, role=Role.OWNER)
        record(
            actor,
            Event.ACCOUNT_CREATED,
            target=target(account),
            application=account.application,
        )
    return account


def update_account(actor: Actor, account: Account, **facts: Any) -> Account:
    """Change what is said of the account. Only for its Owners."""
    with transaction.atomic():
        account = owned_now(actor, account)
        if changes := _change(account, facts):
            account.updated_by_id = acting_user(actor)
            account.save(update_fields=[*changes, "updated_by", "updated_at"])
            record(actor, Event.ACCOUNT_UPDATED, target=target(account), changes=changes)
    return account


def set_account_status(actor: Actor, account: Account, status: str) -> Account:
    """Disable the account, which keeps its password from everyone, or enable it again."""
    if status not in Account.Status.values:
        raise ValidationError({"status": "Choose enabled or disabled."})
    with transaction.atomic():
        account = owned_now(actor, account)
        if account.status != status:
            account.status = status
            account.updated_by_id = acting_user(actor)
            account.save(update_fields=["status", "updated_by", "updated_at"])
            disabled = status == Account.Status.DISABLED
            event = Event.ACCOUNT_DISABLED if disabled else Event.ACCOUNT_ENABLED
            record(actor, event, target=target(account))
    return account


def set_password(actor: Actor, account: Account, value: str, vault: Vault) -> AccountPassword:
    """Seal the account's password into the vault, in place of the one before. For its Owners."""
    plaintext = value.encode()
    if not plaintext:
        raise ValidationError({"password": "Enter the password."})
    if len(plaintext) > MAX_PASSWORD_BYTES:
        limit = f"A password holds at most {MAX_PASSWORD_BYTES // 1024} KiB."
        raise ValidationError({"password": limit})
    with transaction.atomic():
        account = owned_now(actor, account)
        require_open(actor, vault)
        password = AccountPassword.objects.filter(account=account).first()
        if password is None:
            password = AccountPassword(account=account, version=0)
        password.vault = vault
        password.version += 1
        password.sealed_value = seal(_place(account, password), plaintext)
        password.save()
        account.password_changed_at = timezone.now()
        account.updated_by_id = acting_user(actor)
        account.save(update_fields=["password_changed_at", "updated_by", "updated_at"])
        record(actor, Event.ACCOUNT_PASSWORD_UPDATED, target=target(account), vault=vault.name)
    return password


def read_password(actor: Actor, account_id: UUID) -> tuple[AccountPassword, str] | None:
    """The account's password and its value in clear, or None where there is none to read.

    Only for the account's Owners: Collaborators sign in with it and do not see it. That it was
    read is recorded, or it is not read. A disabled account yields nothing. Raises
    PermissionDenied, Account.DoesNotExist.
    """
    require(actor, Permission.READ_ITEMS)
    with transaction.atomic():
        account = queries.owned_accounts_for(actor).get(pk=account_id)
        password = AccountPassword.objects.filter(account=account).first()
        if password is None or account.status == Account.Status.DISABLED:
            return None
        value = unseal(_place(account, password), bytes(password.sealed_value))
        record(actor, Event.ACCOUNT_PASSWORD_REQUESTED, target=target(account))
    return password, value.decode()


def record_login(actor: Actor, account_id: UUID) -> Account:
    """Note that the actor goes to the account to sign in: for everyone who shares it.

    Raises PermissionDenied (also while the account is disabled), Account.DoesNotExist.
    """
    require(actor, Permission.READ_ITEMS)
    user_id = acting_user(actor)
    with transaction.atomic():
        account: Account = queries.accounts_for(actor).get(pk=account_id)
        if account.status == Account.Status.DISABLED:
            raise PermissionDenied
        # A login is no change of the account: `updated_at` stays as it is.
        facts = {"last_login_by_id": user_id, "last_login_at": timezone.now()}
        Account.objects.filter(pk=account.pk).update(**facts)
        record(actor, Event.ACCOUNT_LOGIN, target=target(account))
    return account


def _change(account: Account, facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Set the facts, checked, on the account; answer with what that changes."""
    if unknown := facts.keys() - set(FACTS):
        msg = f"an account has no {', '.join(sorted(unknown))}"
        raise TypeError(msg)
    before = {name: getattr(account, name) for name in FACTS}
    for name, value in facts.items():
        setattr(account, name, value.strip() if isinstance(value, str) else value)
    account.clean_fields(exclude={field.name for field in Account._meta.fields} - set(FACTS))
    return {
        name: {"from": before[name], "to": getattr(account, name)}
        for name in FACTS
        if getattr(account, name) != before[name]
    }


def _place(account: Account, password: AccountPassword) -> Place:
    return Place(
        account.workspace_id,
        "vaults_accountpassword",
        password.id,
        "sealed_value",
        password.version,
    )
