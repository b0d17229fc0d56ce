import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from tests.asking import ask, attributes, error, ids
from tests.factories import ApiKeyFactory, MemberFactory, TeamFactory, WorkspaceFactory
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return WorkspaceFactory()


@pytest.fixture
def key(workspace):
    return ApiKeyFactory(owner=workspace.owner, scopes=["read:users"])


def emails(answer):
    return [user["email"] for user in attributes(answer)]


def test_a_user_is_told_of_by_the_id_of_the_person(key, workspace):
    member = MemberFactory(workspace=workspace, role=Role.GUEST, status="pending")
    answer = ask(f"/users/{member.user_id}", key)
    resource = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(member.user_id), "user")
    assert attributes(answer) == {
        "firstName": "Ada",
        "lastName": member.user.last_name,
        "email": member.user.email,
        "role": "workspace_guest_user",
        "status": "pending",
        "isGuest": True,
        "mfaStatus": None,
        "createdAt": member.created_at.isoformat(timespec="microseconds"),
        "updatedAt": member.updated_at.isoformat(timespec="microseconds"),
    }


def test_a_membership_has_no_address_of_its_own(key, workspace):
    error(ask(f"/users/{workspace.owner_id}", key), 404)


def test_users_come_in_the_order_in_which_they_came(key, workspace):
    members = [workspace.owner, *MemberFactory.create_batch(3, workspace=workspace)]
    assert ids(ask("/users", key)) == [str(member.user_id) for member in members]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("grace", {"grace@navy.example"}),
        ("GRACE hopper", {"grace@navy.example"}),
        ("hopper grace", {"grace@navy.example"}),
        ("navy.example", {"grace@navy.example", "alan@navy.example"}),
        ("grace turing", set()),
        ("%", set()),
        ("_", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_every_word_of_the_filter_is_in_the_name_or_the_address(key, workspace, text, found):
    for first, last in (("Grace", "Hopper"), ("Alan", "Turing")):
        MemberFactory(
            workspace=workspace,
            user__first_name=first,
            user__last_name=last,
            user__email=f"{first.lower()}@navy.example",
        )
    assert set(emails(ask("/users", key, query={"filter": text}))) == found


def test_an_empty_filter_narrows_nothing(key):
    assert len(ids(ask("/users", key, query={"filter": " "}))) == 1


def test_a_filter_too_long_is_refused(key):
    fault = error(ask("/users", key, query={"filter": "x" * 201}), 400)
    assert fault["meta"]["type"] == "string_too_long"


def test_users_are_filtered_by_one_status_or_several(key, workspace):
    pending = MemberFactory(workspace=workspace, status="pending").user.email
    disabled = MemberFactory(workspace=workspace, status="disabled").user.email
    barred = MemberFactory(workspace=workspace, user__is_active=False).user.email
    live = workspace.owner.user.email

    def found(statuses):
        return set(emails(ask("/users", key, query={"filter[status]": statuses})))

    assert found("live") == {live}
    assert found("pending") == {pending}
    assert found("disabled") == {disabled, barred}
    assert found("pending,disabled") == {pending, disabled, barred}


def test_who_may_not_sign_in_is_shown_as_disabled(key, workspace):
    barred = MemberFactory(workspace=workspace, user__is_active=False)
    assert attributes(ask(f"/users/{barred.user_id}", key))["status"] == "disabled"


@pytest.mark.parametrize("value", ["alive", "live,", "", "LIVE", "live;pending"])
def test_an_unknown_status_is_a_400_that_names_the_known_ones(key, value):
    fault = error(ask("/users", key, query={"filter[status]": value}), 400)
    assert fault["meta"]["loc"] == ["query", "filter[status]"]
    assert "live, pending, disabled" in fault["detail"]


@pytest.mark.parametrize(("value", "guests"), [("true", True), ("True", True), ("false", False)])
def test_users_are_filtered_by_being_guests(key, workspace, value, guests):
    guest = MemberFactory(workspace=workspace, role=Role.GUEST).user.email
    found = emails(ask("/users", key, query={"filter[isGuest]": value}))
    assert (guest in found) is guests
    assert (workspace.owner.user.email in found) is not guests


@pytest.mark.parametrize("name", ["filter[isGuest]", "mfaStatus"])
def test_a_boolean_that_is_none_is_refused(key, name):
    fault = error(ask("/users", key, query={name: "maybe"}), 400)
    assert fault["meta"]["loc"] == ["query", name]


def enroll(member, kind):
    return Authenticator.objects.create(
        user=member.user, type=kind, data={}, created_at=timezone.now()
    )


def mfa(key, member):
    return attributes(ask(f"/users/{member.user_id}", key, query={"mfaStatus": "true"}))[
        "mfaStatus"
    ]


def test_the_second_factor_is_told_of_where_asked_for(key, workspace):
    enrolled = enroll(workspace.owner, Authenticator.Type.TOTP)
    enroll(workspace.owner, Authenticator.Type.RECOVERY_CODES)
    expected = {
        "mfaEnabled": True,
        "mfaEnrollmentDate": enrolled.created_at.isoformat(timespec="microseconds"),
    }
    assert mfa(key, workspace.owner) == expected
    listed = ask("/users", key, query={"mfaStatus": "true"})
    assert attributes(listed)[0]["mfaStatus"] == expected


def test_recovery_codes_alone_are_no_second_factor(key, workspace):
    enroll(workspace.owner, Authenticator.Type.RECOVERY_CODES)
    assert mfa(key, workspace.owner) == {"mfaEnabled": False, "mfaEnrollmentDate": None}


def test_a_team_is_told_of(key, workspace):
    team = TeamFactory(workspace=workspace)
    answer = ask(f"/teams/{team.id}", key)
    resource = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(team.id), "team")
    assert attributes(answer) == {
        "name": team.name,
        "type": "user_managed",
        "workspaceId": str(workspace.id),
        "createdAt": team.created_at.isoformat(timespec="microseconds"),
        "updatedAt": team.updated_at.isoformat(timespec="microseconds"),
    }


def test_teams_come_in_the_order_in_which_they_were_made(key, workspace):
    teams = TeamFactory.create_batch(3, workspace=workspace)
    assert ids(ask("/teams", key)) == [str(team.id) for team in teams]
