"""The API against its own description: schemathesis sends what it allows, and what it does not.

With a good key that has every scope; to things that there are, and to others. The seed is fixed.
FUZZ_EXAMPLES says how many requests of each kind an operation gets; without it, none are sent.
"""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from cerbykeys.api import api
from tests.asking import EVERY_SCOPE
from tests.factories import ApiKeyFactory, MemberFactory
from tests.site.operations import TABLE
from workspaces.contract.assembly import operations_of

pytestmark = pytest.mark.django_db

OPERATIONS = {operation.name: operation for operation in operations_of(api)}

# Where any words may be asked for, `1` is one, though a number is no list of texts.
UNFIT = {"listJobs": [negative_data_rejection], "listAccounts": [negative_data_rejection]}

running = settings(
    max_examples=int(os.environ["FUZZ_EXAMPLES"]),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def schema():
    """The description, of an application that leaves the test's connection open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_is_answered_but_what_is_described(schema, name, mode):
    owner = MemberFactory()
    workspace = owner.workspace
    type(workspace).objects.filter(pk=workspace.pk).update(requests_per_minute=100_000)
    things = TABLE[name].things(owner)
    operation = schema[f"/api/v1{OPERATIONS[name].path}"][OPERATIONS[name].method]

    # A page or a cursor, not both: a description of parameters cannot say so.
    cases = st.one_of(
        operation.as_strategy(generation_mode=mode),
        operation.as_strategy(
            generation_mode=mode,
            path_parameters={
                parameter.name: str(things[parameter.name])
                for parameter in operation.path_parameters
            },
        ),
    ).filter(lambda case: not {"cursor", "page[number]"} <= case.query.keys() and _is_sent(case))

    unfit = UNFIT.get(name, [])
    if TABLE[name].body:  # a description cannot say which ids there are
        unfit = [positive_data_acceptance]

    @running
    @given(case=cases)
    def sends(case):
        key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE).plaintext
        case.call_and_validate(headers={"X-API-Key": key}, excluded_checks=unfit)

    sends()


def _is_sent(case):
    """Whether every parameter is more than an empty list, which leaves no trace in an address."""
    return [] not in case.query.values()
