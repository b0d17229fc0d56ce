from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "workspaces.directory"
    label = "directory"
    verbose_name = "Directory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects them, once the models are there)
