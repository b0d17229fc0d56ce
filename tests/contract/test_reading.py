"""Queries are planned once and asked for everyone; whoever asks gets their own rows."""

import uuid
from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import MemberFactory, TeamFactory
from workspaces.contract import reading as module
from workspaces.contract.reading import reading
from workspaces.directory.models import Team
from workspaces.directory.queries import actor_for, members_for, teams_for

pytestmark = pytest.mark.django_db


class TeamRow(NamedTuple):
    id: str
    name: str
    created_at: str


class MemberRow(NamedTuple):
    user__email: str
    mfa_since: str | None = "not read"


def build(actor, *, name):
    """Teams whose name begins like this: a percent sign in SQL is not a place."""
    built.append(name)
    return teams_for(actor).filter(name__startswith=name)


built = []


@pytest.fixture
def actor():
    return actor_for(MemberFactory())


def test_a_query_is_built_once_for_each_set_of_filters(actor):
    module._plan.cache_clear()
    built.clear()
    other = actor_for(MemberFactory())
    ours = TeamFactory(workspace_id=actor.workspace_id, name="a%s")
    TeamFactory(workspace_id=other.workspace_id, name="a%d")
    found = [[row.name for row in reading(build, TeamRow, who, name="a%")[:9]]
             for who in (actor, other)]  # fmt: skip
    assert found == [["a%s"], ["a%d"]]
    assert [row.id for row in reading(build, TeamRow, actor, name="a")[:9]] == [str(ours.id)]
    assert built == ["a%", "a"]


def test_a_slice_is_that_of_the_query(actor):
    teams = TeamFactory.create_batch(5, workspace_id=actor.workspace_id)
    found = reading(teams_for, TeamRow, actor)
    assert [row.name for row in found[1:3]] == [team.name for team in teams[1:3]]
    assert found.count() == 5
    assert found[5:9] == []


def test_counting_leaves_out_the_order_and_the_columns(actor):
    with CaptureQueriesContext(connection) as asked:
        reading(teams_for, TeamRow, actor).count()
    assert "ORDER" not in asked.captured_queries[0]["sql"]
    assert "name" not in asked.captured_queries[0]["sql"]


def test_times_and_ids_are_text_as_the_contract_writes_them(actor):
    team = TeamFactory(workspace_id=actor.workspace_id)
    row = reading(teams_for, TeamRow, actor).get(pk=team.pk)
    assert row.id == str(team.id)
    assert row.created_at == team.created_at.isoformat(timespec="microseconds")


def test_what_is_not_there_or_another_workspaces_does_not_exist(actor):
    foreign = TeamFactory()
    for pk in (foreign.pk, uuid.uuid4()):
        with pytest.raises(Team.DoesNotExist):
            reading(teams_for, TeamRow, actor).get(pk=pk)


def test_a_query_that_can_find_nothing_asks_nothing(actor, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert reading(nothing, TeamRow, actor)[:9] == []
        assert reading(nothing, TeamRow, actor).count() == 0


def nothing(actor):
    return teams_for(actor).none()


def test_a_field_with_a_default_is_read_where_the_query_has_it(actor):
    plain = reading(members_for, MemberRow, actor)[:1]
    told = reading(members_for, MemberRow, actor, with_mfa=True)[:1]
    assert (plain[0].mfa_since, told[0].mfa_since) == ("not read", None)
