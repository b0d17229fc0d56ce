"""One Owner, exactly, whatever is written by hand."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import MemberFactory, UserFactory, WorkspaceFactory
from workspaces.directory.models import Member, User, Workspace
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory()


@pytest.fixture
def teammate(workspace):
    return MemberFactory(workspace=workspace, role=Role.ADMIN)


@pytest.fixture
def stranger():
    return MemberFactory(role=Role.ADMIN)


def owners(workspace) -> list[Member]:
    return list(Member.objects.filter(workspace=workspace, role=Role.OWNER))


def execute(statement, **parameters):
    rows = {name: getattr(row, "pk", row) for name, row in parameters.items()}
    if connection.vendor == "sqlite":
        rows = {name: getattr(value, "hex", value) for name, value in rows.items()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, rows)


def refused(statement, **parameters):
    with pytest.raises(IntegrityError):
        execute(statement, **parameters)
    return True


def test_a_workspace_has_its_owner_from_the_start(workspace):
    assert owners(workspace) == [workspace.owner]


def test_the_owner_cannot_be_demoted(workspace):
    assert refused(
        "UPDATE directory_member SET role = 'workspace_user' WHERE id = %(owner)s",
        owner=workspace.owner,
    )
    assert owners(workspace) == [workspace.owner]


def test_nobody_else_becomes_an_owner(workspace, teammate):
    assert refused(
        "UPDATE directory_member SET role = 'workspace_owner' WHERE id = %(member)s",
        member=teammate,
    )
    assert owners(workspace) == [workspace.owner]


def test_a_second_owner_is_not_added(workspace):
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberFactory(workspace=workspace, role=Role.OWNER)
    assert owners(workspace) == [workspace.owner]


def test_the_owner_is_not_moved_to_another_workspace(workspace, stranger):
    assert refused(
        "UPDATE directory_member SET workspace_id = %(other)s WHERE id = %(owner)s",
        other=stranger.workspace,
        owner=workspace.owner,
    )
    assert owners(workspace) == [workspace.owner]


def test_a_stranger_does_not_become_the_owner(workspace, stranger):
    assert refused(
        "UPDATE directory_workspace SET owner_id = %(stranger)s WHERE id = %(workspace)s",
        stranger=stranger,
        workspace=workspace,
    )
    assert owners(workspace) == [workspace.owner]


def test_naming_another_owner_moves_the_role(workspace, teammate):
    execute(
        "UPDATE directory_workspace SET owner_id = %(member)s WHERE id = %(workspace)s",
        member=teammate,
        workspace=workspace,
    )
    assert owners(workspace) == [teammate]
    assert Member.objects.get(pk=workspace.owner.pk).role == Role.SUPER_ADMIN


def test_a_first_member_without_the_role_of_owner_is_refused():
    member = Member(user=UserFactory(), role=Role.ADMIN)
    member.workspace = Workspace.objects.create(slug="initech", name="Initech", owner_id=member.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        member.save(force_insert=True)
    member.workspace.delete()


@pytest.mark.django_db(transaction=True)
def test_the_owner_cannot_be_deleted(workspace):
    assert refused("DELETE FROM directory_member WHERE id = %(owner)s", owner=workspace.owner)
    assert owners(workspace) == [workspace.owner]


@pytest.mark.django_db(transaction=True)
def test_a_workspace_without_a_member_is_refused(workspace):
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(slug="nobody", name="Nobody", owner_id=UserFactory().pk)
    assert list(Workspace.objects.all()) == [workspace]


def test_an_email_is_kept_in_lower_case():
    assert User.objects.create_user(" Ada@People.Example ", "x").email == "ada@people.example"


def test_an_email_in_another_case_is_refused():
    UserFactory(email="ada@people.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Ada@people.example")
    assert User.objects.filter(email__iexact="ada@people.example").count() == 1
