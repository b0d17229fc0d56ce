import pytest

from workspaces.activity.events import Event
from workspaces.activity.models import Activity
from workspaces.activity.wording import details_of, event_label


@pytest.mark.parametrize(
    ("event", "label"),
    [
        (Event.API_KEY_CREATED, "API key created"),
        (Event.LOGIN_FAILED, "Login failed"),
        (Event.SECRET_REQUESTED, "Secret requested"),
    ],
)
def test_an_event_is_a_phrase(event, label):
    assert event_label(event) == label


@pytest.mark.parametrize(
    ("details", "lines"),
    [
        ({}, []),
        ({"savedInVault": None}, [("Saved in vault", "—")]),
        ({"isDefault": True}, [("Is default", "Yes")]),
        ({"scopes": ["read:users", "read:items"]}, [("Scopes", "read:users, read:items")]),
        ({"with": {"type": "team", "id": "1", "name": "Ops"}}, [("With", "Ops")]),
        ({"from": "live", "to": "disabled"}, [("Change", "live → disabled")]),
        (
            {"changes": {"max_key_lifetime_days": {"from": 1, "to": 2}}},
            [("Max key lifetime days", "1 → 2")],
        ),
    ],
)
def test_details_are_names_and_values(details, lines):
    assert details_of(Activity(details=details)) == lines
