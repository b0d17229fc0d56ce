"""The demo: two workspaces to try everything in, made by the actions of the product itself."""

from __future__ import annotations

from django.db import transaction

from workspaces.directory.models import Workspace

from . import integrations, items, secrets
from .workspace import ACME_MEMBERS, ACME_OWNER, GLOBEX_OWNER, TEAMS, Demo


def create_demo(password: str) -> bool:
    """Make both workspaces, whole, with `password` for everyone. False: acme is there already."""
    if Workspace.objects.filter(slug="acme").exists():
        return False
    with transaction.atomic():
        acme = Demo("acme", "Acme Corp", ACME_OWNER, password)
        acme.add(ACME_MEMBERS, TEAMS)
        secrets.fill(acme, secrets.ACME_ITEMS)
        items.fill_acme(acme)
        integrations.fill_acme(acme)
        globex = Demo("globex", "Globex", GLOBEX_OWNER, password)
        secrets.fill(globex, secrets.GLOBEX_ITEMS)
        items.fill_globex(globex)
        integrations.fill_globex(globex)
    return True
