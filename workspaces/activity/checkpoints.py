"""Signed notes of where chains stood, kept elsewhere: they find a chain that was set back whole.

One JSON object a line: workspace, sequence, digest, time, keyVersion, signature.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from workspaces.sealing.keyring import UnknownKeyVersionError

from . import chain
from .models import Activity
from .verification import BrokenChainError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .verification import Link


class NotACheckpointError(ValueError):
    """The line is no checkpoint that this server signed."""


def checkpoint(workspace_id: UUID, end: Link) -> str:
    """The line to keep for a chain that was verified up to `end`."""
    key_version = chain.current_version()
    content = {
        "workspace": str(workspace_id),
        "sequence": end.sequence,
        "digest": end.digest,
        "time": chain.moment(timezone.now()),
        "keyVersion": key_version,
    }
    signature = chain.checkpoint_signature(key_version, content)
    return json.dumps({**content, "signature": signature})


def read(line: str) -> Mapping[str, Any]:
    """What a line holds. Raises NotACheckpointError."""
    try:
        content = json.loads(line)
        signature = content.pop("signature")
        expected = chain.checkpoint_signature(content["keyVersion"], content)
        genuine = hmac.compare_digest(expected, signature)
    except (ValueError, KeyError, TypeError, AttributeError, UnknownKeyVersionError):
        genuine = False
    if not genuine:
        raise NotACheckpointError
    return {**content, "workspace": UUID(content["workspace"])}


def compare(content: Mapping[str, Any]) -> None:
    """Check that the chain still holds what the checkpoint saw. Raises BrokenChainError."""
    found = Activity.objects.filter(
        workspace_id=content["workspace"], sequence=content["sequence"]
    ).values_list("digest", flat=True)
    if not found:
        problem = f"it is missing, and was there on {content['time']}"
        raise BrokenChainError(content["sequence"], problem)
    if list(found) != [content["digest"]]:
        problem = f"it is not the one that was there on {content['time']}"
        raise BrokenChainError(content["sequence"], problem)
