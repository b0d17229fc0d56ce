"""The API's activities."""

from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import ActorType, Permission
from workspaces.contract import errors
from workspaces.contract.cursors import Cursor, CursorMeta, cursor_before
from workspaces.contract.envelope import (
    Document,
    Many,
    One,
    Resource,
    Shape,
    Timestamp,
    one_of,
)
from workspaces.contract.filters import Instant
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import NUMBER, SIZE, Page, link, page_of
from workspaces.contract.reading import reading
from workspaces.contract.scopes import Scope, all_of

from . import queries

router = Operations(tags=["Activities"])


class Who(Shape):
    """Who acted: a person, an API key, or the system."""

    type: Annotated[str, one_of(ActorType)]
    id: UUID | None
    email: str | None
    name: str | None


class What(Shape):
    """What it happened to, by the name it bore at that time."""

    type: str
    id: str
    name: str


class ActivityAttributes(Shape):
    timestamp: Timestamp
    event_name: str
    actor: Who
    target: What | None
    ip: str | None
    user_agent: str | None
    request_id: str | None
    details: dict[str, Any]
    sequence: int
    digest: str


class ActivityResource(Resource[Literal["activity"], ActivityAttributes]):
    """Something that happened."""


class ActivityRow(NamedTuple):
    """What is shown of an activity."""

    id: str
    timestamp: str
    event: str
    actor_type: str
    actor_id: str | None
    actor_email: str
    actor_name: str
    target_type: str
    target_id: str
    target_name: str
    ip: str | None
    user_agent: str
    request_id: str
    details: dict[str, Any]
    sequence: int
    digest: str


class OneActivity(One[ActivityResource]):
    pass


class Activities(Many[ActivityResource, CursorMeta]):
    pass


class ActivityFilters(Shape):
    """What narrows the list of activities."""

    event_name: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,47}$")] | None = Field(
        None, alias="filter[eventName]", description="For example `API_KEY_CREATED`."
    )
    user_id: UUID | None = Field(
        None,
        alias="filter[userId]",
        description="What this person did, themselves and through their keys.",
    )
    since: Instant | None = Field(None, description="From this time on, inclusive.")
    until: Instant | None = Field(None, description="Before this time.")
    cursor: Cursor | None = Field(
        None, description="`meta.cursor.next` of the answer before, instead of `page[number]`."
    )

    @property
    def wanted(self) -> queries.Filter:
        return queries.Filter(self.event_name, self.user_id, self.since, self.until)


_BOTH = {
    "loc": ["query", "cursor"],
    "msg": f"Send either cursor or {NUMBER}",
    "type": "cursor_and_page",
}


@router.operation(
    "GET",
    "/activities",
    scopes=all_of(Scope.READ_ACTIVITIES),
    permission=Permission.READ_ACTIVITIES,
    answers=Activities,
)
def list_activities(
    request: ApiRequest, page: Query[Page], filters: Query[ActivityFilters]
) -> Document:
    """What happened in the workspace, newest first.

    Pages shift while activities arrive; to miss none and to meet none twice, follow
    `meta.cursor.next`.
    """
    if filters.cursor is not None and NUMBER in request.GET:
        raise errors.invalid([_BOTH])
    total = queries.total(request.actor, filters.wanted)
    found = reading(queries.activities, ActivityRow, request.actor, wanted=filters.wanted)
    if filters.cursor is None:
        start = (page.number - 1) * page.size
        # Beyond the end nothing is asked: a database cannot count as far as a consumer can write.
        rows = queries.slice_of(found, filters.wanted, start, page.size, total)
        document = page_of(request, page, map(_activity, rows), total)
        more = document["links"]["next"] is not None
    else:
        rows = found.where(queries.before, sequence=filters.cursor)[: page.size + 1]
        more = len(rows) > page.size
        rows = rows[: page.size]
        document = page_of(request, page, map(_activity, rows), total)
        itself = link(request, {SIZE: page.size})
        document["links"] = {"self": itself, "next": None, "previous": None}
    cursor = cursor_before(rows[-1].sequence) if rows and more else None
    if filters.cursor is not None and cursor:
        document["links"]["next"] = link(request, {SIZE: page.size, "cursor": cursor})
    document["meta"]["cursor"] = {"next": cursor}
    return document


@router.operation(
    "GET",
    "/activities/{id}",
    scopes=all_of(Scope.READ_ACTIVITIES),
    permission=Permission.READ_ACTIVITIES,
    answers=OneActivity,
)
def get_activity(request: ApiRequest, activity_id: PathEx[UUID, P(alias="id")]) -> Document:
    """One activity of the workspace."""
    found = reading(queries.activities, ActivityRow, request.actor)
    return {"data": _activity(found.get(pk=activity_id))}


def _activity(activity: ActivityRow) -> Document:
    target = None
    if activity.target_type:
        target = {
            "type": activity.target_type,
            "id": activity.target_id,
            "name": activity.target_name,
        }
    return {
        "id": activity.id,
        "type": "activity",
        "attributes": {
            "timestamp": activity.timestamp,
            "eventName": activity.event,
            "actor": {
                "type": activity.actor_type,
                "id": activity.actor_id,
                "email": activity.actor_email or None,
                "name": activity.actor_name or None,
            },
            "target": target,
            "ip": activity.ip,
            "userAgent": activity.user_agent or None,
            "requestId": activity.request_id or None,
            "details": activity.details,
            "sequence": activity.sequence,
            "digest": activity.digest,
        },
    }
