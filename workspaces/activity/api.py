"""The API's activities."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query
from ninja.params import P, PathEx
from pydantic import Field

from workspaces.actor import ActorType, Permission
from workspaces.contract import errors
from workspaces.contract.cursors import Cursor, CursorMeta, Next, cursor_before
from workspaces.contract.envelope import (
    Links,
    Many,
    One,
    PageMeta,
    Resource,
    Shape,
    Timestamp,
    one_of,
)
from workspaces.contract.filters import Instant
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.paging import NUMBER, SIZE, Page, link, links
from workspaces.contract.scopes import Scope, all_of

from . import queries
from .models import Activity

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
) -> Activities:
    """What happened in the workspace, newest first.

    Pages shift while activities arrive; to miss none and to meet none twice, follow
    `meta.cursor.next`.
    """
    if filters.cursor is not None and NUMBER in request.GET:
        raise errors.invalid([_BOTH])
    total = queries.total(request.actor, filters.wanted)
    if filters.cursor is None:
        start = (page.number - 1) * page.size
        # Beyond the end nothing is asked: a database cannot count as far as a consumer can write.
        beyond = start >= total
        wanted = (request.actor, filters.wanted, start, page.size, total)
        rows = [] if beyond else list(queries.slice_of(*wanted))
        around = links(request, page, total)
        more = around.next is not None
    else:
        found = queries.activities(request.actor, filters.wanted)
        rows = list(found.filter(sequence__lt=filters.cursor)[: page.size + 1])
        more = len(rows) > page.size
        rows = rows[: page.size]
        around = Links(self=link(request, {SIZE: page.size}), next=None, previous=None)
    cursor = cursor_before(rows[-1].sequence) if rows and more else None
    if filters.cursor is not None and cursor:
        around.next = link(request, {SIZE: page.size, "cursor": cursor})
    return Activities(
        data=[_activity(row) for row in rows],
        links=around,
        meta=CursorMeta(page=PageMeta(total=total), cursor=Next(next=cursor)),
    )


@router.operation(
    "GET",
    "/activities/{id}",
    scopes=all_of(Scope.READ_ACTIVITIES),
    permission=Permission.READ_ACTIVITIES,
    answers=OneActivity,
)
def get_activity(request: ApiRequest, activity_id: PathEx[UUID, P(alias="id")]) -> OneActivity:
    """One activity of the workspace."""
    activity = queries.activities(request.actor).get(pk=activity_id)
    return OneActivity(data=_activity(activity))


def _activity(activity: Activity) -> ActivityResource:
    target = None
    if activity.target_type:
        target = What(type=activity.target_type, id=activity.target_id, name=activity.target_name)
    return ActivityResource(
        id=activity.id,
        type="activity",
        attributes=ActivityAttributes(
            timestamp=activity.timestamp,
            event_name=activity.event,
            actor=Who(
                type=activity.actor_type,
                id=activity.actor_id,
                email=activity.actor_email or None,
                name=activity.actor_name or None,
            ),
            target=target,
            ip=activity.ip,
            user_agent=activity.user_agent or None,
            request_id=activity.request_id or None,
            details=activity.details,
            sequence=activity.sequence,
            digest=activity.digest,
        ),
    )
