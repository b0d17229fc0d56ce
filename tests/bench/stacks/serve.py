"""Serves what DJANGO_SETTINGS_MODULE names just as the product is served (`cerbykeys.server`)."""

import django

if __name__ == "__main__":
    django.setup()
    from cerbykeys import server

    server.serve()
