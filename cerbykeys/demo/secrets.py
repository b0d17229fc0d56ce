"""The secrets of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from workspaces.vaults import actions as vaults
from workspaces.vaults.models import Role, Secret

if TYPE_CHECKING:
    from .workspace import Demo

Category = Secret.Category
OWNER, COLLABORATOR = Role.OWNER, Role.COLLABORATOR
COMPANY, ENGINEERING = vaults.DEFAULT_VAULT_NAME, "Engineering vault"


class Item(NamedTuple):
    """A secret of the demo, and the people and teams that its owner shares it with."""

    owner: str
    vault: str
    category: Category
    title: str
    body: str
    shares: dict[str, Role]


ACME_ITEMS = [
    Item("owner", COMPANY, Category.WIFI_PASSWORD, "Office Wi-Fi", "harbour-otter-91-lantern",
         {"Engineering": COLLABORATOR, "Marketing": COLLABORATOR}),
    Item("owner", COMPANY, Category.TEXT, "Alarm code, front door", "4711, then the green key",
         {"superadmin": OWNER, "admin": COLLABORATOR}),
    Item("owner", COMPANY, Category.CUSTOM, "Domain registrar, recovery codes",
         "k7Q2-mV9x\nw3Rt-8pLd\nz5Yc-1nHs", {"superadmin": OWNER}),
    Item("owner", COMPANY, Category.TEXT, "Newsletter, sender account",
         "news@acme.example / Quill.Ferry.20", {"Marketing": OWNER}),
    Item("superadmin", COMPANY, Category.SOFTWARE_LICENSE, "Design suite, volume license",
         "ACME-2041-DSGN-7731-PRO9", {"Marketing": COLLABORATOR, "admin": OWNER}),
    Item("superadmin", ENGINEERING, Category.SERVER, "Backup server, root",
         "backup-01.acme.example\nroot / Tundra!Velvet!83", {"admin": COLLABORATOR}),
    Item("superadmin", ENGINEERING, Category.DATABASE, "Billing database, read only",
         "postgres://reader:m0ss-Anchor-62@billing-db.acme.example/billing",
         {"Engineering": COLLABORATOR, "owner": OWNER}),
    Item("admin", ENGINEERING, Category.SSH_KEY, "Deploy key, storefront",
         "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcmeStorefrontDeployExample deploy@acme.example",
         {"Engineering": OWNER}),
    Item("admin", ENGINEERING, Category.SERVER, "Staging server, deploy user",
         "staging-02.acme.example\ndeploy / Copper.Fjord.17", {"user": COLLABORATOR}),
    Item("admin", COMPANY, Category.TEXT, "Payroll portal",
         "https://payroll.example\nacme-admin / Birch_Saddle_45", {"owner": OWNER}),
    Item("user", ENGINEERING, Category.DATABASE, "Analytics warehouse",
         "warehouse.acme.example:5439\nanalyst / Pebble-Orchid-28", {"admin": COLLABORATOR}),
    Item("user", COMPANY, Category.CUSTOM, "Meeting room screen, pairing code", "0922-5580",
         {"Marketing": COLLABORATOR}),
]  # fmt: skip
GLOBEX_ITEMS = [
    Item("owner", COMPANY, Category.SERVER, "Web server, deploy user",
         "web-01.globex.example\ndeploy / Walnut~Comet~54", {}),
    Item("owner", COMPANY, Category.WIFI_PASSWORD, "Studio Wi-Fi", "paper-crane-orbit-37", {}),
]  # fmt: skip


def fill(demo: Demo, items: list[Item]) -> None:
    """Make the secrets, each by its owner, who shares it."""
    if any(item.vault == ENGINEERING for item in items):
        vaults.create_vault(demo.actor(), ENGINEERING)
    for item in items:
        actor = demo.actor(item.owner)
        secret = vaults.create_secret(
            actor,
            vault=demo.workspace.vaults.get(name=item.vault),
            title=item.title,
            category=item.category,
            body=item.body,
        )
        for name, role in item.shares.items():
            vaults.share(actor, secret, demo.sharer(name), role)
