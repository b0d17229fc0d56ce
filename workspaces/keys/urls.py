"""The addresses of API keys, below `/w/<slug>/settings/api-keys/`."""

from django.urls import path

from .views import details, table, wizard

app_name = "keys"
urlpatterns = [
    path("", table.table, name="table"),
    path("new/", wizard.generate, name="wizard_generate"),
    path("new/<uuid:draft_id>/", wizard.generate, name="wizard_generate_again"),
    path("new/<uuid:draft_id>/scopes/", wizard.scopes, name="wizard_scopes"),
    path("new/<uuid:draft_id>/store/", wizard.store, name="wizard_store"),
    path("new/<uuid:draft_id>/done/", wizard.done, name="wizard_done"),
    path("new/<uuid:draft_id>/save/", wizard.save, name="wizard_save"),
    path("new/<uuid:draft_id>/cancel/", wizard.cancel, name="wizard_cancel"),
    path("<uuid:key_id>/", details.settings, name="settings"),
    path("<uuid:key_id>/scopes/", details.switch_scope, name="switch_scope"),
    path("<uuid:key_id>/limit/", details.limit, name="limit"),
    path("<uuid:key_id>/delete/", details.delete, name="delete"),
    path("<uuid:key_id>/disable/", details.disable, name="disable"),
    path("<uuid:key_id>/enable/", details.enable, name="enable"),
]
