import pytest
from django.db import IntegrityError, transaction

from tests.factories import MemberFactory, WorkspaceFactory
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


def test_a_workspace_has_its_owner_from_the_start():
    assert WorkspaceFactory().owner.role == Role.OWNER


def test_a_second_owner_is_refused_by_the_database():
    workspace = WorkspaceFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberFactory(workspace=workspace, role=Role.OWNER)
