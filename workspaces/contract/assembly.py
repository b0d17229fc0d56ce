"""Puts the operations of the apps together into one API, and refuses what declares nothing."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from . import errors, openapi
from .bodies import BodyParser
from .failures import error_for
from .methods import with_every_method
from .operations import Demand, Guard, Operations, deny

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.urls import URLResolver
    from ninja.errors import ValidationError, ValidationErrorContext


class Docs(DocsBase):
    """Swagger UI in our own page."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **where: Any) -> HttpResponse:
        context = {"api": api, "description_url": self.get_openapi_url(api, where)}
        return render(request, "contract/docs/page.html", context)


_UNFILLED = HttpResponse()


class ContractAPI(NinjaAPI):
    """A NinjaAPI whose errors and whose description are the contract's."""

    def set_default_exception_handlers(self) -> None:
        self.add_exception_handler(Exception, answer_exception)

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002  (ninja's signature)
        """What ninja would fill; every operation answers with a response of its own (`answers`)."""
        return _UNFILLED

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """The faults, each told by where it is in the request: a body has no name there."""
        error = super().validation_error_from_error_contexts(error_contexts)
        for fault in error.errors:
            if fault["loc"][0] == "body":
                fault["loc"] = ("body", *fault["loc"][2:])
        return error

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = with_every_method(pattern.callback)
        return patterns

    @functools.cached_property
    def description_document(self) -> dict[str, Any]:
        """The OpenAPI description, made once a process."""
        return openapi.completed(super().get_openapi_schema())

    def get_openapi_schema(self, **_where: Any) -> Any:
        return self.description_document


@dataclass(frozen=True, slots=True)
class Declared:
    """An operation as the API serves it."""

    method: str
    path: str
    name: str
    demand: Demand | None


def assemble(title: str, version: str, description: str, *routers: Operations) -> ContractAPI:
    """The API of `routers`. Raises ImproperlyConfigured where an operation declares no demand."""
    api = ContractAPI(
        title=title,
        version=version,
        description=description,
        urls_namespace="api",
        auth=deny,
        parser=BodyParser(),
        docs=Docs(),
        docs_decorator=require_safe,
    )
    for router in routers:
        api.add_router("", router)
    seen: set[str] = set()
    for operation in operations_of(api):
        if operation.demand is None:
            msg = f"{operation.method} {operation.path} declares neither scopes nor a permission."
            raise ImproperlyConfigured(msg)
        if operation.name in seen:
            msg = f"two operations are named {operation.name}."
            raise ImproperlyConfigured(msg)
        seen.add(operation.name)
    return api


def operations_of(api: NinjaAPI) -> Iterator[Declared]:
    """Every operation that the API serves."""
    for router in api._get_bound_routers():  # noqa: SLF001  (ninja offers no public way)
        for path, view in router.path_operations.items():
            for operation in view.operations:
                first: Any = next(iter(operation.models), None)
                guarded = isinstance(first, type) and issubclass(first, Guard)
                demand = first.demand if guarded else None
                for method in operation.methods:
                    yield Declared(method, path, operation.operation_id or "", demand)


def answer_exception(request: HttpRequest, exception: Exception | type[Exception]) -> HttpResponse:
    """The answer to an exception that an operation raised; unforeseen ones are left to Django."""
    error = error_for(exception if isinstance(exception, Exception) else None)
    code = error.faults[0].code
    if code is errors.Code.INTERNAL_ERROR and isinstance(exception, Exception):
        raise exception
    if code is errors.Code.UNAVAILABLE:
        request.failure = exception  # type: ignore[attr-defined]  # told in the request's own line
    # Its frames hold the request, and one of them this error: a ring, which the garbage collector
    # would have to find for each bad key.
    error.__traceback__ = None
    return errors.ErrorResponse(error)
