"""Applications that speak SCIM 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workspaces.automation.outbound.addresses import require_listed

from .base import Connector, Link, Session

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def _open(link: Link) -> AbstractContextManager[Session]:
    url = urlsplit(link.base_url)
    require_listed(url.scheme, url.hostname or "", url.port)
    # It takes a second to load, and only workers need it.
    from workspaces.automation.outbound.scim import open_session  # noqa: PLC0415

    return open_session(link)


CONNECTOR = Connector(
    name="scim",
    label="SCIM 2.0",
    description="The application is told at once, through its SCIM interface.",
    open=_open,
)
