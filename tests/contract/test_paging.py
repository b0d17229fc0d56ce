import pytest

from tests.asking import EVERY_SCOPE, ask, error, ids
from tests.factories import ApiKeyFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=EVERY_SCOPE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("page[size]", value) for value in ("0", "-1", "101", "", "abc", "1.5", "1e1", "null")),
        *(("page[size]", value) for value in (" 1", "1 ", "+1", "01", "1_0", "٣", "1" * 5000)),
        *(("page[number]", value) for value in ("0", "-1", "", "one", "1.0", "0x1", "1,2")),
    ],
)
def test_anything_but_a_whole_number_in_range_is_a_400_that_names_the_parameter(key, name, value):
    fault = error(ask("/teams", key, query={name: value}), 400)
    assert fault["code"] == "validation_error"
    assert fault["meta"]["loc"] == ["query", name]
    assert fault["meta"].keys() == {"loc", "msg", "type"}


def test_every_fault_has_its_own_entry(key):
    answer = ask("/teams", key, query={"page[size]": "0", "page[number]": "x", "color": "red"})
    error(answer, 400)
    assert [fault["meta"]["loc"][1] for fault in answer.json()["errors"]] == [
        "page[number]",
        "page[size]",
        "color",
    ]


def test_a_parameter_sent_twice_is_refused(key):
    fault = error(ask("/teams?page[size]=1&page[size]=2", key), 400)
    assert fault["meta"] == {
        "loc": ["query", "page[size]"],
        "msg": "The parameter was sent more than once",
        "type": "sent_twice",
    }


@pytest.mark.parametrize("value", ["\0", "a\nb", "\x7f"])
def test_a_control_character_is_refused(key, value):
    fault = error(ask("/users", key, query={"filter": value}), 400)
    assert fault["meta"]["loc"] == ["query", "filter"]


@pytest.mark.parametrize("value", ["a\u00a0b", "日本語", "👩‍💻", "%_\\'\""])
def test_every_other_character_may_be_searched_for(key, value):
    assert ids(ask("/users", key, query={"filter": value})) == []


def test_the_name_of_an_unknown_parameter_may_hold_anything(key):
    fault = error(ask("/teams", key, query={"a{b}%s": "1"}), 400)
    assert fault["meta"]["loc"] == ["query", "a{b}%s"]


def test_the_first_page_holds_25(key):
    TeamFactory.create_batch(26, workspace=key.workspace)
    answer = ask("/teams", key)
    assert len(ids(answer)) == 25
    assert answer.json()["links"] == {
        "self": "/api/v1/teams?page%5Bnumber%5D=1&page%5Bsize%5D=25",
        "next": "/api/v1/teams?page%5Bnumber%5D=2&page%5Bsize%5D=25",
        "previous": None,
    }
    assert answer.json()["meta"] == {"page": {"maxSize": 100, "total": 26}}


def test_the_links_walk_every_resource_once_there_and_back(key):
    teams = TeamFactory.create_batch(7, workspace=key.workspace)
    there, address = [], "/api/v1/teams?page[size]=3"
    while address:
        answer = ask(address, key)
        there.append(ids(answer))
        last, address = address, answer.json()["links"]["next"]
    assert [team for page in there for team in page] == [str(team.id) for team in teams]
    back, address = [], last
    while address:
        answer = ask(address, key)
        back.append(ids(answer))
        address = answer.json()["links"]["previous"]
    assert back == there[::-1]


def test_a_link_answers_what_it_calls_itself(key):
    TeamFactory.create_batch(3, workspace=key.workspace)
    answer = ask("/teams", key, query={"page[size]": "1", "page[number]": "2"})
    itself = answer.json()["links"]["self"]
    assert ask(itself, key).json() == answer.json()


def test_links_carry_the_filters_percent_encoded(key):
    answer = ask("/users", key, query={"filter": "a&b é", "filter[status]": "live,pending"})
    assert answer.json()["links"]["self"] == (
        "/api/v1/users?page%5Bnumber%5D=1&page%5Bsize%5D=25"
        "&filter=a%26b%20%C3%A9&filter%5Bstatus%5D=live%2Cpending"
    )


def test_an_empty_list_has_no_neighbours(key):
    assert ask("/teams", key).json() == {
        "data": [],
        "links": {
            "self": "/api/v1/teams?page%5Bnumber%5D=1&page%5Bsize%5D=25",
            "next": None,
            "previous": None,
        },
        "meta": {"page": {"maxSize": 100, "total": 0}},
    }


@pytest.mark.parametrize("number", ["3", "9223372036854775808", "9" * 4000])
def test_a_page_beyond_the_end_is_empty_and_leads_back(key, number):
    TeamFactory.create_batch(2, workspace=key.workspace)
    answer = ask("/teams", key, query={"page[size]": "1", "page[number]": number})
    assert ids(answer) == []
    assert answer.json()["links"]["next"] is None
    assert answer.json()["links"]["previous"] == "/api/v1/teams?page%5Bnumber%5D=2&page%5Bsize%5D=1"
