"""The accounts of the demo, and the collections that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from workspaces.vaults import actions as vaults
from workspaces.vaults.models import Account, Role

if TYPE_CHECKING:
    from workspaces.vaults.models import Collection

    from .workspace import Demo

OWNER, COLLABORATOR = Role.OWNER, Role.COLLABORATOR


class Application(NamedTuple):
    """Something that people sign in to, and the collection in which its accounts are."""

    name: str
    url: str
    collection: str


class Shelf(NamedTuple):
    """A collection of the demo: where it is, who shares it, and secrets in it by their titles."""

    name: str
    parent: str | None
    shares: dict[str, Role]
    secrets: list[str]


# The one above comes before the one below it.
SHELVES = [
    Shelf("Marketing", None, {"Marketing": COLLABORATOR, "admin": OWNER},
          ["Newsletter, sender account"]),
    Shelf("Social media", "Marketing", {"user": OWNER}, []),
    Shelf("Advertising", "Marketing", {"superadmin": COLLABORATOR}, []),
    Shelf("Engineering", None, {"Engineering": OWNER}, ["Billing database, read only"]),
    Shelf("Cloud", "Engineering", {}, ["Domain registrar, recovery codes"]),
    Shelf("Monitoring", "Engineering", {"guest": COLLABORATOR}, []),
    Shelf("Finance", None, {"superadmin": OWNER}, ["Payroll portal"]),
]  # fmt: skip
APPLICATIONS = [
    Application("Instagram", "https://www.instagram.com/accounts/login/", "Social media"),
    Application("LinkedIn", "https://www.linkedin.com/login", "Social media"),
    Application("TikTok", "https://www.tiktok.com/login", "Social media"),
    Application("X", "https://x.com/i/flow/login", "Social media"),
    Application("YouTube", "https://accounts.google.com/", "Social media"),
    Application("Google Ads", "https://ads.google.com/", "Advertising"),
    Application("Meta Business Suite", "https://business.facebook.com/", "Advertising"),
    Application("Canva", "https://www.canva.com/login", "Marketing"),
    Application("Figma", "https://www.figma.com/login", "Marketing"),
    Application("HubSpot", "https://app.hubspot.com/login", "Marketing"),
    Application("Mailchimp", "https://login.mailchimp.com/", "Marketing"),
    Application("AWS", "https://signin.aws.amazon.com/", "Cloud"),
    Application("Cloudflare", "https://dash.cloudflare.com/login", "Cloud"),
    Application("GitHub", "https://github.com/login", "Engineering"),
    Application("Datadog", "https://app.datadoghq.com/account/login", "Monitoring"),
    Application("Sentry", "https://sentry.io/auth/login/", "Monitoring"),
    Application("QuickBooks", "https://accounts.intuit.com/", "Finance"),
    Application("Stripe", "https://dashboard.stripe.com/login", "Finance"),
]
# A label's beginning, and who the account belongs to: a company has an account for each.
BRANDS = [("Acme", "owner"), ("Acme Europe", "owner"), ("Acme Labs", "owner"),
          ("Acme Careers", "superadmin")]  # fmt: skip
WORDS = ["harbour", "lantern", "meadow", "copper", "juniper", "saddle", "orchid", "tundra"]
GLOBEX_ACCOUNTS = [
    ("Shopify", "Globex shop", "https://accounts.shopify.com/"),
    ("Slack", "Globex team", "https://globex.slack.com/"),
    ("Notion", "Globex handbook", "https://www.notion.so/login"),
]


def fill_acme(demo: Demo) -> None:
    """Make the collections, and an account of each brand with each application."""
    shelves: dict[str, Collection] = {}
    for shelf in SHELVES:
        actor = demo.actor()
        made = vaults.create_collection(actor, shelf.name, shelves.get(shelf.parent or ""))
        shelves[shelf.name] = made
        for name, role in shelf.shares.items():
            vaults.share(actor, made, demo.sharer(name), role)
        for secret in demo.workspace.secrets.filter(title__in=shelf.secrets):
            vaults.share(demo.actor_of(secret.created_by), secret, demo.members["owner"], OWNER)
            vaults.add_item(actor, made, secret)
    number = 0
    for brand, owner in BRANDS:
        for application in APPLICATIONS:
            account = _account(demo, number, owner, application, brand)
            if owner == "owner":
                vaults.add_item(demo.actor(), shelves[application.collection], account)
            elif number % 3 == 0:
                vaults.share(demo.actor(owner), account, demo.members["owner"], COLLABORATOR)
            number += 1


def fill_globex(demo: Demo) -> None:
    """Make a few accounts and a collection of them."""
    actor = demo.actor()
    team = vaults.create_collection(actor, "Everyday tools")
    for application, label, url in GLOBEX_ACCOUNTS:
        account = vaults.create_account(actor, application=application, label=label, url=url)
        vaults.add_item(actor, team, account)


def _account(demo: Demo, number: int, owner: str, application: Application, brand: str) -> Account:
    actor = demo.actor(owner)
    inbox = application.name.lower().replace(" ", "-")
    account = vaults.create_account(
        actor,
        application=application.name,
        label=f"{brand} · {application.name}",
        url=application.url,
        email=f"{inbox}@{brand.lower().replace(' ', '-')}.example",
        business_id=f"{4_100_000 + number * 7919}"
        if application.collection == "Advertising"
        else "",
        **_facts(number),
    )
    if number % 11 != 5:  # noqa: PLR2004  (some are without a password)
        words = WORDS[number % 8], WORDS[(number + 3) % 8], number * 37 % 90 + 10
        vault = demo.workspace.vaults.get(is_default=True)
        vaults.set_password(actor, account, "{}-{}-{}".format(*words), vault)
    if number % 3 == 1:
        vaults.share(actor, account, demo.sharer(["admin", "Engineering", "user"][number % 9 // 3]),
                     [COLLABORATOR, OWNER][number % 2])  # fmt: skip
    if number % 4 == 1:
        vaults.record_login(actor, account.id)
    if number % 13 == 5:  # noqa: PLR2004  (some, not all)
        vaults.set_account_status(actor, account, Account.Status.DISABLED)
    return account


def _facts(number: int) -> dict[str, Any]:
    """What protects the account: nothing, one thing, or several."""
    types = [[], ["otp"], ["email"], ["otp", "non-voip"]][number % 4]
    return {
        "mfa_enabled": bool(types),
        "mfa_types": types,
        "has_totp": "otp" in types,
        "has_backup_code": number % 4 == 3,  # noqa: PLR2004  (some, not all)
        "has_passkey": number % 6 == 1,
        "cerby_managed_email": number % 5 == 0,
        "phone": f"+1 415 555 {100 + number:04}" if "non-voip" in types else "",
    }
