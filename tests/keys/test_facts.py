"""What a process remembers of keys, for how long, and how removals wait it out."""

import importlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from tests.factories import ApiKeyFactory, MemberFactory
from workspaces import lease
from workspaces.actor import Actor, Origin
from workspaces.contract.scopes import Scope
from workspaces.directory import actions as directory
from workspaces.directory.models import Member, User, Workspace
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.keys import actions, facts
from workspaces.keys.models import ApiKey
from workspaces.keys.verification import Reason, Refusal, verify

pytestmark = pytest.mark.django_db
migration = importlib.import_module("workspaces.keys.migrations.0003_epoch")
real_transactions = pytest.mark.django_db(transaction=True)


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def memory(real_lease, clock):  # noqa: ARG001  (remembers only where that is asked for)
    return facts.Memory(size=2, clock=clock)


@pytest.fixture
def key():
    return ApiKeyFactory()


@pytest.fixture(autouse=True)
def _epoch_moves_at_once(db):  # noqa: ARG001  (in its transaction)
    """On PostgreSQL the epoch moves when a transaction ends, which in most tests is never."""
    if connection.vendor == "postgresql":
        triggers = ", ".join(f"{name}_epoch" for name in migration.WATCHED)
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {triggers} IMMEDIATE")


def test_within_the_lease_nothing_is_asked_of_the_database(memory, key, django_assert_num_queries):
    first = memory.of(key.key_id)
    with django_assert_num_queries(0):
        assert memory.of(key.key_id) is first


def test_after_the_lease_one_look_at_the_epoch_is_enough_while_nothing_changes(
    memory, key, clock, django_assert_num_queries
):
    first = memory.of(key.key_id)
    clock.now += lease.SECONDS
    with django_assert_num_queries(1):
        assert memory.of(key.key_id) is first


def change_the_key(key):
    ApiKey.objects.filter(pk=key.pk).update(status="disabled")


def change_the_member(key):
    Member.objects.filter(pk=key.owner_id).update(role=Role.USER)


def change_the_user(key):
    User.objects.filter(pk=key.owner.user_id).update(is_active=False)


def change_the_workspace(key):
    Workspace.objects.filter(pk=key.workspace_id).update(requests_per_minute=7)


def remove_the_member(key):
    Member.objects.get(pk=key.owner_id).delete()


def remove_the_row(key):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM keys_apikey WHERE key_id = %s", [key.key_id])


@pytest.mark.parametrize(
    "change",
    [
        change_the_key,
        change_the_member,
        change_the_user,
        change_the_workspace,
        remove_the_member,
        remove_the_row,
    ],
)
def test_whatever_is_asked_about_a_key_is_seen_changed_when_the_lease_is_over(
    memory, key, clock, change
):
    before = memory.of(key.key_id)
    change(key)
    assert memory.of(key.key_id) is before
    clock.now += lease.SECONDS
    assert memory.of(key.key_id) != before


def test_the_use_of_a_key_and_a_sign_in_move_no_epoch(key):
    before = facts.read_epoch()
    User.objects.filter(pk=key.owner.user_id).update(last_login=key.created_at)
    MemberFactory(workspace=key.workspace)
    ApiKeyFactory(owner=key.owner)
    assert facts.read_epoch() == before


@real_transactions
def test_a_change_that_is_taken_back_moves_no_epoch(key):
    before = facts.read_epoch()
    with transaction.atomic():
        change_the_key(key)
        transaction.set_rollback(True)
    assert facts.read_epoch() == before


def test_facts_read_before_a_change_are_not_kept_after_it(memory, key, clock, monkeypatch):
    read = facts.read

    def overtaken(key_id):
        seen = read(key_id)
        change_the_key(key)
        clock.now += lease.SECONDS
        monkeypatch.setattr(facts, "read", read)
        memory.of("another")  # another request of this process looks at the epoch meanwhile
        return seen

    memory.of("another")
    monkeypatch.setattr(facts, "read", overtaken)
    assert memory.of(key.key_id).status == "active"
    assert memory.of(key.key_id).status == "disabled"


def test_before_the_lease_ends_one_looks_and_the_others_go_on(memory, key, clock, monkeypatch):
    memory.of(key.key_id)
    looks, look = [], facts.read_epoch

    def slow():
        looks.append(clock.now)
        memory.of(key.key_id)  # as another request: it neither looks nor waits
        return look()

    monkeypatch.setattr(facts, "read_epoch", slow)
    clock.now += 0.7 * lease.SECONDS
    memory.of(key.key_id)
    clock.now += 0.5 * lease.SECONDS  # the lease goes on from that look
    memory.of(key.key_id)
    assert len(looks) == 1


@real_transactions
def test_where_the_lease_has_ended_many_wait_for_one_look(memory, key, clock, monkeypatch):
    memory.of(key.key_id)
    looks, look = [], facts.read_epoch

    def slow():
        looks.append(clock.now)
        time.sleep(0.05)
        return look()

    def ask():
        memory.of(key.key_id)
        connection.close()

    monkeypatch.setattr(facts, "read_epoch", slow)
    clock.now += lease.SECONDS
    asking = [threading.Thread(target=ask) for _ in range(8)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert len(looks) == 1


@real_transactions
@pytest.mark.parametrize("takes", [0.1, 0.4])
def test_while_looks_fail_nobody_waits_for_one_after_the_other(real_lease, key, monkeypatch, takes):
    monkeypatch.setattr(facts, "PATIENCE", 0.3)
    monkeypatch.setattr(facts, "PATIENCE_IN_VAIN", 0.01)
    memory, looks, look = facts.Memory(size=2), [], facts.read_epoch
    memory.of(key.key_id)

    def fail():
        looks.append(1)
        time.sleep(takes)
        raise OperationalError("no answer")

    def ask(_):
        began = time.monotonic()
        with pytest.raises(OperationalError):
            memory.of(key.key_id)
        return time.monotonic() - began

    monkeypatch.setattr(facts, "read_epoch", fail)
    time.sleep(real_lease)
    with ThreadPoolExecutor(8) as pool:
        waits = sorted(pool.map(ask, range(40)))
    assert waits[-1] < 0.6
    assert waits[20] < 0.1
    assert len(looks) < 5
    monkeypatch.setattr(facts, "read_epoch", look)
    assert memory.of(key.key_id).status == "active"


@real_transactions
@pytest.mark.parametrize("failures", [0, 1])
def test_a_slow_database_refuses_nobody_once_a_look_has_succeeded(
    real_lease, key, monkeypatch, failures
):
    memory, look, failing = facts.Memory(size=2), facts.read_epoch, [1] * failures
    memory.of(key.key_id)

    looks = []

    def slowly():
        looks.append(1)
        time.sleep(1.2 * real_lease)
        if failing:
            failing.pop()
            raise OperationalError("once")
        return look()

    def ask(_):
        try:
            return memory.of(key.key_id) is not None
        except OperationalError:
            return False

    monkeypatch.setattr(facts, "read_epoch", slowly)
    time.sleep(real_lease)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24 + 60 * failures)))
    assert all(answers[-24:])
    # Each look is of use to all who asked before it began.
    assert len(looks) < len(answers) / 2


def test_the_lease_is_renewed_after_what_is_older_has_gone(memory, key, clock, monkeypatch):
    """Who finds the lease renewed finds no older facts, though nobody waits for a lock."""
    memory.of(key.key_id)
    seen = []
    clock.now += 10

    def noticing(self, name, value):
        seen.append(name)
        object.__setattr__(self, name, value)

    monkeypatch.setattr(facts, "read_epoch", lambda: -1)
    monkeypatch.setattr(facts.Memory, "__setattr__", noticing)
    memory.of(key.key_id)
    assert seen.index("_facts") < seen.index("_epoch") < seen.index("_looked_at")


def test_the_oldest_are_forgotten(memory, key, django_assert_num_queries):
    others = ApiKeyFactory.create_batch(2, owner=key.owner)
    for each in [key, *others]:
        memory.of(each.key_id)
    with django_assert_num_queries(0):
        memory.of(others[0].key_id)
    with django_assert_num_queries(1):
        memory.of(key.key_id)


def test_a_key_that_does_not_exist_is_not_remembered(memory):
    assert memory.of("nothing12345") is None
    assert not memory._facts


@real_transactions
@pytest.mark.parametrize(
    ("take_away", "reason"),
    [
        (actions.remove_key, Reason.REMOVED),
        (actions.disable_key, Reason.DISABLED),
        (lambda owner, key: directory.change_role(owner, key.owner, Role.USER), Reason.OWNER_ROLE),
        (
            lambda owner, key: directory.set_member_status(owner, key.owner, "disabled"),
            Reason.OWNER_DISABLED,
        ),
        (lambda owner, key: directory.remove_member(owner, key.owner), Reason.OWNER_REMOVED),
    ],
    ids=["removal", "disabling", "another role", "a disabled owner", "a removed owner"],
)
def test_no_request_that_begins_after_the_answer_is_let_in(real_lease, key, take_away, reason):
    """Other requests look at the epoch all the time, also just before the change."""
    owner = actor_for(key.workspace.owner)
    answered, stop = threading.Event(), threading.Event()
    verdicts = []

    def ask():
        while not stop.is_set():
            after = answered.is_set()
            verdicts.append((after, verify(key.plaintext, Origin())))
        connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    while not verdicts:
        time.sleep(0.001)
    began = time.monotonic()
    take_away(owner, key)
    took = time.monotonic() - began
    answered.set()
    while not verdicts[-1][0]:
        time.sleep(0.001)
    time.sleep(0.05)
    stop.set()
    asking.join()
    assert isinstance(verdicts[0][1], Actor)
    late = {verdict for after, verdict in verdicts if after}
    assert late == {Refusal(reason)}
    assert took >= real_lease


@real_transactions
def test_several_changes_in_one_transaction_wait_once(real_lease, key):
    keys = [key, *ApiKeyFactory.create_batch(3, owner=key.owner)]
    began = time.monotonic()
    with transaction.atomic():
        for each in keys:
            actions.disable_key(actor_for(key.workspace.owner), each)
    assert real_lease <= time.monotonic() - began < 2 * real_lease


@real_transactions
def test_a_scope_that_is_added_waits_for_nothing(real_lease, key):
    began = time.monotonic()
    actions.switch_scope(actor_for(key.owner), key, _a_scope_not_in(key), on=True)
    assert time.monotonic() - began < real_lease


def _a_scope_not_in(key):
    return next(scope for scope in Scope if scope.value not in key.scopes)
