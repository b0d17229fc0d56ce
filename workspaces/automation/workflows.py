"""What a job does, step by step: each is asked of the application first and written down then.

A workflow may be interrupted anywhere and begun again. The session of `by_hand` asks nobody: an
admin has done what the job asks for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.functions import Lower

from workspaces.directory.models import Member
from workspaces.directory.queries import system_actor

from . import lifecycle
from .connectors.base import ConnectorError, Grant, Person
from .models import KEYS, Entitlement, IntegrationUser, Job
from .sharing import keep_an_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .connectors.base import Account, Session

Status = IntegrationUser.Status

# As many as the application tells at once, and fewer than a lease lasts.
ACCOUNTS_BETWEEN_SIGNS = 50


def run(job: Job, session: Session | None, may_go_on: Callable[[], None]) -> dict[str, Any]:
    """Do what the job asks for and answer with its response; without a session, by hand.

    Before each step `may_go_on` is called, which raises where there is to be no other. Raises
    ConnectorError; what was done until then is written down.
    """
    return _WORKFLOWS[Job.WorkflowType(job.workflow_type)](job, session, may_go_on)


def _provide(job: Job, session: Session | None, may_go_on: Callable[[], None]) -> dict[str, Any]:
    """Give each invited member an account; who has one by now is passed over."""
    entitlements = _granted(job)
    refused: list[dict[str, str]] = []
    last: ConnectorError | None = None
    invited = _rows(job).filter(status=Status.PENDING)
    for row in invited.order_by("created_at", "id"):
        may_go_on()
        try:
            remote_id = session.provide(_person(row), _grants(entitlements)) if session else ""
        except ConnectorError as error:
            if not error.is_about_one:
                raise
            refused.append({"id": str(row.member.user_id), "reason": error.reason})
            last = error
            continue
        with transaction.atomic():
            lifecycle.held(job)
            row.remote_id = remote_id
            row.status = Status.LIVE
            row.save(update_fields=["remote_id", "status", "updated_at"])
            row.entitlements.set(entitlements)
    if last is not None:
        raise RefusedForSomeError(last, refused)
    return {"users": _rows(job).filter(status=Status.LIVE).count()}


def _update(job: Job, session: Session | None, may_go_on: Callable[[], None]) -> dict[str, Any]:
    """Let the user have what is asked for and nothing else; or a little more, a little less."""
    row = _rows(job).first()
    if row is None:
        raise ConnectorError(
            Job.ErrorType.NOT_FOUND, "The person is no longer a user of the integration."
        )
    may_go_on()
    wanted = set(job.payload.get("entitlements", ()))
    if not wanted:
        wanted = {entitlement.code for entitlement in row.entitlements.all()}
        wanted = wanted - set(job.payload["remove"]) | set(job.payload["add"])
    entitlements = list(job.integration.entitlements.filter(code__in=wanted))
    if session:
        session.update(_person(row), _grants(entitlements))
    with transaction.atomic():
        lifecycle.held(job)
        row.entitlements.set(entitlements)
        row.save(update_fields=["updated_at"])
    return {"entitlements": sorted(entitlement.code for entitlement in entitlements)}


def _revoke(job: Job, session: Session | None, may_go_on: Callable[[], None]) -> dict[str, Any]:
    """Take the person's account away; they may have left the workspace in the meantime."""
    # Who has been invited again since then waits for an account of their own.
    invited_again = {"status": Status.PENDING, "created_at__gt": job.created_at}
    row = _rows(job).exclude(**invited_again).first()
    may_go_on()
    if session:
        [user_id] = job.payload["userIds"]
        told = Person(user_id, job.payload["email"], remote_id=job.payload["remoteId"])
        session.revoke(_person(row) if row and row.remote_id else told)
    with transaction.atomic():
        lifecycle.held(job)
        if row is not None:
            row.delete()
            keep_an_owner(system_actor(job.workspace), job.integration)
    return {"users": 1}


def _survey(job: Job, session: Session | None, may_go_on: Callable[[], None]) -> dict[str, Any]:
    """Learn what the application knows: what it grants, and who of us has an account."""
    if session is None:
        return {}
    accounts: list[Account] = []
    for account in session.survey():
        if len(accounts) % ACCOUNTS_BETWEEN_SIGNS == 0:
            may_go_on()
        accounts.append(account)
    with transaction.atomic():
        lifecycle.held(job)
        known = _learn_entitlements(job, accounts)
        return _learn_users(job, accounts, known)


def _learn_entitlements(job: Job, accounts: Iterable[Account]) -> dict[str, Entitlement]:
    """The integration's entitlements by their values, with those that the accounts show."""
    seen = {grant.value: grant for account in accounts for grant in account.grants}
    known = {entitlement.value: entitlement for entitlement in job.integration.entitlements.all()}
    new = []
    for value, grant in seen.items():
        if value not in known:
            group = Entitlement.Group.PRIMARY if grant.is_primary else Entitlement.Group.SECONDARY
            new.append(
                Entitlement(
                    integration=job.integration,
                    code=value,
                    key=KEYS[group],
                    value=value,
                    label=grant.label,
                    group=group,
                )
            )
    Entitlement.objects.bulk_create(new)
    return known | {entitlement.value: entitlement for entitlement in new}


def _learn_users(
    job: Job, accounts: list[Account], known: dict[str, Entitlement]
) -> dict[str, Any]:
    """Let the integration's users be those who have accounts; people unknown here are counted."""
    integration = job.integration
    rows = {row.member_id: row for row in integration.users.all()}
    members = {
        email: member_id
        for member_id, email in Member.objects.filter(workspace_id=job.workspace_id)
        .annotate(email=Lower("user__email"))
        .filter(email__in={account.email.lower() for account in accounts})
        .values_list("pk", "email")
    }
    count = Counter(accounts=len(accounts))
    found = set()
    for account in accounts:
        member_id = members.get(account.email.lower())
        if member_id is None or member_id in found:  # a second account is nobody's here
            count["unknown"] += 1
            continue
        found.add(member_id)
        row = rows.get(member_id) or IntegrationUser(integration=integration, member_id=member_id)
        if member_id in rows and row.status == Status.PENDING:
            continue  # their invitation, which is still to come, says what they are granted
        count["updated" if member_id in rows else "added"] += 1
        row.remote_id = account.remote_id
        row.status = Status.LIVE if account.is_active else Status.DISABLED
        row.dynamic_fields = account.fields
        row.save()
        row.entitlements.set([known[grant.value] for grant in account.grants])
    for member_id, row in rows.items():
        # Who never had an account there shares the integration all the same.
        if row.remote_id and member_id not in found:
            row.delete()
            count["removed"] += 1
    keep_an_owner(system_actor(job.workspace), integration)
    return {name: count[name] for name in ("accounts", "added", "updated", "removed", "unknown")}


class RefusedForSomeError(ConnectorError):
    """The application refused some of the people; the others have their accounts."""

    def __init__(self, last: ConnectorError, refused: list[dict[str, str]]) -> None:
        super().__init__(last.error_type, last.reason)
        self.refused = refused


def _rows(job: Job) -> Any:
    return job.integration.users.filter(member__user_id__in=job.payload["userIds"]).select_related(
        "member__user"
    )


def _granted(job: Job) -> list[Entitlement]:
    return list(job.integration.entitlements.filter(code__in=job.payload["entitlements"]))


def _grants(entitlements: Iterable[Entitlement]) -> tuple[Grant, ...]:
    return tuple(
        Grant(
            value=entitlement.value,
            label=entitlement.label,
            is_primary=entitlement.group == Entitlement.Group.PRIMARY,
        )
        for entitlement in entitlements
    )


def _person(row: IntegrationUser) -> Person:
    user = row.member.user
    return Person(str(user.id), user.email, user.first_name, user.last_name, row.remote_id)


_WORKFLOWS = {
    Job.WorkflowType.PROVIDE_ACCESS: _provide,
    Job.WorkflowType.UPDATE_ACCESS: _update,
    Job.WorkflowType.REVOKE_ACCESS: _revoke,
    Job.WorkflowType.GET_BUSINESS: _survey,
}
