from django.apps import AppConfig


class ContractConfig(AppConfig):
    name = "workspaces.contract"
    label = "contract"
    verbose_name = "API"
    default_auto_field = "django.db.models.BigAutoField"
