from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "workspaces.sealing"
    label = "sealing"
    verbose_name = "Sealing"
    default_auto_field = "django.db.models.BigAutoField"
