import pytest

from tests.asking import ask, attributes, error, ids
from tests.factories import (
    AccountFactory,
    AccountShareFactory,
    ApiKeyFactory,
    MemberFactory,
    TeamMemberFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory.queries import actor_for
from workspaces.vaults import actions
from workspaces.vaults.models import Account

pytestmark = pytest.mark.django_db

PASSWORDS = {"filter[secretType]": "password"}


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=["read:items:accounts"])


@pytest.fixture
def account(key):
    return AccountFactory(
        owner=key.owner,
        application="Slack",
        label="Acme Slack",
        url="https://www.acme.slack.com/",
        email="it@acme.example",
        mfa_enabled=True,
        mfa_types=["otp", "non-voip"],
        has_totp=True,
        password="correct horse",
    )


def requests(account):
    return Activity.objects.filter(event="ACCOUNT_PASSWORD_REQUESTED", target_id=str(account.id))


def at(moment):
    return moment.isoformat(timespec="microseconds")


def test_an_account_tells_its_facts_and_not_its_password(key, account):
    answer = ask("/accounts", key)
    [resource] = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(account.id), "account")
    assert resource["attributes"] == {
        "application": "Slack",
        "label": "Acme Slack",
        "workspace": key.workspace.slug,
        "status": "enabled",
        "businessId": None,
        "url": "https://www.acme.slack.com/",
        "domain": "acme.slack.com",
        "email": "it@acme.example",
        "phone": None,
        "cerbyManagedEmail": False,
        "cerbyManagedPhone": False,
        "hasBackupCode": False,
        "hasPasskey": False,
        "hasTotp": True,
        "mfaEnabled": True,
        "mfaTypes": ["otp", "non-voip"],
        "passwordSet": True,
        "lastLoginBy": None,
        "lastLoginDate": None,
        "lastPasswordChange": at(account.password_changed_at),
        "createdAt": at(account.created_at),
        "createdBy": str(key.owner.user_id),
        "updatedAt": at(account.updated_at),
    }
    assert attributes(ask(f"/accounts/{account.id}", key)) == resource["attributes"]
    assert not requests(account).exists()


def test_a_password_comes_in_an_array_and_leaves_a_trace(key, account):
    answer = ask(f"/accounts/{account.id}/secrets", key, query=PASSWORDS)
    [resource] = answer.json()["data"]
    assert resource == {
        "id": str(account.password.id),
        "type": "password",
        "attributes": {
            "secretType": "password",
            "vaultId": str(account.password.vault_id),
            "body": {"type": "plaintext", "value": "correct horse"},
            "createdAt": at(account.password.created_at),
            "updatedAt": at(account.password.updated_at),
        },
    }
    assert "page%5Bsize%5D=20" in answer.json()["links"]["self"]
    trace = requests(account).get()
    assert (trace.actor_type, trace.actor_id) == ("apiKey", key.id)


@pytest.mark.parametrize("status", ["enabled", "disabled"])
def test_where_there_is_nothing_to_read_the_array_is_empty(key, account, status):
    other = AccountFactory(owner=key.owner)
    actions.set_account_status(actor_for(key.owner), account, "disabled")
    path = f"/accounts/{(other if status == 'enabled' else account).id}/secrets"
    assert ask(path, key, query=PASSWORDS).json()["data"] == []
    assert not requests(account).exists()


@pytest.mark.parametrize("query", [{}, {"filter[secretType]": "note"}])
def test_the_type_of_secret_has_to_be_asked_for(key, account, query):
    fault = error(ask(f"/accounts/{account.id}/secrets", key, query=query), 400)
    assert fault["meta"]["loc"] == ["query", "filter[secretType]"]
    assert not requests(account).exists()


def test_a_collaborator_s_key_sees_no_account_and_no_password(key):
    teammate = MemberFactory(workspace=key.workspace)
    account = AccountFactory(owner=teammate, password="theirs")
    AccountShareFactory(item=account, member=key.owner)
    assert ids(ask("/accounts", key)) == []
    error(ask(f"/accounts/{account.id}", key), 404)
    error(ask(f"/accounts/{account.id}/secrets", key, query=PASSWORDS), 404)
    assert not requests(account).exists()


def test_an_account_owned_in_several_ways_is_there_once(key, account):
    for _ in range(2):
        team = TeamMemberFactory(member=key.owner, team__workspace=key.workspace).team
        AccountShareFactory(item=account, team=team, role="owner")
    answer = ask("/accounts", key)
    assert ids(answer) == [str(account.id)]
    assert answer.json()["meta"]["page"]["total"] == 1


@pytest.fixture
def several(key):
    actor = actor_for(key.owner)
    made = {}
    for application in ("Slack", "Figma", "Zoom"):
        for status in ("enabled", "disabled"):
            account = AccountFactory(
                owner=key.owner, application=application, label=f"{application} {status}"
            )
            actions.set_account_status(actor, account, status)
            made[account.label] = account
    return made


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({"filter[application]": "Slack"}, {"Slack enabled", "Slack disabled"}),
        ({"filter[application]": "Slack,Zoom", "filter[status]": "enabled"},
         {"Slack enabled", "Zoom enabled"}),
        ({"filter[status]": "disabled"}, {"Slack disabled", "Figma disabled", "Zoom disabled"}),
        ({"filter[application]": "Unheard of"}, set()),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("several")
def test_filters_narrow_the_list_and_its_total(key, query, labels):
    answer = ask("/accounts", key, query=query)
    assert {facts["label"] for facts in attributes(answer)} == labels
    assert answer.json()["meta"]["page"]["total"] == len(labels)


@pytest.mark.parametrize(
    "query",
    [
        {"filter[status]": "enabled,gone"},
        {"filter[status]": ""},
        {"filter[application]": ""},
        {"filter[application]": "Slack,"},
        {"filter[label]": "x"},
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(key, query):
    fault = error(ask("/accounts", key, query=query), 400)
    assert fault["meta"]["loc"] == ["query", *query]


def test_the_list_is_walked_by_its_links_in_order_each_account_once(key):
    for _ in range(7):
        AccountFactory(owner=key.owner)
    seen, path = [], "/accounts?page[size]=3"
    while path:
        answer = ask(path, key)
        seen += ids(answer)
        path = answer.json()["links"]["next"]
    in_order = Account.objects.order_by("created_at", "id").values_list("id", flat=True)
    assert seen == [str(account_id) for account_id in in_order]
