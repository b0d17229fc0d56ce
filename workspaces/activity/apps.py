from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "workspaces.activity"
    label = "activity"
    verbose_name = "Activity"
    default_auto_field = "django.db.models.BigAutoField"
