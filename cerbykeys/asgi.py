"""The ASGI application, for servers that speak ASGI."""

import os

from django.core.asgi import get_asgi_application

from workspaces import deadlines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")
application = get_asgi_application()
deadlines.impose()
