"""Gives the tests a data folder of their own before the settings are loaded."""

import atexit
import os
import shutil
import tempfile

for name in [name for name in os.environ if name.startswith("CERBYKEYS_")]:
    del os.environ[name]
_folder = tempfile.mkdtemp(prefix="cerbykeys-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["CERBYKEYS_DATA_DIR"] = _folder

from cerbykeys import data_folder  # noqa: E402  (reads the environment)

data_folder.create()
# Where quickstart collects static files; whitenoise warns where it is missing.
(data_folder.location() / "static").mkdir()
