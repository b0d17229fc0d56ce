"""Full load by wrk (https://github.com/wg/wrk), where it is installed.

Of the cores that it shares with the servers it takes far less than `load` does: in life, those who
ask are elsewhere.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile

# Requests in turn, as they are; in the end a line of JSON.
SCRIPT = """
local messages, number = { %s }, 0
request = function()
  number = number %% #messages + 1
  return messages[number]
end
done = function(summary, latency)
  local lost = summary.errors
  print(string.format('{"answered": %%d, "seconds": %%f, "refused": %%d, "lost": %%d, "p99": %%f}',
    summary.requests, summary.duration / 1e6, lost.status,
    lost.connect + lost.read + lost.write + lost.timeout, latency:percentile(99) / 1e6))
end
"""


def version():
    """Which wrk there is; None where there is none."""
    if shutil.which("wrk") is None:
        return None
    told = subprocess.run(["wrk", "--version"], check=False, capture_output=True, text=True)  # noqa: S607  (whichever is on the PATH)
    return " ".join(told.stdout.split()[:2])


def drive(order):
    """What `load.drive` tells of an order without a rate or records; for whole seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % ", ".join(json.dumps(request) for request in order.requests))
        script.flush()
        words = ["--threads", 1, "--connections", order.connections, "--script", script.name]
        words += ["--duration", f"{max(1, round(order.seconds))}s"]
        done = subprocess.run(  # noqa: S603  (our own command)
            ["wrk", *map(str, words), f"http://127.0.0.1:{order.port}"],  # noqa: S607
            check=True,
            capture_output=True,
            text=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    good = told["answered"] - told["refused"]
    return {**told, "statuses": {200: good}, "failures": told["refused"] + told["lost"]}
