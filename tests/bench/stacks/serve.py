"""Serves what DJANGO_SETTINGS_MODULE names just as the product is served (`cerbykeys.server`)."""

import django

from cerbykeys import server

if __name__ == "__main__":
    django.setup()
    server.serve()
