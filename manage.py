#!/usr/bin/env python3
"""Runs a command of the project. An operator's mistake is answered in one line."""

import os
import sys
from contextlib import ExitStack


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from cerbykeys import counting, first_steps

    command = sys.argv[1:2]
    try:
        with ExitStack() as stack:
            if command in (["quickstart"], ["prepare"]):
                # The settings refuse to load without a secret key; these two are what makes one.
                first_steps.begin()
            if command in (["quickstart"], ["serve"]):
                stack.enter_context(counting.counted_together())
            from django.conf import settings

            settings.configured or settings._setup()  # noqa: SLF001  (before the command line hides why it failed)
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"cerbykeys: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
