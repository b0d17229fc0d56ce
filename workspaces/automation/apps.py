from django.apps import AppConfig


class AutomationConfig(AppConfig):
    name = "workspaces.automation"
    label = "automation"
    verbose_name = "Automation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects them, once the models are there)
