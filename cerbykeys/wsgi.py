"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from cerbykeys import after_requests
from workspaces import deadlines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")
application = get_wsgi_application()
deadlines.impose()
after_requests.tidy_quickly()
