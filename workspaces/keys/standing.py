"""What is wrong with a key whose secret matched, as its facts tell."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workspaces.actor import Permission
from workspaces.directory.models import Member
from workspaces.directory.roles import permissions_of

from .models import ApiKey

if TYPE_CHECKING:
    from .facts import Facts


class Reason(StrEnum):
    """Why a key whose secret matched is refused (the contract's `meta.reason`)."""

    REMOVED = "removed"
    EXPIRED = "expired"
    DISABLED = "disabled"
    OWNER_REMOVED = "owner_removed"
    OWNER_DISABLED = "owner_disabled"
    OWNER_ROLE = "owner_role"
    OTHER_WORKSPACE = "other_workspace"


def judge(facts: Facts, now: float) -> Reason | None:
    """Why the key opens nothing at `now` (seconds since 1970); None where it does."""
    if now < facts.good_until:
        return None
    if facts.lasting_reason is Reason.REMOVED or now < facts.expires_at.timestamp():
        return facts.lasting_reason
    return Reason.EXPIRED


def lasting_reason(facts: Facts) -> Reason | None:  # noqa: PLR0911  (one for each reason)
    """Why the key opens nothing for as long as these are its facts, whatever the time."""
    if facts.status == ApiKey.Status.REMOVED:
        return Reason.REMOVED
    if facts.status == ApiKey.Status.EXPIRED:
        return Reason.EXPIRED
    if facts.status != ApiKey.Status.ACTIVE:
        return Reason.DISABLED
    if facts.member_id is None:
        return Reason.OWNER_REMOVED
    if facts.member_status != Member.Status.LIVE or not facts.user_is_active:
        return Reason.OWNER_DISABLED
    if Permission.OWN_KEYS not in permissions_of(facts.role or ""):
        return Reason.OWNER_ROLE
    return None
