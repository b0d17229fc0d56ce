"""What the OpenAPI description says of every operation alike: the key, the scopes, the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_pascal

from . import errors
from .envelope import Errors
from .errors import Code
from .examples import example_of
from .scopes import Scope, all_of

if TYPE_CHECKING:
    from .scopes import ScopeRule

SECURITY_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": (
        "A key made in the web app. It may do what its scopes and its owner's present role allow."
    ),
}


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Sent again within 24 hours with the same request, it replays the first answer "
        "(`Idempotency-Replayed: true`); with another one it is a 409."
    ),
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
HEADERS = {
    "X-Request-ID": ("The request's own id, or a new one: report it with a failure.", "string"),
    "RateLimit-Policy": (
        "How many requests (q) the key may make in so many seconds (w).",
        "string",
    ),
    "RateLimit": ("How many are left (r), and in how many seconds all are again (t).", "string"),
    "Idempotency-Replayed": ("`true` where the answer is that of an earlier request.", "string"),
    "Retry-After": ("Seconds to wait before trying again.", "integer"),
    "Allow": ("The methods that the path answers.", "string"),
    "WWW-Authenticate": ("How to authenticate.", "string"),
    "X-Accepted-Scopes": ("The scopes that would do: `|` is either, `+` is both.", "string"),
}
_SENT_ONCE = {"$ref": "#/components/parameters/Idempotency-Key"}
# On every answer to a request that a key opened.
ALWAYS = ("X-Request-ID", "RateLimit-Policy", "RateLimit")
_WRITES = {Code.CONFLICT, Code.PAYLOAD_TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE}


def additions(method: str, path: str, scopes: ScopeRule) -> dict[str, Any]:
    """What an operation adds: `x-required-scopes` lists sets of scopes of which one is enough."""
    reads = method == "GET"
    codes = set(_EXAMPLES) - (_WRITES if reads else set())
    if reads and "{" not in path:
        codes.remove(Code.NOT_FOUND)
    return {
        "security": [{"X-API-Key": []}],
        "x-required-scopes": [sorted(wanted) for wanted in scopes.alternatives],
        "parameters": [] if reads else [_SENT_ONCE],
        "responses": {
            code.status: {"$ref": f"#/components/responses/{to_pascal(code.value)}"}
            for code in _EXAMPLES
            if code in codes
        },
    }


def summary(docstring: str) -> str:
    """The docstring's first line, as a heading."""
    return docstring.partition("\n")[0].rstrip(".")


def describe(docstring: str, scopes: ScopeRule) -> str:
    """The docstring with the scopes below."""
    wanted = f"Scopes: `{scopes}`." if scopes.scopes else "Scopes: none; every key may call it."
    return f"{docstring}\n\n{wanted}".strip()


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The whole description, from what ninja has made of the operations."""
    document = without_titles(document)
    for part, content in components().items():
        document["components"].setdefault(part, {}).update(content)
    for methods in document["paths"].values():
        for operation in methods.values():
            _complete(operation, document["components"]["schemas"])
    return document


def _complete(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Add to an operation what its parameters, its body and its answer leave unsaid."""
    for parameter in operation["parameters"]:
        if "schema" in parameter:
            parameter["schema"] = _sent(parameter["schema"])
            if parameter["schema"].get("type") == "array":
                parameter |= {"style": "form", "explode": False}  # comma-separated
    writes = _SENT_ONCE in operation["parameters"]
    bodies = [answer for answer in operation["responses"].values() if "$ref" not in answer]
    for answer in bodies:
        names = [*ALWAYS, *(["Idempotency-Replayed"] if writes else [])]
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    for body in [*bodies, operation.get("requestBody", {})]:
        for media in body.get("content", {}).values():
            media["example"] = example_of(media["schema"], schemas)


def _sent(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: what is left out is not sent, so that it is never null."""
    kept = {name: value for name, value in schema.items() if name != "default" or value is not None}
    alternatives = [each for each in kept.pop("anyOf", []) if each != {"type": "null"}]
    return {**kept, **(alternatives[0] if alternatives else {})}


def components() -> dict[str, Any]:
    """The parts that operations refer to."""
    schema = Errors.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs")
    return {
        "schemas": without_titles({**definitions, "Errors": schema}),
        "responses": {
            to_pascal(code.value): _response(code, examples) for code, examples in _EXAMPLES.items()
        },
        "parameters": {"Idempotency-Key": IDEMPOTENCY_KEY},
        "headers": {
            name: {"description": description, "schema": {"type": kind}}
            for name, (description, kind) in HEADERS.items()
        },
        "securitySchemes": {"X-API-Key": SECURITY_SCHEME},
    }


def without_titles(part: Any) -> Any:
    """`part` without the titles that pydantic makes up from the names of fields."""
    if isinstance(part, dict):
        return {
            name: without_titles(inner)
            for name, inner in part.items()
            if name != "title" or not isinstance(inner, str) or "version" in part
        }
    return [without_titles(inner) for inner in part] if isinstance(part, list) else part


def _response(code: Code, examples: dict[str, errors.ApiError]) -> dict[str, Any]:
    own = {name for error in examples.values() for name in error.headers}
    always = ALWAYS[:1] if code is Code.UNAUTHORIZED else ALWAYS
    return {
        "description": code.heading,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in [*always, *sorted(own)]
        },
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Errors"},
                "examples": {
                    name: {"value": {"errors": [fault.as_json() for fault in error.faults]}}
                    for name, error in examples.items()
                },
            }
        },
    }


# Codes that share a status (400, 403) stand under the first of them.
_EXAMPLES: dict[Code, dict[str, errors.ApiError]] = {
    Code.VALIDATION_ERROR: {
        "validation_error": errors.invalid(
            [
                {
                    "loc": ["query", "page[size]"],
                    "msg": "Input should be less than or equal to 100",
                    "type": "less_than_equal",
                }
            ]
        ),
        "bad_request": errors.bad_request("The body is nested more than 32 levels deep."),
    },
    Code.UNAUTHORIZED: {
        "no_valid_key": errors.unauthorized(errors.NO_KEY),
        "expired": errors.unauthorized("The API key has expired. Generate a new one.", "expired"),
    },
    Code.FORBIDDEN: {
        "insufficient_scope": errors.insufficient_scope(
            all_of(Scope.READ_USERS), [Scope.READ_SECRETS]
        ),
        "forbidden": errors.forbidden(),
    },
    Code.NOT_FOUND: {"not_found": errors.not_found()},
    Code.CONFLICT: {
        "idempotency_key": errors.conflict(
            "This Idempotency-Key was sent before with another request. "
            "Send a new one with each request."
        )
    },
    Code.PAYLOAD_TOO_LARGE: {"payload_too_large": errors.payload_too_large()},
    Code.UNSUPPORTED_MEDIA_TYPE: {"unsupported_media_type": errors.unsupported_media_type()},
    Code.RATE_LIMITED: {"rate_limited": errors.rate_limited(600, 2)},
    Code.INTERNAL_ERROR: {"internal_error": errors.internal_error()},
    Code.UNAVAILABLE: {"unavailable": errors.unavailable()},
}
