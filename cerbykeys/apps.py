from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "cerbykeys"
    verbose_name = "Site"
