"""The operators' pages under the site's strict Content-Security-Policy."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.factories import ApiKeyFactory, UserFactory
from workspaces.directory.models import Member
from workspaces.keys.models import ApiKey


@pytest.fixture
def operators_page(page, sign_in):
    """A page of an operator, and what its console complained of."""
    operator = UserFactory(is_staff=True, is_superuser=True)
    sign_in(page.context, Member(user=operator))
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def test_no_page_needs_what_the_policy_forbids(operators_page, live_server):
    page, complaints = operators_page
    ApiKeyFactory()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page.goto(live_server.url + reverse(f"{name}_changelist"))
        if row := model.objects.first():
            page.goto(live_server.url + reverse(f"{name}_change", args=[row.pk]))
    assert complaints == []


def test_an_operator_removes_a_key_with_a_reason(operators_page, live_server):
    page, complaints = operators_page
    key = ApiKeyFactory(name="Leaked key")
    page.goto(live_server.url + reverse("admin:keys_apikey_changelist"))
    page.get_by_role("checkbox", name="Select this object").check()
    page.get_by_role("combobox", name="Action").select_option("remove")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Reason").fill("Found in a forum")
    page.get_by_role("button", name="Remove 1 API key").click()
    page.get_by_text("1 API key: removed.").wait_for()
    key.refresh_from_db()
    assert key.status == ApiKey.Status.REMOVED
    assert complaints == []
