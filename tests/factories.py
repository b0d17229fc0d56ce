"""Factories of everything the tests need; every object is made as the product makes it."""

from __future__ import annotations

import uuid

import factory
from django.db import transaction

from workspaces.directory.models import Member, Team, User, Workspace
from workspaces.directory.roles import Role

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@people.example")
    first_name = "Ada"
    last_name = factory.Sequence(lambda number: f"Person {number}")
    password = factory.django.Password(PASSWORD)


class WorkspaceFactory(factory.django.DjangoModelFactory):
    """A workspace with its Owner: `workspace.owner` is a live member."""

    class Meta:
        model = Workspace

    slug = factory.Sequence(lambda number: f"workspace-{number}")
    name = factory.Sequence(lambda number: f"Workspace {number}")

    @classmethod
    def _create(cls, model_class, *args, owner_user=None, **kwargs):
        with transaction.atomic():
            owner_id = uuid.uuid4()
            workspace = model_class.objects.create(owner_id=owner_id, **kwargs)
            Member.objects.create(
                id=owner_id,
                workspace=workspace,
                user=owner_user or UserFactory(),
                role=Role.OWNER,
            )
        return Workspace.objects.select_related("owner__user").get(pk=workspace.pk)


class MemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Member

    workspace = factory.SubFactory(WorkspaceFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.ADMIN


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda number: f"Team {number}")
