"""What binds activities together: digests that nobody can make without the server's key.

Every activity carries the HMAC-SHA-256 of all its fields, of the digest before it and of the
signature that the head of the chain bore when it was added. A head that was set back by hand
bears no valid signature, so the next activity gives it away without repeating the signature.
"""

from __future__ import annotations

import ipaddress
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from workspaces.sealing.keyring import Purpose, keyring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from .models import Activity

# What the first activity of a chain follows.
GENESIS = "0" * 64


def current_version() -> int:
    """The version of the server key that signs from now on."""
    return keyring().current(Purpose.ACTIVITY).version


def digest(activity: Activity, head_signature: str) -> str:
    """The digest of `activity`, added where the head bore `head_signature`."""
    return _signed(
        activity.key_version,
        "activity",
        {
            "head": head_signature,
            "id": str(activity.id),
            "workspace": str(activity.workspace_id),
            "sequence": activity.sequence,
            "timestamp": moment(activity.timestamp),
            "event": activity.event,
            "actorType": activity.actor_type,
            "actorId": _text(activity.actor_id),
            "actorEmail": activity.actor_email,
            "actorName": activity.actor_name,
            "userId": _text(activity.user_id),
            "targetType": activity.target_type,
            "targetId": activity.target_id,
            "targetName": activity.target_name,
            "ip": activity.ip and ipaddress.ip_address(activity.ip).exploded,
            "userAgent": activity.user_agent,
            "requestId": activity.request_id,
            "details": activity.details,
            "previousDigest": activity.previous_digest,
        },
    )


def head_signature(key_version: int, workspace_id: UUID, sequence: int, last_digest: str) -> str:
    """The signature of a chain's head that stands at `sequence`."""
    content = {"workspace": str(workspace_id), "sequence": sequence, "digest": last_digest}
    return _signed(key_version, "head", content)


def checkpoint_signature(key_version: int, content: Mapping[str, Any]) -> str:
    """The signature of an exported checkpoint."""
    return _signed(key_version, "checkpoint", content)


def moment(time: datetime) -> str:
    """A time to the microsecond, which is what SQLite and PostgreSQL both keep."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _signed(key_version: int, kind: str, content: Mapping[str, Any]) -> str:
    """HMAC-SHA-256, in hexadecimal, over the kind and the canonical JSON of `content`.

    Canonical in the manner of RFC 8785: sorted names, no white space, and no floating-point
    numbers (`record` lets none in), whose text would depend on who wrote it.
    """
    key = keyring().version(Purpose.ACTIVITY, key_version)
    text = json.dumps(
        [kind, key_version, content], sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return key.mac(text.encode("ascii")).hex()
