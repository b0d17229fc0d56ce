"""The demo: two workspaces to try everything in, made by the actions of the product itself."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from workspaces.directory import actions as directory
from workspaces.directory.models import Member, Team, User, Workspace
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.vaults import actions as vaults
from workspaces.vaults.models import Secret, SecretShare

Category = Secret.Category
OWNER, COLLABORATOR = SecretShare.Role.OWNER, SecretShare.Role.COLLABORATOR
COMPANY, ENGINEERING = vaults.DEFAULT_VAULT_NAME, "Engineering vault"


class Person(NamedTuple):
    """Someone of the demo; their address is `<login>@<workspace>.example`."""

    login: str
    role: Role
    first_name: str
    last_name: str
    time_zone: str


class Item(NamedTuple):
    """A secret of the demo, and the people and teams that its owner shares it with."""

    owner: str
    vault: str
    category: Category
    title: str
    body: str
    shares: dict[str, SecretShare.Role]


ACME_OWNER = Person("owner", Role.OWNER, "Olivia", "Chen", "America/Los_Angeles")
ACME_MEMBERS = [
    Person("superadmin", Role.SUPER_ADMIN, "Samuel", "Okafor", "Europe/London"),
    Person("admin", Role.ADMIN, "Amara", "Novak", "Europe/Prague"),
    Person("user", Role.USER, "Ulrich", "Brandt", "Europe/Berlin"),
    Person("loginonly", Role.LOGIN_ONLY, "Lucía", "Ortiz", "America/Mexico_City"),
    Person("guest", Role.GUEST, "Gabriel", "Moreau", "Europe/Paris"),
]
GLOBEX_OWNER = Person("owner", Role.OWNER, "Hana", "Sato", "Asia/Tokyo")

# The first of a team is its admin.
TEAMS = {
    "Engineering": ["superadmin", "admin", "user"],
    "Marketing": ["owner", "user", "guest"],
}
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


def create_demo(password: str) -> bool:
    """Make both workspaces, whole, with `password` for everyone. False: acme is there already."""
    if Workspace.objects.filter(slug="acme").exists():
        return False
    with transaction.atomic():
        _Demo("acme", "Acme Corp", ACME_OWNER, password).fill(ACME_MEMBERS, TEAMS, ACME_ITEMS)
        _Demo("globex", "Globex", GLOBEX_OWNER, password).fill([], {}, GLOBEX_ITEMS)
    return True


class _Demo:
    """A workspace in the making, with its people and teams by name."""

    def __init__(self, slug: str, name: str, owner: Person, password: str) -> None:
        self.slug = slug
        self.password = password
        self.workspace = vaults.open_workspace(self.user(owner), slug, name)
        self.actor = actor_for(self.workspace.owner)
        self.members: dict[str, Member] = {owner.login: self.workspace.owner}
        self.teams: dict[str, Team] = {}

    def fill(self, people: list[Person], teams: dict[str, list[str]], items: list[Item]) -> None:
        for person in people:
            member = directory.add_member(self.actor, self.user(person), person.role)
            self.members[person.login] = member
        for name, logins in teams.items():
            self.teams[name] = directory.create_team(self.actor, name)
            for login in logins:
                directory.add_to_team(
                    self.actor, self.teams[name], self.members[login], is_admin=login == logins[0]
                )
        if any(item.vault == ENGINEERING for item in items):
            vaults.create_vault(self.actor, ENGINEERING)
        for item in items:
            self.secret(item)

    def user(self, person: Person) -> User:
        return User.objects.create_user(
            f"{person.login}@{self.slug}.example",
            self.password,
            first_name=person.first_name,
            last_name=person.last_name,
            time_zone=person.time_zone,
        )

    def secret(self, item: Item) -> None:
        actor = actor_for(self.members[item.owner])
        secret = vaults.create_secret(
            actor,
            vault=self.workspace.vaults.get(name=item.vault),
            title=item.title,
            category=item.category,
            body=item.body,
        )
        for name, role in item.shares.items():
            sharer = self.members.get(name) or self.teams[name]
            vaults.share_secret(actor, secret, sharer, role)
