"""The API's lists, beside bare views that run the same SQL and dump the same JSON."""

from __future__ import annotations

import json

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import filling, wire
from tests.bench.figures import at_least
from tests.bench.installation import REQUESTS_PER_MINUTE
from workspaces.directory.models import Member, User
from workspaces.directory.roles import Role

LISTS = ["users", "accounts", "activities"]
FEW = 20  # accounts of the other member that `fill` makes
MEMBERS = 500


def prepare(site):
    """A workspace with many members, accounts and activities, and its key."""
    site.reader, _ = filling.fill(site.pace.items, FEW)
    workspace = site.reader.workspace
    workspace.requests_per_minute = REQUESTS_PER_MINUTE
    workspace.save()
    people = [
        User(email=f"member{number}@people.example", first_name="Ada", last_name=f"Number {number}")
        for number in range(MEMBERS)
    ]
    User.objects.bulk_create(people)
    Member.objects.bulk_create(
        Member(workspace=workspace, user=person, role=Role.USER) for person in people
    )


def figures(site):
    """The throughput of each list at page size 25 ÷ that of its bare view, and its queries."""
    key = site.reader.plaintext
    with site.served("tests.bench.stacks.bare", wire.with_key("/bare/users", key)) as bare:
        for name in LISTS:
            product = site.product, [wire.with_key(f"/api/v1/{name}", key).decode()]
            beside = bare, [wire.with_key(f"/bare/{name}", key).decode()]
            assert document(*product) == document(*beside), f"the bare view of {name} differs"
            found = site.compare(product, beside, (site.pace.pairs + 1) // 2)
            note = f"{queries(name, key)} queries; {found.note}"
            yield at_least(
                f"/{name} ÷ the same SQL and JSON bare", found.throughput, 0.7, note=note
            )


def document(server, requests):
    """What the server answers, as JSON means it."""
    return json.loads(wire.body(wire.ask(server.port, requests[0].encode())[1]))


def queries(name, key):
    """How many queries a page takes, once all is in mind that is remembered."""
    client = Client(headers={"X-API-Key": key, "Host": "127.0.0.1"})
    client.get(f"/api/v1/{name}")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/api/v1/{name}").status_code == 200
    return len(captured)
