"""Fills a database with accounts and activities, in bulk and without a trace."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from tests.asking import EVERY_SCOPE
from tests.factories import ApiKeyFactory, MemberFactory, TeamMemberFactory
from workspaces.activity.models import Activity, ChainHead
from workspaces.vaults.models import Account, AccountShare

BATCH = 2_000


def fill(size, few):
    """A key of the owner of `size` accounts, and one of a member who owns `few` by a team."""
    unlimited = {"scopes": EVERY_SCOPE, "requests_per_minute": 1_000_000}
    dense = ApiKeyFactory(**unlimited)
    sparse = ApiKeyFactory(owner=MemberFactory(workspace=dense.workspace), **unlimited)
    team = TeamMemberFactory(member=sparse.owner, team__workspace=dense.workspace).team
    every = size // few
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no checks
        for first in range(0, size, BATCH):
            numbers = range(first, min(first + BATCH, size))
            accounts = [_account(dense, number) for number in numbers]
            Account.objects.bulk_create(accounts)
            shares = [AccountShare(item=row, member=dense.owner, role="owner") for row in accounts]
            shares += [
                AccountShare(item=row, team=team, role="owner")
                for number, row in zip(numbers, accounts, strict=True)
                if number % every == 0
            ]
            AccountShare.objects.bulk_create(shares)
            Activity.objects.bulk_create(
                _activity(dense, sparse, number, every) for number in numbers
            )
    ChainHead.objects.create(
        workspace_id=dense.workspace_id, sequence=size, digest="", key_version=1, signature=""
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return dense, sparse


def _account(key, number):
    return Account(
        workspace_id=key.workspace_id,
        application=("Slack", "Figma", "Zoom")[number % 3],
        label=f"Account {number:07}",
        status="enabled" if number % 50 else "disabled",
        created_by_id=key.created_by_id,
        updated_by_id=key.created_by_id,
    )


def _activity(dense, sparse, number, every):
    key = dense if number % every else sparse
    return Activity(
        workspace_id=key.workspace_id,
        sequence=number + 1,
        timestamp=timezone.now(),
        event="ACCOUNT_PASSWORD_REQUESTED" if number % 10 else "LOGIN",
        actor_type="apiKey",
        actor_id=key.id,
        actor_name=key.name,
        user_id=key.created_by_id,
        target_type="account",
        key_version=1,
    )
