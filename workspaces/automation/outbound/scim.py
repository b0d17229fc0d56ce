"""Applications that speak SCIM 2.0 (RFC 7643, RFC 7644), by scim2-client over httpx.

Primary entitlements are a user's `roles`, secondary ones its `entitlements`. An account is found
again by its `externalId`, the user's id here, or by its `userName`, their e-mail address.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from scim2_client import BaseSyncSCIMClient, SCIMClientException
from scim2_models import ListResponse, SCIMException, ScimProvider, User

from workspaces.automation.connectors.base import (
    Account,
    ConnectorError,
    ErrorType,
    Grant,
    Link,
    Person,
    plain,
)

from . import http

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVIDER = ScimProvider(models=[User])
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PAGE_SIZE = 100
MOST_ACCOUNTS = 10_000
# What there is room for.
LONGEST_VALUE = 100
LONGEST = 200


@contextmanager
def open_session(link: Link) -> Iterator[ScimSession]:
    """A session with the application at `link`."""
    with http.Client(link) as client:
        yield ScimSession(ScimClient(client), deletes=link.deletes)


class ScimClient(BaseSyncSCIMClient):
    """scim2-client's requests and checks, over our own HTTP."""

    def __init__(self, client: http.Client) -> None:
        super().__init__(provider=PROVIDER)
        self.client = client

    def request(self, method: str, url: str, **options: Any) -> http.Answer:
        options["headers"] = {"Accept": "application/scim+json", **options.get("headers", {})}
        if "json" in options:
            options["headers"]["Content-Type"] = "application/scim+json"
        return http.ask(self.client, method, url, **options)

    def _stays_under_base_url(self, endpoint: str) -> bool:
        base, built = self.client.base_url, self.client.build_request("GET", endpoint).url
        same = (built.scheme, built.host, built.port) == (base.scheme, base.host, base.port)
        return same and built.raw_path.startswith(base.raw_path)


class ScimSession:
    """An application's users, by SCIM."""

    def __init__(self, client: ScimClient, *, deletes: bool) -> None:
        self.client = client
        self.deletes = deletes

    def provide(self, person: Person, grants: tuple[Grant, ...]) -> str:
        account = self._find(person)
        if account is None:
            wanted = {
                "schemas": [SCHEMA],
                "userName": person.email,
                "externalId": person.id,
                "name": {"givenName": person.first_name, "familyName": person.last_name},
                "emails": [{"value": person.email, "primary": True}],
                "active": True,
                **_granted(grants),
            }
            try:
                with _understood():
                    return _id_of(self.client.create(User, wanted))
            except ConflictError:
                # Someone was faster: perhaps we, before we were interrupted.
                account = self._find(person)
                if account is None:
                    raise
        self._patch(_id_of(account), active=True, **_granted(grants))
        return _id_of(account)

    def update(self, person: Person, grants: tuple[Grant, ...]) -> None:
        self._patch(self._known(person), **_granted(grants))

    def revoke(self, person: Person) -> None:
        try:
            account_id = self._known(person)
            if self.deletes:
                with _understood():
                    self.client.delete(User, account_id)
            else:
                self._patch(account_id, active=False)
        except ConnectorError as error:
            if error.error_type != ErrorType.NOT_FOUND:
                raise

    def survey(self) -> Iterator[Account]:
        start = 1
        while start <= MOST_ACCOUNTS:
            page = self._query({"startIndex": start, "count": PAGE_SIZE})
            yield from (_account(user) for user in page.resources or ())
            start += len(page.resources or ())
            if not page.resources or start > (page.total_results or 0):
                return
        msg = f"The application has more than {MOST_ACCOUNTS} accounts."
        raise ConnectorError(ErrorType.UNREADABLE, msg)

    def _known(self, person: Person) -> str:
        if person.remote_id:
            return person.remote_id
        account = self._find(person)
        if account is None:
            raise ConnectorError(ErrorType.NOT_FOUND, f"There is no account of {person.email}.")
        return _id_of(account)

    def _find(self, person: Person) -> User[Any] | None:
        """The person's account, whether we made it or someone else did."""
        for attribute, value in (("externalId", person.id), ("userName", person.email)):
            # Texts in filters are written as in JSON (RFC 7644, 3.4.2.2).
            found = self._query({"filter": f"{attribute} eq {json.dumps(value)}"})
            if found.resources:
                user: User[Any] = found.resources[0]
                return user
        return None

    def _query(self, asked: dict[str, Any]) -> ListResponse[Any]:
        with _understood():
            found = self.client.query(User, query_parameters=asked)
        if not isinstance(found, ListResponse):
            raise ConnectorError(ErrorType.UNREADABLE, "The application answered with no list.")
        return found

    def _patch(self, account_id: str, **values: Any) -> None:
        operations = [
            {"op": "replace", "path": path, "value": value} for path, value in values.items()
        ]
        with _understood():
            self.client.modify(
                User, account_id, {"schemas": [PATCH_SCHEMA], "Operations": operations}
            )


class ConflictError(ConnectorError):
    """The application has such an account already."""


@contextmanager
def _understood() -> Iterator[None]:
    """Say what a refusal by SCIM means here."""
    try:
        yield
    except SCIMException as refusal:
        status, detail = refusal.status, refusal.detail[:200]
    except SCIMClientException as failure:
        status = getattr(failure.source, "status_code", HTTPStatus.OK)
        detail = str(failure)[:200]
    else:
        return
    told = f"The application answered {status}: {detail}"
    if status == HTTPStatus.NOT_FOUND:
        raise ConnectorError(ErrorType.NOT_FOUND, told)
    if status == HTTPStatus.CONFLICT:
        raise ConflictError(ErrorType.REFUSED, told)
    if status >= HTTPStatus.BAD_REQUEST:
        raise ConnectorError(ErrorType.REFUSED, told)
    raise ConnectorError(ErrorType.UNREADABLE, f"The answer could not be read: {detail}")


def _id_of(user: Any) -> str:
    account_id = str(user.id or "")
    if not 0 < len(account_id) <= LONGEST or account_id != plain(account_id):
        msg = "The application told no usable id of the account."
        raise ConnectorError(ErrorType.UNREADABLE, msg)
    return account_id


def _granted(grants: tuple[Grant, ...]) -> dict[str, list[dict[str, str]]]:
    granted: dict[str, list[dict[str, str]]] = {"roles": [], "entitlements": []}
    for grant in grants:
        attribute = "roles" if grant.is_primary else "entitlements"
        granted[attribute].append({"value": grant.value, "display": grant.label})
    return granted


def _account(user: User[Any]) -> Account:
    emails = sorted(user.emails or (), key=lambda email: not email.primary)
    grants: list[tuple[Any, bool]] = [(role, True) for role in user.roles or ()]
    grants += [(entitlement, False) for entitlement in user.entitlements or ()]
    fields = {"displayName": user.display_name, "title": user.title, "userType": user.user_type}
    return Account(
        remote_id=_id_of(user),
        email=plain((emails[0].value if emails else None) or user.user_name or ""),
        is_active=user.active is not False,
        grants=tuple(
            Grant(grant.value, plain(grant.display or grant.value)[:LONGEST], is_primary)
            for grant, is_primary in grants
            if grant.value
            and len(grant.value) <= LONGEST_VALUE
            and grant.value == plain(grant.value)
        ),
        fields={name: plain(value)[:LONGEST] for name, value in fields.items() if value},
    )
