"""The API's accounts and their passwords."""

from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import Permission
from workspaces.contract.envelope import (
    Document,
    ListMeta,
    Many,
    One,
    Resource,
    Shape,
    Timestamp,
    in_utc,
    one_of,
)
from workspaces.contract.filters import CommaSeparated, CommaSeparatedText
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Integer, Page, paged_whole
from workspaces.contract.reading import reading
from workspaces.contract.scopes import Scope, all_of
from workspaces.vaults import actions, queries
from workspaces.vaults.models import Account, AccountPassword
from workspaces.vaults.models.accounts import MfaType, domain_of

from .pages import walked

router = Operations(tags=["Accounts"])


class AccountAttributes(Shape):
    """What an account is; `workspace` is a slug, `createdBy` and `lastLoginBy` are ids of users."""

    application: str
    label: str
    workspace: str
    status: Annotated[str, one_of(Account.Status)]
    business_id: str | None
    url: str | None
    domain: str | None
    email: str | None
    phone: str | None
    cerby_managed_email: bool
    cerby_managed_phone: bool
    has_backup_code: bool
    has_passkey: bool
    has_totp: bool
    mfa_enabled: bool
    mfa_types: list[Annotated[str, one_of(MfaType)]]
    password_set: bool
    last_login_by: UUID | None
    last_login_date: Timestamp | None
    last_password_change: Timestamp | None
    created_at: Timestamp
    created_by: UUID
    updated_at: Timestamp


class AccountResource(Resource[Literal["account"], AccountAttributes]):
    """An account with an application, without its password."""


class AccountRow(NamedTuple):
    """What is shown of an account."""

    id: str
    application: str
    label: str
    url: str
    business_id: str
    email: str
    phone: str
    cerby_managed_email: bool
    cerby_managed_phone: bool
    has_backup_code: bool
    has_passkey: bool
    has_totp: bool
    mfa_enabled: bool
    mfa_types: list[str]
    status: str
    last_login_by_id: str | None
    last_login_at: str | None
    password_changed_at: str | None
    created_by_id: str
    created_at: str
    updated_at: str


class OneAccount(One[AccountResource]):
    pass


class Accounts(Many[AccountResource, ListMeta]):
    pass


class PasswordBody(Shape):
    """The password itself."""

    type: Literal["plaintext"] = "plaintext"
    value: str


class PasswordAttributes(Shape):
    secret_type: Literal["password"] = "password"  # noqa: S105  (the name of the kind)
    vault_id: UUID
    body: PasswordBody
    created_at: Timestamp
    updated_at: Timestamp


class PasswordResource(Resource[Literal["password"], PasswordAttributes]):
    """The password of an account."""


class AccountSecrets(Many[PasswordResource, ListMeta]):
    pass


class AccountFilters(Shape):
    """What narrows the list of accounts."""

    application: Annotated[tuple[str, ...] | None, CommaSeparatedText()] = Field(
        None, alias="filter[application]", description="Applications; comma-separated."
    )
    status: Annotated[tuple[str, ...] | None, CommaSeparated(Account.Status)] = Field(
        None, alias="filter[status]", description="`enabled`, `disabled`; comma-separated."
    )


class SecretTypeFilter(Shape):
    """Which of the account's secrets are asked for: only passwords are kept."""

    secret_type: Literal["password"] = Field(
        alias="filter[secretType]", description="`password`, which has to be asked for by name."
    )


class SecretsPage(Page):
    """A page of an account's secrets."""

    size: Integer = Field(20, ge=1, le=100, alias="page[size]", description="Secrets in a page.")


@router.operation(
    "GET",
    "/accounts",
    scopes=all_of(Scope.READ_ACCOUNTS),
    permission=Permission.READ_ITEMS,
    answers=Accounts,
)
def list_accounts(
    request: ApiRequest, page: Query[Page], filters: Query[AccountFilters]
) -> Document:
    """The accounts that the key's owner owns: directly, by a team, or by a collection."""
    actor = request.actor
    walk = queries.walk_accounts(
        actor,
        AccountRow,
        applications=filters.application or (),
        statuses=filters.status or (),
    )

    def show(account: AccountRow) -> Document:
        return _account(account, actor.workspace_slug)

    return walked(request, page, walk, show)


@router.operation(
    "GET",
    "/accounts/{id}",
    scopes=all_of(Scope.READ_ACCOUNTS),
    permission=Permission.READ_ITEMS,
    answers=OneAccount,
)
def get_account(request: ApiRequest, account_id: PathEx[UUID, P(alias="id")]) -> Document:
    """One account, without its password."""
    accounts = reading(queries.owned_accounts_for, AccountRow, request.actor)
    return {"data": _account(accounts.get(pk=account_id), request.actor.workspace_slug)}


@router.operation(
    "GET",
    "/accounts/{id}/secrets",
    scopes=all_of(Scope.READ_ACCOUNTS),
    permission=Permission.READ_ITEMS,
    answers=AccountSecrets,
)
def list_account_secrets(
    request: ApiRequest,
    account_id: PathEx[UUID, P(alias="id")],
    page: Query[SecretsPage],
    filters: Query[SecretTypeFilter],  # noqa: ARG001  (required, and has one value)
) -> Document:
    """The account's password, in clear; that it was read is recorded.

    Empty where none is set, and while the account is disabled.
    """
    read = actions.read_password(request.actor, account_id)
    return paged_whole(request, page, [_password(*read)] if read else [])


def _account(account: AccountRow, workspace_slug: str) -> Document:
    return {
        "id": account.id,
        "type": "account",
        "attributes": {
            "application": account.application,
            "label": account.label,
            "workspace": workspace_slug,
            "status": account.status,
            "businessId": account.business_id or None,
            "url": account.url or None,
            "domain": domain_of(account.url) or None,
            "email": account.email or None,
            "phone": account.phone or None,
            "cerbyManagedEmail": account.cerby_managed_email,
            "cerbyManagedPhone": account.cerby_managed_phone,
            "hasBackupCode": account.has_backup_code,
            "hasPasskey": account.has_passkey,
            "hasTotp": account.has_totp,
            "mfaEnabled": account.mfa_enabled,
            "mfaTypes": account.mfa_types,
            "passwordSet": account.password_changed_at is not None,
            "lastLoginBy": account.last_login_by_id,
            "lastLoginDate": account.last_login_at,
            "lastPasswordChange": account.password_changed_at,
            "createdAt": account.created_at,
            "createdBy": account.created_by_id,
            "updatedAt": account.updated_at,
        },
    }


def _password(password: AccountPassword, value: str) -> Document:
    return {
        "id": str(password.id),
        "type": "password",
        "attributes": {
            "secretType": "password",
            "vaultId": str(password.vault_id),
            "body": {"type": "plaintext", "value": value},
            "createdAt": in_utc(password.created_at),
            "updatedAt": in_utc(password.updated_at),
        },
    }
