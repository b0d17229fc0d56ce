"""The public API: the operations of every app, put together."""

from __future__ import annotations

from workspaces.activity.api import router as activity
from workspaces.automation.api import routers as automation
from workspaces.contract.assembly import assemble
from workspaces.directory.api import router as directory
from workspaces.keys.api import router as keys
from workspaces.vaults.api import routers as vaults

DESCRIPTION = """\
Send an API key in the `X-API-Key` header. The key decides the workspace, and may do what its
scopes **and** its owner's present role allow. Keys are made in the web app: Settings, API keys.

Every error has one shape, `{"errors": [{"code", "title", "detail", "status", "meta"}]}`. Lists come
in pages (`page[number]`, `page[size]`), with relative links to the next and the previous one.
Answers are JSON whatever `Accept` asks for; bodies are JSON in UTF-8, of at most 1 MiB. Unknown
parameters and fields are refused by name. `RateLimit` tells how many requests the key has left.
`x-required-scopes` holds sets of scopes of which one is enough."""

api = assemble("cerbykeys", "1", DESCRIPTION, keys, directory, *vaults, *automation, activity)
