"""What looks at a request before its view does, in the order of ninja's parameter models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ninja.params.models import ParamModel

if TYPE_CHECKING:
    from django.http import HttpRequest
    from ninja import NinjaAPI


class Check(ParamModel):
    """A parameter model that gives the view nothing, and no schema tells of: it may only refuse.

    Where the checks of an operation stand among its models says what is told first.
    """

    __ninja_param_source__ = "query"  # type: ignore[assignment]  # ninja types it as None
    __ninja_flatten_map_reverse__: ClassVar[dict[Any, Any]] = {}

    @classmethod
    def look(cls, request: HttpRequest) -> None:
        """Raise ApiError to end the request, or pydantic's ValidationError to add to its faults."""
        raise NotImplementedError

    @classmethod
    def resolve(
        cls,
        request: HttpRequest,
        api: NinjaAPI,  # noqa: ARG003  (ninja's signature)
        path_params: dict[str, Any],  # noqa: ARG003
    ) -> Any:
        cls.look(request)
        return {}
