from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "cerbykeys"
    verbose_name = "Site"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)
