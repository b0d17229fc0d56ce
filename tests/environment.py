"""Gives the tests a data folder of their own before the settings are loaded.

DATABASE_URL and REDIS_URL are left as they are: unset, the tests run as the product does by
default; set, they run against those servers.
"""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit

for name in [name for name in os.environ if name.startswith("CERBYKEYS_")]:
    del os.environ[name]
_folder = tempfile.mkdtemp(prefix="cerbykeys-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["CERBYKEYS_DATA_DIR"] = _folder

if _redis := os.environ.get("REDIS_URL"):
    # A Redis database for each of the parallel processes, as Django makes theirs.
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = urlsplit(_redis)._replace(path=f"/{_worker}").geturl()

from cerbykeys import data_folder  # noqa: E402  (reads the environment)

data_folder.create()
# Where quickstart collects static files; whitenoise warns where it is missing.
(data_folder.location() / "static").mkdir()
