"""Asks the API as a program does."""

import functools
import json as json_format
import re

from django.test import Client
from django.urls import Resolver404, resolve

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
    answer = client.generic(method, address, headers=headers, query_params=query or {}, **options)
    if answer.status_code == 200 and address.startswith("/api/v1/"):
        check(answer, method, address)
    return answer


def check(answer, method, address):
    """Hold a good answer against what its operation declares: all of that, and nothing else."""
    try:
        declared = shapes(resolve(address.partition("?")[0]).route)
    except Resolver404:
        return  # an API of a test's own
    shape = declared.get("GET" if method == "HEAD" else method)
    if shape and answer.content:
        document = answer.json()
        assert shape.model_validate(document).model_dump(by_alias=True, mode="json") == document


@functools.cache
def shapes(route):
    """What the operations at a route answer, by their methods."""
    from cerbykeys.api import api  # noqa: PLC0415  (puts all apps together)

    path = re.sub(r"<[^>]*?(\w+)>", r"{\1}", f"/{route.removeprefix('api/v1/')}")
    return {
        method: operation.response_models[200].model_fields["response"].annotation
        for router in api._get_bound_routers()
        for own, view in router.path_operations.items()
        if own == path
        for operation in view.operations
        if operation.response_models.get(200)
        for method in operation.methods
    }


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
