from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from workspaces.contract.models import FirstAnswer

pytestmark = pytest.mark.django_db


def test_what_has_had_its_time_is_deleted_and_the_rest_stays(capsys):
    now = timezone.now()
    for number, age in enumerate((timedelta(hours=25), timedelta(hours=23))):
        FirstAnswer.objects.create(
            key_id="6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d",
            name_digest=bytes([number]),
            request_digest=b"",
            status=200,
            created_at=now - age,
        )
        Session.objects.create(session_key=str(number), expire_date=now + timedelta(hours=1) - age)
    Session.objects.create(session_key="living", expire_date=now + timedelta(hours=1))
    call_command("clear_expired")
    assert "1 expired answers" in capsys.readouterr().out
    assert FirstAnswer.objects.get().name_digest == b"\x01"
    assert Session.objects.get().session_key == "living"
