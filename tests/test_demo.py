import pytest
from django.db import transaction
from django.test import override_settings
from django_tasks_db.models import DBTaskResult

from cerbykeys.demo import create_demo
from workspaces.activity.models import Activity
from workspaces.automation.models import Job
from workspaces.automation.queries import integrations_for
from workspaces.directory.models import Member, User, Workspace
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.vaults.models import Secret, Vault
from workspaces.vaults.queries import (
    accounts_for,
    collections_for,
    owned_accounts_for,
    secrets_for,
)

pytestmark = pytest.mark.django_db

PASSWORD = "demo password of the tests"


@pytest.fixture(scope="class")
def demo(django_db_setup, django_db_blocker):  # noqa: ARG001  (makes the test database)
    """The demo, made once: each test of it is rolled back to this."""
    quickly = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), transaction.atomic():
        with quickly:
            assert create_demo(PASSWORD) is True
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("demo")
class TestTheDemo:
    def test_acme_has_a_person_in_every_role(self):
        people = Member.objects.filter(workspace__slug="acme", status="live")
        assert set(people.values_list("user__email", "role")) == {
            ("owner@acme.example", Role.OWNER),
            ("superadmin@acme.example", Role.SUPER_ADMIN),
            ("admin@acme.example", Role.ADMIN),
            ("user@acme.example", Role.USER),
            ("loginonly@acme.example", Role.LOGIN_ONLY),
            ("guest@acme.example", Role.GUEST),
        }

    def test_acme_has_two_vaults_and_globex_one(self):
        assert Vault.objects.filter(workspace__slug="acme").count() == 2
        assert Vault.objects.filter(workspace__slug="globex").count() == 1

    def test_nobody_is_in_both_workspaces(self):
        acme, globex = (
            set(Member.objects.filter(workspace__slug=slug).values_list("user"))
            for slug in ("acme", "globex")
        )
        assert acme.isdisjoint(globex)

    def test_the_owner_owns_most_integrations_and_shares_one(self):
        owner = Member.objects.get(user__email="owner@acme.example")
        roles = [integration.role for integration in integrations_for(actor_for(owner))]
        assert roles.count("owner") == len(roles) - 1 >= 7
        assert roles.count("collaborator") == 1

    def test_there_are_three_pages_of_jobs_of_every_kind_and_outcome(self):
        jobs = Job.objects.filter(workspace__slug="acme")
        assert jobs.count() > 50
        assert set(jobs.values_list("workflow_type", flat=True)) >= {
            "provide_access",
            "update_access",
            "get_business",
        }
        assert set(jobs.values_list("status", "error_type")) == {
            ("finished", ""),
            ("running", ""),
            ("error", "marked_failed"),
            ("error", "cancelled"),
            ("error", "host_refused"),
        }

    def test_nothing_of_the_demo_waits_in_the_queue(self):
        assert not DBTaskResult.objects.exists()

    def test_everyone_signs_in_with_the_password(self):
        assert all(user.check_password(PASSWORD) for user in User.objects.all())

    @pytest.mark.parametrize("login", ["owner", "superadmin", "admin", "user", "guest"])
    def test_everyone_who_may_see_secrets_sees_some(self, login):
        member = Member.objects.get(user__email=f"{login}@acme.example")
        assert secrets_for(actor_for(member)).exists()

    def test_acme_s_owner_owns_three_pages_of_accounts_and_shares_more(self):
        actor = actor_for(Member.objects.get(user__email="owner@acme.example"))
        owned, shared = owned_accounts_for(actor).count(), accounts_for(actor).count()
        assert 50 < owned < shared
        assert collections_for(actor).exclude(parent=None).exists()

    def test_every_secret_came_with_its_activity(self):
        recorded = Activity.objects.filter(event="SECRET_CREATED").values_list(
            "target_id", flat=True
        )
        assert set(recorded) == {
            str(secret_id) for secret_id in Secret.objects.values_list("id", flat=True)
        }

    def test_a_second_run_changes_nothing(self):
        before = Activity.objects.count()
        assert create_demo("another password") is False
        assert (Workspace.objects.count(), Activity.objects.count()) == (2, before)
        assert User.objects.get(email="owner@acme.example").check_password(PASSWORD)


def test_a_demo_that_fails_half_way_leaves_nothing(monkeypatch):
    monkeypatch.setattr("cerbykeys.demo.items.APPLICATIONS", [])
    monkeypatch.setattr("cerbykeys.demo.secrets.GLOBEX_ITEMS", [None])
    with pytest.raises(AttributeError):
        create_demo(PASSWORD)
    assert not Workspace.objects.exists()
    assert not User.objects.exists()
