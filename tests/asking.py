"""Asks the API as a program does."""

import json as json_format

from django.test import Client

from workspaces.contract.scopes import Scope

EVERY_SCOPE = [scope.value for scope in Scope]
SHAPE = {"code", "title", "detail", "status", "meta"}


def ask(path, key=None, method="GET", query=None, **options):
    """The answer to a request, whose key may be an ApiKey or a text; a failure is answered, too.

    `json` is sent as the body; `data` as it is, with its `content_type`.
    """
    headers = dict(options.pop("headers", {}))
    if "json" in options:
        options["data"] = json_format.dumps(options.pop("json"))
    if "data" in options:
        options.setdefault("content_type", "application/json")
    if key is not None:
        headers["X-API-Key"] = getattr(key, "plaintext", key)
    client = Client(raise_request_exception=False)
    address = f"/api/v1{path}" if not path.startswith("/api") else path
    return client.generic(method, address, headers=headers, query_params=query or {}, **options)


def attributes(answer):
    """The attributes of the one resource, or of each in a list."""
    assert answer.status_code == 200, answer.content
    data = answer.json()["data"]
    if isinstance(data, list):
        return [resource["attributes"] for resource in data]
    return data["attributes"]


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [resource["id"] for resource in answer.json()["data"]]


def error(answer, status=None):
    """The first fault, after a look at the shape of all of them."""
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"errors"}
    for fault in body["errors"]:
        assert fault.keys() == SHAPE
        assert fault["status"] == answer.status_code
        assert fault["detail"].endswith((".", "]")) or fault["code"] == "validation_error"
    first = body["errors"][0]
    if status is not None:
        assert answer.status_code == status, first
    return first
