"""Examples for the OpenAPI description, made of its schemas: they cannot contradict them."""

from __future__ import annotations

from typing import Any

_BY_FORMAT = {
    "uuid": "6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d",
    "date-time": "2026-01-31T09:00:00.000000+00:00",
}
_BY_NAME = {
    "application": "figma",
    "email": "ada@acme.example",
    "eventName": "API_KEY_CREATED",
    "firstName": "Ada",
    "label": "Design team",
    "lastName": "Lovelace",
    "maskedKey": "cerby_A1b2C3d4E5f6_••••••••",
    "name": "Ada Lovelace",
    "self": "/api/v1/users?page%5Bnumber%5D=1&page%5Bsize%5D=25",
    "title": "Mail server",
    "value": "correct horse battery staple",
    "workspace": "acme",
    "workspaceName": "Acme",
}
_ENDS = {"next", "previous"}  # where a list ends
_BY_TYPE = {"integer": 1, "number": 1.0, "boolean": False}


def example_of(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Any:
    """A value that `schema` describes, for a field of that name; references are to `schemas`."""
    example: Any
    match schema:
        case {"$ref": reference}:
            example = example_of(schemas[reference.rpartition("/")[2]], schemas, name)
        case {"const": value} | {"enum": [value, *_]} | {"examples": [value, *_]}:
            example = value
        case {"anyOf": alternatives} if {"type": "null"} in alternatives and name in _ENDS:
            example = None
        case {"anyOf": [first, *_]}:
            example = example_of(first, schemas, name)
        case {"type": "array", "items": inner}:
            example = [example_of(inner, schemas, name)]
        case {"type": "object"}:
            fields = schema.get("properties", {})
            example = {field: example_of(inner, schemas, field) for field, inner in fields.items()}
        case {"format": kind} if kind in _BY_FORMAT:
            example = _BY_FORMAT[kind]
        case {"type": "string"}:
            example = _BY_NAME.get(name, "text")
        case _:
            example = schema.get("default", _BY_TYPE.get(schema.get("type", "")))
    return example
