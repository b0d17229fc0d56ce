"""What `make test` leaves to CI, so that it takes less than two minutes: THOROUGH=1 runs it all."""

import os

THOROUGH = os.environ.get("THOROUGH") == "1"
