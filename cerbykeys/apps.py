from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles import apps as staticfiles


class SiteConfig(AppConfig):
    name = "cerbykeys"
    verbose_name = "Site"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)


class OperatorsConfig(AdminConfig):
    default_site = "cerbykeys.admin.OperatorsSite"


class StaticFilesConfig(staticfiles.StaticFilesConfig):
    # The API reference is Swagger's.
    ignore_patterns = [*staticfiles.StaticFilesConfig.ignore_patterns, "redoc*"]  # noqa: RUF012  (as the base class has it)
