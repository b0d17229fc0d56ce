"""Makes the peers' tables and, for each, as many keys as are asked for; prints them as JSON."""

import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from knox.models import AuthToken
    from rest_framework_api_key.models import APIKey

    call_command("migrate", interactive=False, verbosity=0)
    count = int(sys.argv[1])
    users = [User.objects.create_user(f"person-{number}") for number in range(count)]
    made = {
        "api-key": [APIKey.objects.create_key(name=user.username)[1] for user in users],
        "knox": [AuthToken.objects.create(user)[1] for user in users],
    }
    json.dump(made, sys.stdout)
