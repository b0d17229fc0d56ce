from django.apps import AppConfig


class VaultsConfig(AppConfig):
    name = "workspaces.vaults"
    label = "vaults"
    verbose_name = "Vaults"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects them, once the models are there)
