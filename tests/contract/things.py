"""An API of one resource, for what no operation of the product shows by itself."""

from typing import Annotated, Literal
from uuid import UUID

from django.urls import path
from ninja import Status
from pydantic import Field

from cerbykeys import errors
from workspaces.actor import Permission
from workspaces.contract.assembly import assemble
from workspaces.contract.envelope import Body, One, Resource, Shape
from workspaces.contract.operations import ApiRequest, Operations
from workspaces.contract.scopes import ANY_KEY
from workspaces.directory import actions
from workspaces.directory.models import Team

router = Operations()


class Naming(Body):
    name: Annotated[str, Field(max_length=100)]
    tags: tuple[str, ...] = ()


class TeamToMake(Body):
    data: Naming


class ThingAttributes(Shape):
    name: str


class Thing(Resource[Literal["thing"], ThingAttributes]):
    pass


class OneThing(One[Thing]):
    pass


@router.operation(
    "POST", "/things", scopes=ANY_KEY, permission=Permission.OWN_KEYS, answers=OneThing
)
def make_thing(request: ApiRequest, document: TeamToMake) -> OneThing:
    """Make a team, whatever the role says; fail where the name says so."""
    name = document.data.name
    Team.objects.create(workspace_id=request.actor.workspace_id, name=name)
    if name == "fails":
        raise RuntimeError
    if name == "denied":
        actions.create_team(request.actor, "denied")
    team = Team.objects.get(name=name)
    return OneThing(data=Thing(id=team.id, type="thing", attributes=ThingAttributes(name=name)))


@router.operation(
    "DELETE",
    "/things/{id}",
    scopes=ANY_KEY,
    permission=Permission.OWN_KEYS,
    answers=None,
    status=204,
)
def delete_thing(request: ApiRequest, id: UUID) -> Status[None]:  # noqa: A002  (the path's name)
    """Delete a team."""
    Team.objects.get(pk=id, workspace_id=request.actor.workspace_id).delete()
    return Status(204, None)


urlpatterns = [path("api/v1/", assemble("Things", "1", "", router).urls)]
handler400, handler403 = errors.handler400, errors.handler403
handler404, handler500 = errors.handler404, errors.handler500
