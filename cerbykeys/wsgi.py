"""The WSGI application that granian serves."""

import os

from workspaces import deadlines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")

from . import handling  # what it imports wants the settings

application = handling.application()
deadlines.impose()
