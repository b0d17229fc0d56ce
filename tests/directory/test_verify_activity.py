import io
import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import WorkspaceFactory
from workspaces.activity import triggers
from workspaces.activity.actions import record
from workspaces.activity.events import Event
from workspaces.activity.models import Activity, ChainHead
from workspaces.actor import Actor

pytestmark = pytest.mark.django_db


def chain_of(slug):
    """A workspace of three activities, and the actor to record more."""
    workspace = WorkspaceFactory(slug=slug)
    actor = Actor(workspace.id, workspace.slug, workspace.name)
    for _ in range(3):
        record(actor, Event.LOGOUT)
    return actor


@pytest.fixture
def acme():
    return chain_of("acme")


@pytest.fixture
def globex():
    return chain_of("globex")


@pytest.fixture
def unguarded(db):  # noqa: ARG001  (in whose transaction the triggers are missing)
    """An intruder who could drop the triggers."""
    with connection.cursor() as cursor:
        for statement in triggers.removing(connection):
            cursor.execute(statement)


def verify_activity(*arguments):
    out = io.StringIO()
    call_command("verify_activity", *arguments, stdout=out)
    return out.getvalue()


def complaint(*arguments):
    with pytest.raises(CommandError) as fault:
        verify_activity(*arguments)
    assert fault.value.returncode == 1
    return str(fault.value)


def of(actor):
    return Activity.objects.filter(workspace_id=actor.workspace_id)


def forget(actor):
    of(actor).delete()
    ChainHead.objects.filter(workspace_id=actor.workspace_id).delete()


@pytest.mark.usefixtures("acme", "globex")
def test_chains_that_are_whole_are_counted():
    assert verify_activity() == "6 activities in 2 workspaces: all there, unchanged.\n"


def test_an_empty_record_is_whole():
    assert verify_activity() == "0 activities in 0 workspaces: all there, unchanged.\n"


@pytest.mark.usefixtures("unguarded", "globex")
def test_the_first_bad_activity_is_named_in_one_line(acme):
    of(acme).filter(sequence__gte=2).update(event="LOGIN")
    assert complaint() == "acme: activity 2: it was changed"


@pytest.mark.usefixtures("unguarded")
def test_every_broken_chain_is_named(acme, globex):
    of(acme).filter(sequence=1).delete()
    of(globex).filter(sequence=3).delete()
    assert sorted(complaint().splitlines()) == [
        "acme: activity 1: it is missing",
        "globex: activity 3: it is missing",
    ]


@pytest.mark.usefixtures("unguarded")
def test_one_workspace_is_verified_alone(acme, globex):
    of(globex).filter(sequence=1).delete()
    assert verify_activity("--workspace", "acme").startswith("3 activities in 1 workspaces")
    assert "globex" in complaint("--workspace", str(globex.workspace_id))
    assert of(acme).count() == 3


def test_the_chain_of_a_removed_workspace_is_named_by_its_id():
    actor = Actor(uuid.uuid4(), "gone", "Gone")
    record(actor, Event.LOGOUT)
    assert verify_activity("--workspace", str(actor.workspace_id)).startswith("1 activities")


def test_an_unknown_workspace_is_an_error():
    assert "no workspace 'nowhere'" in complaint("--workspace", "nowhere")


@pytest.mark.usefixtures("acme", "globex")
def test_checkpoints_are_one_json_object_a_line(tmp_path):
    file = tmp_path / "checkpoints"
    verify_activity("--export", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["sequence"] for line in lines] == [3, 3]
    assert all(
        line.keys() == {"workspace", "sequence", "digest", "time", "keyVersion", "signature"}
        for line in lines
    )


def test_a_chain_that_went_on_still_holds_all_its_checkpoints(acme, tmp_path):
    file = str(tmp_path / "checkpoints")
    verify_activity("--export", file)
    record(acme, Event.LOGOUT)
    verify_activity("--export", file)
    record(acme, Event.LOGOUT)
    assert verify_activity("--against", file).startswith("5 activities")


@pytest.mark.usefixtures("unguarded")
def test_no_checkpoint_is_made_of_a_broken_chain(acme, tmp_path):
    of(acme).filter(sequence=2).delete()
    complaint("--export", str(tmp_path / "checkpoints"))
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.usefixtures("unguarded")
def test_a_chain_set_back_whole_is_found_by_a_checkpoint(acme, tmp_path):
    earlier = ChainHead.objects.get()
    record(acme, Event.LOGOUT)
    verify_activity("--export", str(tmp_path / "checkpoints"))
    of(acme).filter(sequence=4).delete()
    earlier.save()
    assert verify_activity().startswith("3 activities")  # the database alone cannot know
    assert "acme: activity 4: it is missing, and was there on" in complaint(
        "--against", str(tmp_path / "checkpoints")
    )


@pytest.mark.usefixtures("unguarded")
def test_a_chain_written_anew_is_found_by_a_checkpoint(acme, tmp_path):
    verify_activity("--export", str(tmp_path / "checkpoints"))
    forget(acme)
    for _ in range(3):
        record(acme, Event.LOGOUT)
    assert "acme: activity 3: it is not the one that was there on" in complaint(
        "--against", str(tmp_path / "checkpoints")
    )


@pytest.mark.usefixtures("unguarded", "globex")
def test_a_chain_that_vanished_is_found_by_a_checkpoint(acme, tmp_path):
    verify_activity("--export", str(tmp_path / "checkpoints"))
    forget(acme)
    file = str(tmp_path / "checkpoints")
    assert "acme: activity 3: it is missing" in complaint("--against", file)
    assert "acme: activity 1: it is missing" in complaint("--against", file, "--workspace", "acme")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("field", ["workspace", "sequence", "digest", "time", "signature"])
def test_a_forged_checkpoint_is_refused(tmp_path, field):
    file = tmp_path / "checkpoints"
    verify_activity("--export", str(file))
    content = json.loads(file.read_text())
    content[field] = 2 if field == "sequence" else str(content[field])[::-1]
    file.write_text(json.dumps(content))
    assert "line 1 of" in complaint("--against", str(file))


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"signature": 1, "keyVersion": 1}', '"x"'])
def test_a_line_that_is_no_checkpoint_is_refused(tmp_path, line):
    file = tmp_path / "checkpoints"
    file.write_text(line)
    assert "is not a checkpoint that this server signed" in complaint("--against", str(file))


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "cannot be read" in complaint("--against", str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("acme")
def test_a_file_that_cannot_be_written_is_named(tmp_path):
    assert "cannot be written" in complaint("--export", str(tmp_path / "nowhere" / "file"))
