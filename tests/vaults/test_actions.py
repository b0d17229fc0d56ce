import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from tests.factories import (
    ActingKeyFactory,
    MemberFactory,
    SecretFactory,
    SecretShareFactory,
    TeamFactory,
    TeamMemberFactory,
    UserFactory,
    VaultFactory,
    WorkspaceFactory,
)
from workspaces.activity.models import Activity
from workspaces.actor import Actor
from workspaces.directory.models import Workspace
from workspaces.directory.queries import actor_for, system_actor
from workspaces.directory.roles import Role
from workspaces.sealing.envelope import CannotUnsealError
from workspaces.vaults import actions
from workspaces.vaults.models import Secret, SecretShare, SecretVersion, Vault

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3a9c1e-körper"


@pytest.fixture
def owner():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace, role=Role.USER)


@pytest.fixture
def stranger():
    return MemberFactory(role=Role.USER)


def with_key(member, **key) -> Actor:
    return actor_for(member)._replace(key=ActingKeyFactory(**key))


def events(workspace) -> list[str]:
    found = Activity.objects.filter(workspace_id=workspace.id).order_by("sequence")
    return list(found.values_list("event", flat=True))


def create(member, **kwargs):
    kwargs.setdefault("vault", None)
    vault = kwargs.pop("vault") or VaultFactory(workspace=member.workspace)
    given = {"title": "Printer", "category": "text", "body": CANARY, **kwargs}
    return actions.create_secret(actor_for(member), vault=vault, **given)


# Workspaces and vaults


def test_a_workspace_opens_with_an_owner_and_a_default_vault():
    user = UserFactory()
    workspace = actions.open_workspace(user, "initech", "Initech")
    assert workspace.owner.user == user
    assert [vault.is_default for vault in Vault.objects.filter(workspace=workspace)] == [True]
    assert events(workspace) == ["WORKSPACE_CREATED", "VAULT_CREATED"]


def test_a_workspace_whose_slug_is_taken_leaves_nothing():
    actions.open_workspace(UserFactory(), "initech", "Initech")
    with pytest.raises(ValidationError, match="slug"):
        actions.open_workspace(UserFactory(), "Initech", "Another")
    assert Workspace.objects.count() == 1


def test_a_vault_is_for_those_who_change_settings(owner):
    with pytest.raises(PermissionDenied):
        actions.create_vault(actor_for(owner), "Mine")
    assert not Vault.objects.exists()


def test_two_vaults_of_one_name_are_refused():
    workspace = WorkspaceFactory()
    VaultFactory(workspace=workspace, name="Engineering")
    with pytest.raises(ValidationError):
        VaultFactory(workspace=workspace, name="engineering")
    assert Vault.objects.count() == 1


# Creating


def test_who_creates_a_secret_owns_it(owner):
    secret = create(owner)
    share = SecretShare.objects.get(item=secret)
    assert (share.member, share.role) == (owner, "owner")
    assert events(owner.workspace)[-1] == "SECRET_CREATED"


def test_a_secret_is_read_as_it_was_written(owner):
    assert actions.read_body(actor_for(owner), create(owner)) == CANARY


def test_a_secret_takes_the_id_that_was_fixed_for_it(owner):
    wanted = uuid.uuid4()
    assert create(owner, secret_id=wanted).id == wanted


def test_no_table_holds_the_body_of_a_secret(owner):
    secret = create(owner)
    actions.read_body(actor_for(owner), secret)
    actions.update_secret(actor_for(owner), secret, body=CANARY + " again")
    needles = {CANARY, CANARY.encode().hex(), "canary-7f3a9c1e"}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                text = " ".join(
                    bytes(cell).decode("utf-8", "replace")
                    if isinstance(cell, bytes | memoryview)
                    else str(cell)
                    for cell in row
                )
                assert not [needle for needle in needles if needle in text], table


def test_a_sealed_body_opens_in_no_other_secret(owner):
    one, other = create(owner), create(owner, title="Other")
    stolen = SecretVersion.objects.get(secret=one).sealed_body
    SecretVersion.objects.filter(secret=other).update(sealed_body=stolen)
    with pytest.raises(CannotUnsealError):
        actions.read_body(actor_for(owner), other)
    assert events(owner.workspace)[-1] == "SECRET_CREATED"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 201),
        ("title", "Pay\u202eroll"),
        ("category", "poem"),
        ("body", ""),
        ("body", "x" * 65_537),
    ],
)
def test_what_is_amiss_in_a_secret_is_named_and_nothing_is_kept(owner, field, value):
    with pytest.raises(ValidationError) as refusal:
        create(owner, **{field: value})
    assert list(refusal.value.message_dict) == [field]
    assert not Secret.objects.exists()
    assert not SecretVersion.objects.exists()


def test_a_disabled_vault_takes_no_secret(owner):
    vault = VaultFactory(workspace=owner.workspace, status=Vault.Status.DISABLED)
    with pytest.raises(ValidationError, match="takes no new secrets"):
        create(owner, vault=vault)
    assert not Secret.objects.exists()


def test_a_vault_of_another_workspace_takes_no_secret(owner, stranger):
    with pytest.raises(ValidationError, match="takes no new secrets"):
        create(owner, vault=VaultFactory(workspace=stranger.workspace))
    assert not Secret.objects.exists()


@pytest.mark.parametrize("role", [Role.GUEST, Role.LOGIN_ONLY])
def test_guests_create_no_secret(owner, role):
    guest = MemberFactory(workspace=owner.workspace, role=role)
    with pytest.raises(PermissionDenied):
        create(guest)
    assert not Secret.objects.exists()


def test_the_system_owns_no_secret(owner):
    vault = VaultFactory(workspace=owner.workspace)
    with pytest.raises(PermissionDenied):
        actions.create_secret(
            system_actor(owner.workspace), vault=vault, title="T", category="text", body="b"
        )
    assert not Secret.objects.exists()


# Reading


def test_a_reading_is_recorded(owner):
    secret = create(owner)
    actions.read_body(actor_for(owner), secret)
    activity = Activity.objects.get(event="SECRET_REQUESTED")
    assert (activity.target_id, activity.details) == (str(secret.id), {"version": 1})


def test_a_reading_that_cannot_be_recorded_does_not_happen(owner, monkeypatch):
    secret = create(owner)

    def fail(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr("workspaces.vaults.actions.secrets.record", fail)
    with pytest.raises(RuntimeError):
        actions.read_body(actor_for(owner), secret)


def test_a_teammate_without_a_share_reads_nothing(owner, teammate):
    secret = create(owner)
    with pytest.raises(Secret.DoesNotExist):
        actions.read_body(actor_for(teammate), secret)
    assert events(owner.workspace)[-1] == "SECRET_CREATED"


def test_a_collaborator_reads(owner, teammate):
    secret = create(owner)
    SecretShareFactory(item=secret, member=teammate)
    assert actions.read_body(actor_for(teammate), secret) == CANARY


def test_a_key_reads_no_secret_that_asks_for_an_identity_challenge(owner):
    secret = create(owner, requires_identity_challenge=True)
    with pytest.raises(PermissionDenied):
        actions.read_body(with_key(owner), secret)
    assert events(owner.workspace)[-1] == "SECRET_CREATED"


def test_a_key_reads_another_secret(owner):
    assert actions.read_body(with_key(owner), create(owner)) == CANARY


# Versions


def test_a_new_body_becomes_the_present_version(owner):
    secret = create(owner)
    actions.update_secret(actor_for(owner), secret, body="second")
    assert actions.read_body(actor_for(owner), secret) == "second"
    assert list(secret.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert Secret.objects.get().event_name == "update"


def test_a_collaborator_writes_no_version(owner, teammate):
    secret = create(owner)
    SecretShareFactory(item=secret, member=teammate)
    with pytest.raises(PermissionDenied):
        actions.update_secret(actor_for(teammate), secret, body="mine")
    assert SecretVersion.objects.count() == 1


def test_an_earlier_body_comes_back_as_the_newest_version(owner):
    secret = create(owner)
    actions.update_secret(actor_for(owner), secret, body="second")
    actions.restore_version(actor_for(owner), secret, 1)
    assert actions.read_body(actor_for(owner), secret) == CANARY
    secret.refresh_from_db()
    assert (secret.event_name, secret.current_version.number) == ("restore_version", 3)
    restored = Activity.objects.get(event="SECRET_VERSION_RESTORED")
    assert restored.details == {"version": 3, "restored": 1}


def test_a_version_that_never_was_is_not_restored(owner):
    secret = create(owner)
    with pytest.raises(SecretVersion.DoesNotExist):
        actions.restore_version(actor_for(owner), secret, 2)
    assert SecretVersion.objects.count() == 1


def test_a_disabled_secret_is_read_by_no_one_until_it_is_enabled(owner):
    secret = create(owner)
    actions.set_secret_status(actor_for(owner), secret, "disabled")
    with pytest.raises(PermissionDenied):
        actions.read_body(actor_for(owner), secret)
    assert events(owner.workspace)[-1] == "SECRET_DISABLED"
    actions.set_secret_status(actor_for(owner), secret, "active")
    assert actions.read_body(actor_for(owner), secret) == CANARY


def test_a_deleted_secret_is_gone_with_every_body(owner, teammate):
    secret = create(owner)
    SecretShareFactory(item=secret, member=teammate)
    actions.update_secret(actor_for(owner), secret, body="second")
    actions.delete_secret(actor_for(owner), secret)
    for member in (owner, teammate):
        with pytest.raises(Secret.DoesNotExist):
            actions.read_body(actor_for(member), secret)
    assert {bytes(version.sealed_body) for version in secret.versions.all()} == {b""}
    assert Secret.objects.get().event_name == "delete"
    assert events(owner.workspace)[-1] == "SECRET_DELETED"


def test_a_collaborator_neither_restores_disables_nor_deletes(owner, teammate):
    secret = create(owner)
    SecretShareFactory(item=secret, member=teammate)
    actor = actor_for(teammate)
    for attempt in (
        lambda: actions.restore_version(actor, secret, 1),
        lambda: actions.set_secret_status(actor, secret, "disabled"),
        lambda: actions.delete_secret(actor, secret),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert actions.read_body(actor, secret) == CANARY


# Sharing


def test_a_secret_is_shared_with_a_member(owner, teammate):
    secret = create(owner)
    actions.share(actor_for(owner), secret, teammate, "collaborator")
    assert actions.read_body(actor_for(teammate), secret) == CANARY
    shared = Activity.objects.get(event="SECRET_SHARED")
    assert shared.details["role"] == "collaborator"
    assert shared.details["with"]["name"] == teammate.user.get_full_name()


def test_a_secret_is_shared_with_a_team(owner, teammate):
    secret = create(owner)
    team = TeamFactory(workspace=owner.workspace)
    TeamMemberFactory(team=team, member=teammate)
    actions.share(actor_for(owner), secret, team, "owner")
    assert actions.read_body(actor_for(teammate), secret) == CANARY


def test_a_collaborator_shares_with_no_one(owner, teammate):
    secret = create(owner)
    SecretShareFactory(item=secret, member=teammate)
    third = MemberFactory(workspace=owner.workspace)
    with pytest.raises(PermissionDenied):
        actions.share(actor_for(teammate), secret, third, "collaborator")
    assert secret.shares.count() == 2


def test_nothing_is_shared_across_workspaces(owner, stranger):
    secret = create(owner)
    with pytest.raises(ValidationError, match="of this workspace"):
        actions.share(actor_for(owner), secret, stranger, "collaborator")
    assert secret.shares.count() == 1


def test_a_stranger_shares_nothing(owner, stranger):
    secret = create(owner)
    with pytest.raises(PermissionDenied):
        actions.share(actor_for(stranger), secret, stranger, "owner")
    assert secret.shares.count() == 1


def test_the_last_owner_keeps_that_role(owner):
    secret = create(owner)
    with pytest.raises(ValidationError, match="at least one Owner"):
        actions.share(actor_for(owner), secret, owner, "collaborator")
    assert secret.shares.get().role == "owner"


def test_an_owner_stops_sharing(owner, teammate):
    secret = create(owner)
    share = SecretShareFactory(item=secret, member=teammate)
    actions.unshare(actor_for(owner), share)
    with pytest.raises(Secret.DoesNotExist):
        actions.read_body(actor_for(teammate), secret)
    assert events(owner.workspace)[-1] == "SECRET_UNSHARED"


def test_the_last_owner_does_not_leave(owner):
    secret = create(owner)
    with pytest.raises(ValidationError, match="at least one Owner"):
        actions.unshare(actor_for(owner), secret.shares.get())
    assert secret.shares.count() == 1


def test_an_owner_who_can_change_nothing_is_not_left_alone_with_a_secret(owner, teammate):
    secret = SecretFactory(owner=owner)
    given = secret.shares.get()
    workspace = owner.workspace
    guest = MemberFactory(workspace=workspace, role=Role.GUEST)
    absent = MemberFactory(workspace=workspace, status="disabled")
    empty = TeamFactory(workspace=workspace)
    for unable in ({"member": guest}, {"member": absent}, {"team": empty}):
        SecretShareFactory(item=secret, role="owner", **unable)
    for attempt in (
        lambda: actions.unshare(actor_for(owner), given),
        lambda: actions.share(actor_for(owner), secret, owner, "collaborator"),
    ):
        with pytest.raises(ValidationError, match="at least one Owner"):
            attempt()
    assert secret.shares.get(member=owner).role == "owner"
    TeamMemberFactory(team=empty, member=teammate)
    actions.unshare(actor_for(owner), given)
    assert not secret.shares.filter(member=owner).exists()


def test_a_factory_makes_a_secret_that_can_be_read():
    secret = SecretFactory(body="hello")
    assert actions.read_body(actor_for(secret.shares.get().member), secret) == "hello"
