"""The API's accounts and their passwords."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import Permission
from workspaces.contract.envelope import ListMeta, Many, One, Resource, Shape, Timestamp, one_of
from workspaces.contract.filters import CommaSeparated, CommaSeparatedText
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import Integer, Page, paged_whole
from workspaces.contract.scopes import Scope, all_of
from workspaces.vaults import actions, queries
from workspaces.vaults.models import Account, AccountPassword
from workspaces.vaults.models.accounts import MfaType

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
) -> Accounts:
    """The accounts that the key's owner owns: directly, by a team, or by a collection."""
    actor = request.actor
    walk = queries.walk_accounts(
        actor, applications=filters.application or (), statuses=filters.status or ()
    )

    def show(account: Account) -> AccountResource:
        return _account(account, actor.workspace_slug)

    return walked(request, page, walk, show, Accounts)


@router.operation(
    "GET",
    "/accounts/{id}",
    scopes=all_of(Scope.READ_ACCOUNTS),
    permission=Permission.READ_ITEMS,
    answers=OneAccount,
)
def get_account(request: ApiRequest, account_id: PathEx[UUID, P(alias="id")]) -> OneAccount:
    """One account, without its password."""
    account = queries.owned_accounts_for(request.actor).get(pk=account_id)
    return OneAccount(data=_account(account, request.actor.workspace_slug))


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
) -> AccountSecrets:
    """The account's password, in clear; that it was read is recorded.

    Empty where none is set, and while the account is disabled.
    """
    read = actions.read_password(request.actor, account_id)
    return paged_whole(request, page, [_password(*read)] if read else [], AccountSecrets)


def _account(account: Account, workspace_slug: str) -> AccountResource:
    return AccountResource(
        id=account.id,
        type="account",
        attributes=AccountAttributes(
            application=account.application,
            label=account.label,
            workspace=workspace_slug,
            status=account.status,
            business_id=account.business_id or None,
            url=account.url or None,
            domain=account.domain or None,
            email=account.email or None,
            phone=account.phone or None,
            cerby_managed_email=account.cerby_managed_email,
            cerby_managed_phone=account.cerby_managed_phone,
            has_backup_code=account.has_backup_code,
            has_passkey=account.has_passkey,
            has_totp=account.has_totp,
            mfa_enabled=account.mfa_enabled,
            mfa_types=account.mfa_types,
            password_set=account.password_set,
            last_login_by=account.last_login_by_id,
            last_login_date=account.last_login_at,
            last_password_change=account.password_changed_at,
            created_at=account.created_at,
            created_by=account.created_by_id,
            updated_at=account.updated_at,
        ),
    )


def _password(password: AccountPassword, value: str) -> PasswordResource:
    return PasswordResource(
        id=password.id,
        type="password",
        attributes=PasswordAttributes(
            vault_id=password.vault_id,
            body=PasswordBody(value=value),
            created_at=password.created_at,
            updated_at=password.updated_at,
        ),
    )
