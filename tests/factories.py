"""Factories of everything the tests need; every object is made as the product makes it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import factory
from django.db import transaction
from django.utils import timezone

from workspaces.actor import ActingKey
from workspaces.automation.actions import integrations
from workspaces.automation.models import Entitlement, Integration, IntegrationUser, Job
from workspaces.directory.models import Member, Team, TeamMember, User, Workspace
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.keys.hashing import hash_secret
from workspaces.keys.material import mint
from workspaces.keys.models import ApiKey
from workspaces.vaults import actions as vaults
from workspaces.vaults.models import (
    Account,
    AccountShare,
    Collection,
    CollectionShare,
    Secret,
    SecretShare,
    Vault,
)

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
    def _create(cls, model_class, *_args, owner_user=None, **kwargs):
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


class TeamMemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TeamMember

    team = factory.SubFactory(TeamFactory)
    member = factory.SubFactory(MemberFactory, workspace=factory.SelfAttribute("..team.workspace"))


class VaultFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Vault

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda number: f"Vault {number}")

    @classmethod
    def _create(cls, _model_class, *_args, workspace, name, is_default=False, **kwargs):
        vault = vaults.create_vault(actor_for(workspace.owner), name, is_default=is_default)
        for field, value in kwargs.items():
            setattr(vault, field, value)
        vault.save(update_fields=list(kwargs))
        return vault


class SecretFactory(factory.django.DjangoModelFactory):
    """A secret of `owner`, sealed as every secret is."""

    class Meta:
        model = Secret

    owner = factory.SubFactory(MemberFactory)
    vault = factory.SubFactory(VaultFactory, workspace=factory.SelfAttribute("..owner.workspace"))
    title = factory.Sequence(lambda number: f"Secret {number}")
    category = Secret.Category.TEXT
    body = "the body of a secret"

    @classmethod
    def _create(cls, _model_class, *_args, owner, **kwargs):
        return vaults.create_secret(actor_for(owner), **kwargs)


class SecretShareFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SecretShare

    item = factory.SubFactory(SecretFactory)
    role = "collaborator"


class AccountFactory(factory.django.DjangoModelFactory):
    """An account of `owner`; with `password`, sealed into a vault, if one is given."""

    class Meta:
        model = Account

    owner = factory.SubFactory(MemberFactory)
    application = "Figma"
    label = factory.Sequence(lambda number: f"Account {number}")

    @classmethod
    def _create(cls, _model_class, *_args, owner, password=None, **kwargs):
        actor = actor_for(owner)
        account = vaults.create_account(actor, **kwargs)
        if password is not None:
            vault = VaultFactory(workspace=owner.workspace)
            vaults.set_password(actor, account, password, vault)
            account.refresh_from_db()
        return account


class AccountShareFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AccountShare

    item = factory.SubFactory(AccountFactory)
    role = "collaborator"


class CollectionFactory(factory.django.DjangoModelFactory):
    """A collection of `owner`, perhaps inside `parent`, with `items`."""

    class Meta:
        model = Collection

    owner = factory.SubFactory(MemberFactory)
    name = factory.Sequence(lambda number: f"Collection {number}")
    parent = None

    @classmethod
    def _create(cls, _model_class, *_args, owner, items=(), **kwargs):
        actor = actor_for(owner)
        collection = vaults.create_collection(actor, **kwargs)
        for item in items:
            vaults.add_item(actor, collection, item)
        return collection


class CollectionShareFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CollectionShare

    item = factory.SubFactory(CollectionFactory)
    role = "collaborator"


class ApiKeyFactory(factory.django.DjangoModelFactory):
    """A key of an Admin; `plaintext` is on the object alone, as on the wizard's last page."""

    class Meta:
        model = ApiKey

    owner = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("owner.workspace")
    created_by = factory.SelfAttribute("owner.user")
    name = factory.Sequence(lambda number: f"Key {number}")
    scopes = factory.LazyFunction(lambda: ["read:users"])
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))
    removed_at = factory.Maybe(
        factory.LazyAttribute(lambda key: key.status == ApiKey.Status.REMOVED),
        factory.LazyFunction(timezone.now),
        None,
    )
    status = ApiKey.Status.ACTIVE

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        token = mint()
        key = model_class(
            *args, **kwargs, key_id=token.key_id, secret_hash=hash_secret(token.secret)
        )
        key.save(force_insert=True)
        key.plaintext = token.plaintext
        return key


class ActingKeyFactory(factory.Factory):
    """The API key that an actor acts through."""

    class Meta:
        model = ActingKey

    id = factory.LazyFunction(uuid.uuid4)
    key_id = "abcdefghijkl"
    name = "Nightly export"
    scopes = frozenset()
    created_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda key: key.created_at + timedelta(days=1))
    requests_per_minute = 600


class IntegrationFactory(factory.django.DjangoModelFactory):
    """An integration by hand, of which `owner` is the Owner."""

    class Meta:
        model = Integration

    owner = factory.SubFactory(MemberFactory)
    application = "Slack"
    label = factory.Sequence(lambda number: f"Slack {number}")
    connector = "manual"

    @classmethod
    def _create(cls, _model_class, *_args, owner, **kwargs):
        return integrations.connect_integration(actor_for(owner), **kwargs)


class EntitlementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Entitlement

    integration = factory.SubFactory(IntegrationFactory)
    code = factory.Sequence(lambda number: f"ROLE_{number}")
    key = "role"
    value = factory.SelfAttribute("code")
    label = factory.SelfAttribute("code")


class IntegrationUserFactory(factory.django.DjangoModelFactory):
    """A live Collaborator."""

    class Meta:
        model = IntegrationUser

    integration = factory.SubFactory(IntegrationFactory)
    member = factory.SubFactory(
        MemberFactory, workspace=factory.SelfAttribute("..integration.workspace")
    )
    status = IntegrationUser.Status.LIVE


class JobFactory(factory.django.DjangoModelFactory):
    """A job on an integration, as if it had just been asked for."""

    class Meta:
        model = Job

    integration = factory.SubFactory(IntegrationFactory)
    workspace = factory.SelfAttribute("integration.workspace")
    workflow_type = Job.WorkflowType.GET_BUSINESS
    created_by = factory.SelfAttribute("integration.created_by")
