"""djangorestframework-api-key and django-rest-knox, each in front of the product's own answer.

As their documentation sets them up, on the product's own server and database settings, in a
database of their own. Nothing stands before the views: no middleware, no other renderer.
"""

from cerbykeys.settings import DATABASES, SECRET_KEY, SERVER_HOST, SERVER_PORT, SERVER_WORKERS

__all__ = ["DATABASES", "SECRET_KEY", "SERVER_HOST", "SERVER_PORT", "SERVER_WORKERS"]

ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework_api_key",
    "knox",
    "workspaces.sealing",  # the server imports it; no request does
]
MIDDLEWARE = []
ROOT_URLCONF = "tests.bench.stacks.peers_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
USE_I18N = False
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
}
