from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    name = "cerbykeys"
    verbose_name = "Site"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)


class OperatorsConfig(AdminConfig):
    default_site = "cerbykeys.admin.OperatorsSite"
