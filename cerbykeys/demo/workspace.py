"""The demo's people and teams, and a workspace in the making."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from workspaces.directory import actions as directory
from workspaces.directory.models import Member, Team, User
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.vaults.actions import open_workspace

if TYPE_CHECKING:
    from workspaces.actor import Actor


class Person(NamedTuple):
    """Someone of the demo; their address is `<login>@<workspace>.example`."""

    login: str
    role: Role
    first_name: str
    last_name: str
    time_zone: str


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


class Demo:
    """A workspace in the making, with its people and teams by name."""

    def __init__(self, slug: str, name: str, owner: Person, password: str) -> None:
        self.slug = slug
        self.password = password
        self.workspace = open_workspace(self._user(owner), slug, name)
        self.members: dict[str, Member] = {owner.login: self.workspace.owner}
        self.teams: dict[str, Team] = {}

    def add(self, people: list[Person], teams: dict[str, list[str]]) -> None:
        """Let the people in, and put them into teams."""
        owner = self.actor()
        for person in people:
            member = directory.add_member(owner, self._user(person), person.role)
            self.members[person.login] = member
        for name, logins in teams.items():
            self.teams[name] = directory.create_team(owner, name)
            for login in logins:
                directory.add_to_team(
                    owner, self.teams[name], self.members[login], is_admin=login == logins[0]
                )

    def actor(self, login: str = "owner") -> Actor:
        """Someone of the demo, as who acts."""
        return actor_for(self.members[login])

    def actor_of(self, user: User) -> Actor:
        """The person, as who acts."""
        return actor_for(self.workspace.members.get(user=user))

    def sharer(self, name: str) -> Member | Team:
        """The person of that login, or the team of that name."""
        return self.members.get(name) or self.teams[name]

    def _user(self, person: Person) -> User:
        return User.objects.create_user(
            f"{person.login}@{self.slug}.example",
            self.password,
            first_name=person.first_name,
            last_name=person.last_name,
            time_zone=person.time_zone,
        )
