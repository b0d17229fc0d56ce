"""The integrations of the demo, their users, and jobs of every kind and in every state."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from django_tasks_db.models import DBTaskResult

from workspaces.automation import engine
from workspaces.automation.actions import integrations, jobs, users
from workspaces.automation.models import Entitlement, Integration, IntegrationUser, Job

if TYPE_CHECKING:
    from workspaces.actor import Actor

    from .workspace import Demo

PRIMARY, SECONDARY = Entitlement.Group.PRIMARY, Entitlement.Group.SECONDARY
OWNER, COLLABORATOR = IntegrationUser.Role.OWNER, IntegrationUser.Role.COLLABORATOR


class Application(NamedTuple):
    """An integration by hand: whose it is, what it grants, who is invited, and as what."""

    owner: str
    name: str
    label: str
    entitlements: dict[str, tuple[str, Entitlement.Group]]
    invited: dict[str, IntegrationUser.Role]


SEATS = {
    "MEMBER": ("Member", PRIMARY),
    "ADMIN": ("Administrator", PRIMARY),
    "BILLING": ("Sees invoices", SECONDARY),
}
DESIGN = {
    "VIEWER": ("Viewer", PRIMARY),
    "EDITOR": ("Editor", PRIMARY),
    "DEV_MODE": ("Developer mode", SECONDARY),
}
TEAM = {"superadmin": OWNER, "admin": COLLABORATOR, "user": COLLABORATOR}

ACME = [
    Application("owner", "Slack", "Slack, all of Acme", SEATS, {**TEAM, "guest": COLLABORATOR}),
    Application("owner", "Figma", "Figma, design team", DESIGN, TEAM),
    Application("owner", "GitHub", "GitHub organization", SEATS, TEAM),
    Application("owner", "Notion", "Notion, handbook", SEATS, {**TEAM, "guest": COLLABORATOR}),
    Application("owner", "Zoom", "Zoom, webinars", SEATS, TEAM),
    Application("owner", "Jira", "Jira, product", SEATS, TEAM),
    Application("owner", "Miro", "Miro boards", DESIGN, TEAM),
    Application("admin", "HubSpot", "HubSpot, marketing", SEATS,
                {"owner": COLLABORATOR, "user": COLLABORATOR, "superadmin": COLLABORATOR}),
]  # fmt: skip
GLOBEX = [Application("owner", "Slack", "Slack, Globex", SEATS, {})]

# How the updates end, one after the other; most things go well.
ENDS = ("done", "done", "failed", "done", "running", "done", "cancelled")
NO_SEAT = "The plan has no seat of this kind left."


def fill_acme(demo: Demo) -> None:
    for application in ACME:
        _connect(demo, application)
    _connect_by_scim(demo)
    ends = cycle(ENDS)
    for integration in demo.workspace.integrations.filter(connector="manual").order_by(
        "created_at", "id"
    ):
        _change(demo.actor_of(integration.created_by), integration, ends)
    # Someone's turn: an invitation that nobody has carried out yet.
    figma = demo.workspace.integrations.get(application="Figma")
    _begun(_invite(demo, figma, "guest", COLLABORATOR, "VIEWER"))


def fill_globex(demo: Demo) -> None:
    for application in GLOBEX:
        integration = _connect(demo, application)
        _done(demo.actor(), users.check_for_updates(demo.actor(), integration))


def _connect(demo: Demo, application: Application) -> Integration:
    owner = demo.actor(application.owner)
    integration = integrations.connect_integration(
        owner, application=application.name, label=application.label, connector="manual"
    )
    for code, (label, group) in application.entitlements.items():
        integrations.add_entitlement(owner, integration, code=code, label=label, group=group)
    first = next(iter(application.entitlements))
    for login, role in application.invited.items():
        _done(owner, _invite(demo, integration, login, role, first))
    return integration


def _connect_by_scim(demo: Demo) -> None:
    """One whose host no operator has allowed: its job says so."""
    integration = integrations.connect_integration(
        demo.actor(),
        application="Payroll",
        label="Payroll, by SCIM",
        connector="scim",
        base_url="https://scim.payroll.example/v2",
        token="an-example-not-a-token",  # noqa: S106  (no one's)
    )
    _begun(users.check_for_updates(demo.actor(), integration))


def _change(owner: Actor, integration: Integration, ends: cycle[str]) -> None:
    """Check for updates, and have what people are granted changed a little."""
    _done(owner, users.check_for_updates(owner, integration))
    codes = list(integration.entitlements.order_by("code").values_list("code", flat=True))
    for row in integration.users.exclude(role=OWNER).order_by("created_at", "id"):
        user_id = row.member.user_id
        asked = [
            users.set_entitlements(owner, integration, user_id, codes[1:]),
            users.change_entitlements(owner, integration, user_id, remove=codes[1:2]),
        ]
        for job in asked:
            _end(owner, job, next(ends))


def _invite(demo: Demo, integration: Integration, login: str, role: str, code: str) -> Job:
    return users.invite_users(
        demo.actor_of(integration.created_by),
        integration,
        role=role,
        entitlements=[code],
        user_ids=[demo.members[login].user_id],
    )


def _end(owner: Actor, job: Job, how: str) -> None:
    if how == "cancelled":
        jobs.cancel_job(owner, job)
        _unqueue(job)
    elif how == "failed":
        jobs.mark_failed(owner, _begun(job), NO_SEAT)
    elif how == "done":
        _done(owner, job)
    else:
        _begun(job)


def _done(owner: Actor, job: Job) -> None:
    jobs.mark_finished(owner, _begun(job))


def _begun(job: Job) -> Job:
    """The job, as the worker leaves it."""
    if job.task_id:
        engine.carry_out(job.id, job.task_id)
        _unqueue(job)
    return job


def _unqueue(job: Job) -> None:
    """A worker that starts later finds nothing to do."""
    DBTaskResult.objects.filter(args_kwargs__args__0=str(job.id)).delete()
