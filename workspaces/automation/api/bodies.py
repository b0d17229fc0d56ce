"""What the operations on integrations and jobs ask for, and how they refuse it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID  # noqa: TC003  (read when a class is made)

from django.core.exceptions import ValidationError
from pydantic import Field

from workspaces.automation.actions.users import MOST_ENTITLEMENTS, MOST_USERS, ConflictError
from workspaces.contract import errors
from workspaces.contract.envelope import Body

if TYPE_CHECKING:
    from collections.abc import Iterator


class EntitlementReference(Body):
    """An entitlement by its id, as `/integrations/{id}/entitlements` shows it."""

    id: str = Field(min_length=1, max_length=100)


References = Annotated[
    list[EntitlementReference], Field(min_length=1, max_length=MOST_ENTITLEMENTS)
]


class InvitationAttributes(Body):
    role: Literal["account_owner", "account_collaborator"]
    entitlements: References | None = None
    user_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_USERS)]


class InvitationData(Body):
    type: Literal["invite_tenant_users"]
    attributes: InvitationAttributes


class Invitation(Body):
    """Members of the workspace who are to have an account in the application."""

    data: InvitationData


class ReplacementAttributes(Body):
    entitlements: References


class ReplacementData(Body):
    type: Literal["update_user_entitlement"]
    attributes: ReplacementAttributes


class Replacement(Body):
    """All that the user is to be granted."""

    data: ReplacementData


class SomeEntitlements(Body):
    entitlements: References


class ChangeData(Body):
    add: SomeEntitlements | None = None
    remove: SomeEntitlements | None = None


class Change(Body):
    """What the user is to be granted besides, and what no more; either or both."""

    data: ChangeData


class CheckAttributes(Body):
    integration_id: UUID


class CheckData(Body):
    type: Literal["get_business"]
    attributes: CheckAttributes


class Check(Body):
    """The integration whose users and entitlements are to be read from the application."""

    data: CheckData


def codes(references: list[EntitlementReference] | None) -> list[str]:
    return [reference.id for reference in references or ()]


@contextmanager
def refusals(places: dict[str, tuple[str, ...]]) -> Iterator[None]:
    """Answer what an action refuses: a conflict as a 409, all else as a 400.

    `places` says where in the body each of the action's parameters is.
    """
    try:
        yield
    except ConflictError as conflict:
        raise errors.conflict(conflict.messages[0]) from None
    except ValidationError as refusal:
        told = getattr(refusal, "message_dict", {"": refusal.messages})
        raise errors.invalid(
            {"loc": ("body", "data", *places.get(name, ())), "msg": message, "type": "value_error"}
            for name, messages in told.items()
            for message in messages
        ) from None
