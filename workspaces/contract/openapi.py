"""What the OpenAPI description says of every operation alike: the key, the scopes, the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_pascal

from . import errors
from .envelope import Errors
from .errors import Code
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


def additions(scopes: ScopeRule, path: str) -> dict[str, Any]:
    """What an operation adds: `x-required-scopes` lists sets of scopes of which one is enough."""
    codes = [code for code in _EXAMPLES if code is not Code.NOT_FOUND or "{" in path]
    return {
        "security": [{"X-API-Key": []}],
        "x-required-scopes": [sorted(wanted) for wanted in scopes.alternatives],
        "responses": {
            code.status: {"$ref": f"#/components/responses/{to_pascal(code.value)}"}
            for code in codes
        },
    }


def summary(docstring: str) -> str:
    """The docstring's first line, as a heading."""
    return docstring.partition("\n")[0].rstrip(".")


def describe(docstring: str, scopes: ScopeRule) -> str:
    """The docstring with the scopes below."""
    wanted = f"Scopes: `{scopes}`." if scopes.scopes else "Scopes: none; every key may call it."
    return f"{docstring}\n\n{wanted}".strip()


def components() -> dict[str, Any]:
    """The parts that every operation refers to."""
    schema = Errors.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs")
    return {
        "schemas": without_titles({**definitions, "Errors": schema}),
        "responses": {
            to_pascal(code.value): _response(code, examples) for code, examples in _EXAMPLES.items()
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
    headers = {name: value for error in examples.values() for name, value in error.headers.items()}
    return {
        "description": code.heading,
        "headers": {
            name: {"schema": {"type": "string"}, "example": value}
            for name, value in headers.items()
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


# Two codes share the status 403: the first stands for both.
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
        )
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
    Code.INTERNAL_ERROR: {"internal_error": errors.internal_error()},
    Code.UNAVAILABLE: {"unavailable": errors.unavailable()},
}
