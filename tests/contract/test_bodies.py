import io
import json

import pytest
from django.test import RequestFactory

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from workspaces.contract import bodies, errors
from workspaces.directory.models import Team

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.contract.things")]

GOOD = b'{"data": {"name": "a"}}'


@pytest.fixture
def key():
    return ApiKeyFactory(scopes=[])


def send(key, data=GOOD, **options):
    return ask("/things", key, "POST", data=data, **options)


def refused(answer, status):
    assert not Team.objects.exists()
    return error(answer, status)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'],
)
def test_json_is_read(key, kind):
    assert send(key, content_type=kind).json()["data"]["attributes"] == {"name": "a"}


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/vnd.api+json",
        "application/json; charset=latin-1",
    ],
)
def test_anything_else_is_a_415_that_names_the_cure(key, kind):
    fault = refused(send(key, content_type=kind), 415)
    assert fault["code"] == "unsupported_media_type"
    assert "Content-Type: application/json" in fault["detail"]


def test_a_compressed_body_is_a_415(key):
    refused(send(key, headers={"Content-Encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"{", "The body is not valid JSON: Expecting property name"),
        (b"\xff", "The body is not valid JSON: it is not UTF-8."),
        (b"\xef\xbb\xbf" + GOOD, "The body is not valid JSON: Unexpected UTF-8 BOM"),
        (
            b'{"data": {"name": "a", "name": "b"}}',
            "The body is ambiguous: one of its objects has the name 'name' twice.",
        ),
        (b'{"data": NaN}', "The body is not valid JSON: NaN is no number."),
        (b'{"data": -Infinity}', "The body is not valid JSON: -Infinity is no number."),
        (b'{"data": 1e999}', "The body is out of range: one of its numbers is too large."),
        (
            b'{"data": 9223372036854775808}',
            "The body is out of range: one of its numbers is too large.",
        ),
        (
            b'{"data": ' + b"9" * 5000 + b"}",
            "The body is out of range: one of its numbers is too large.",
        ),
        (b"[" * 40 + b"]" * 40, "The body is nested more than 32 levels deep."),
        (b"[" * 200_000 + b"]" * 200_000, "The body is nested more than 32 levels deep."),
    ],
)
def test_what_readers_would_not_understand_alike_is_a_400(key, data, detail):
    fault = refused(send(key, data), 400)
    assert fault["code"] == "bad_request"
    assert fault["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (rb'{"data": {"name": "\u0000"}}', ["body", "data", "name"]),
        (rb'{"data": {"name": "\ud800"}}', ["body", "data", "name"]),
        (rb'{"data": {"name": "a", "tags": ["b", "\udfff"]}}', ["body", "data", "tags", 1]),
        (rb'{"data": {"name": "a", "\ud800": 1}}', ["body", "data"]),
    ],
)
def test_a_text_that_is_none_is_named_by_its_place(key, data, place):
    fault = refused(send(key, data), 400)
    assert fault["meta"] == {"loc": place, "msg": fault["meta"]["msg"], "type": "no_text"}


def test_every_unknown_field_is_named(key):
    document = {"data": {"name": "a", "colour": 1}, "meta": {}}
    answer = send(key, json.dumps(document))
    refused(answer, 400)
    assert [fault["meta"]["loc"] for fault in answer.json()["errors"]] == [
        ["body", "data", "colour"],
        ["body", "meta"],
    ]


def test_of_a_thousand_unknown_fields_a_hundred_are_named(key):
    document = {"data": {"name": "a"}, **{f"x{number}": 1 for number in range(1000)}}
    answer = send(key, json.dumps(document))
    refused(answer, 400)
    assert len(answer.json()["errors"]) == 100


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", ["body"]),
        (b"null", ["body"]),
        (b"[]", ["body"]),
        (b"{}", ["body", "data"]),
        (b'{"data": []}', ["body", "data"]),
        (b'{"data": {"name": 1}}', ["body", "data", "name"]),
    ],
)
def test_a_wrong_type_is_named_by_its_place(key, data, place):
    fault = refused(send(key, data), 400)
    assert fault["code"] == "validation_error"
    assert fault["meta"]["loc"] == place


def test_characters_beyond_the_basic_plane_are_characters(key):
    assert send(key, rb'{"data": {"name": "\ud83d\ude00"}}').status_code == 200


def test_a_body_of_1_mib_is_read_and_one_byte_more_is_a_413(key):
    room = 1024 * 1024 - len(GOOD)
    assert refused(send(key, GOOD + b" " * (room + 1)), 413)["code"] == "payload_too_large"
    assert send(key, GOOD + b" " * room).status_code == 200


@pytest.mark.parametrize("data", [b"", b"{}"])
def test_an_operation_without_a_body_takes_an_empty_one(key, data):
    team = Team.objects.create(workspace=key.workspace, name="a")
    assert ask(f"/things/{team.id}", key, "DELETE", data=data).status_code == 204


@pytest.mark.parametrize(("data", "place"), [(b'{"a": 1}', ["body", "a"]), (b"[1]", ["body"])])
def test_an_operation_without_a_body_refuses_a_field(key, data, place):
    team = Team.objects.create(workspace=key.workspace, name="a")
    fault = error(ask(f"/things/{team.id}", key, "DELETE", data=data), 400)
    assert fault["meta"]["loc"] == place
    assert Team.objects.exists()


class Chunks(io.BytesIO):
    """Gives at most 64 KiB at a time, as a socket does."""

    def read(self, size=-1):
        return super().read(min(size, 65_536))


def chunked(content):
    request = RequestFactory().post("/", content_type="application/json")
    del request.META["CONTENT_LENGTH"]
    request.META |= {"wsgi.input": Chunks(content), "wsgi.input_terminated": True}
    return request


def test_a_body_in_chunks_is_read_whole():
    text = "x" * 200_000
    assert bodies.read(chunked(json.dumps(text).encode())) == text


def test_a_body_in_chunks_is_read_no_further_than_the_limit():
    request = chunked(b" " * 3_000_000)
    with pytest.raises(errors.ApiError) as caught:
        bodies.read(request)
    assert caught.value.status == 413
    assert request.META["wsgi.input"].tell() == 1024 * 1024 + 1
