"""How an operation of the API declares itself, and what lets a request in.

An operation says which scopes it wants and which permission; there is no way to say nothing:
`workspaces.contract.assembly` refuses such an operation when the API is put together, and a
request that reaches one all the same is denied.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpRequest
from ninja import Router
from pydantic.alias_generators import to_camel

from . import errors, openapi
from .answers import answered
from .bodies import NoBody, SentBody
from .checks import Check
from .idempotency import once
from .scopes import effective
from .strictness import known_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from workspaces.actor import Actor, Permission

    from .scopes import Scope, ScopeRule


class ApiRequest(HttpRequest):
    """A request that `workspaces.keys.middleware` has identified, and that was let in."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Demand:
    """What an operation asks of the key (scopes) and of its owner's role (permission)."""

    scopes: ScopeRule
    permission: Permission
    operation: str = "none"

    def __call__(self, request: HttpRequest) -> None:
        """Raise ApiError unless the request's key and its owner may call the operation."""
        request.operation = self.operation  # type: ignore[attr-defined]  # for the log and /metrics
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None or actor.key is None:
            raise getattr(request, "refusal", None) or errors.unauthorized(errors.NO_KEY)
        if not self.scopes.allows(actor.key.scopes):
            raise errors.insufficient_scope(self.scopes, actor.key.scopes)
        if not actor.may(self.permission):
            raise errors.forbidden()


class Guard(Check):
    """Asks an operation's demand, before its other models look at anything.

    A key that may not call the operation learns nothing about its parameters. Ninja's own place
    for it, `auth`, finds out anew with each request whether it is a coroutine, which takes longer
    than all that is asked here.
    """

    demand: ClassVar[Demand]

    @classmethod
    def look(cls, request: HttpRequest) -> None:
        cls.demand(request)


def guard(demand: Demand) -> type[Guard]:
    """The guard of an operation with that demand."""
    return type("Guard", (Guard,), {"demand": demand})


@dataclass(frozen=True, slots=True)
class Opening:
    """An operation that a scope opens; `also` are the scopes that it takes besides."""

    operation: str
    also: tuple[str, ...]


def deny(_request: HttpRequest) -> bool:
    """What guards an operation that declares nothing, by ninja's `auth`."""
    raise errors.forbidden()


class Operations(Router):
    """The operations of an app."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._declared: list[tuple[str, ScopeRule]] = []

    def opened_by(self, scope: Scope) -> list[Opening]:
        """The operations that `scope`, or one it includes, opens, alone or with others."""
        held = effective(frozenset({scope}))
        found = []
        for operation, rule in self._declared:
            missing = [wanted - held for wanted in rule.alternatives if wanted & held]
            if missing:
                fewest = min(missing, key=len)
                found.append(Opening(operation, tuple(sorted(fewest))))
        return found

    def operation(  # noqa: PLR0913  (all that an operation declares, each by name)
        self,
        method: str,
        path: str,
        *,
        scopes: ScopeRule,
        permission: Permission,
        answers: Any,
        status: int = 200,
        also_at: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a view as an operation; `answers` is what it returns, None for an empty answer.

        Its operationId is the view's name, its description the view's docstring. `also_at` is
        another path that answers the same: an operation of its own, whose id ends in `Alias`.
        A parameter that is a `Body` is read from the request's body. Whatever is not a GET takes
        an Idempotency-Key.
        """
        self._declared.append((f"{method} {path}", scopes))

        def declare(view: Callable[..., Any]) -> Callable[..., Any]:
            names = {path: to_camel(view.__name__)}
            answering = answered(view)
            if also_at:
                names[also_at] = f"{names[path]}Alias"
            for address, name in names.items():
                self.add_api_operation(
                    address,
                    [method],
                    answering if method == "GET" else once(answering),
                    auth=None,
                    response={status: answers},
                    operation_id=name,
                    summary=openapi.summary(inspect.getdoc(view) or ""),
                    description=openapi.describe(inspect.getdoc(view) or "", scopes),
                    deprecated=address == also_at,
                    by_alias=True,
                    openapi_extra=openapi.additions(method, address, scopes),
                )
                operation = self.path_operations[address].operations[-1]
                operation.models.insert(0, guard(Demand(scopes, permission, name)))
            return view

        return declare

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> None:
        super().add_api_operation(path, methods, view_func, **options)
        operation = self.path_operations[path].operations[-1]
        names = {
            name
            for model in operation.models
            if model.__ninja_param_source__ == "query"
            for name in model.__ninja_flatten_map__
        }
        if set(methods) - {"GET"}:
            sources = {model.__ninja_param_source__ for model in operation.models}
            operation.models.insert(0, SentBody if "body" in sources else NoBody)
        operation.models.append(known_parameters(frozenset(names)))
