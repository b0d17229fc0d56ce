"""Network namespaces as hosts: two that serve, one with the databases, one for the client."""

import ctypes
import os
import subprocess
from contextlib import contextmanager

NETWORK = "10.213.72"
PROXY, FIRST, SECOND, DATABASES = (f"{NETWORK}.{number}" for number in (1, 2, 3, 4))
CLONE_NEWNET = 0x40000000  # <linux/sched.h>


class Network:
    """Names of the namespaces, by the addresses that hosts have in them."""

    def __init__(self):
        self._prefix = f"cerbykeys-{os.getpid()}"

    def namespace(self, address):
        return f"{self._prefix}-{address.rpartition('.')[2]}"

    def within(self, address, *command):
        """The command, run on the host of that address."""
        return ["ip", "netns", "exec", self.namespace(address), *map(str, command)]

    def make(self):
        for address in (PROXY, FIRST, SECOND, DATABASES):
            ip("netns", "add", self.namespace(address))
            self._ip(address, "link", "set", "lo", "up")
        self._ip(PROXY, "link", "add", "lan", "type", "bridge")
        self._ip(PROXY, "addr", "add", f"{PROXY}/24", "dev", "lan")
        self._ip(PROXY, "link", "set", "lan", "up")
        for address in (FIRST, SECOND, DATABASES):
            port = f"to-{address.rpartition('.')[2]}"
            peer = ["peer", "name", "lan", "netns", self.namespace(address)]
            self._ip(PROXY, "link", "add", port, "type", "veth", *peer)
            self._ip(PROXY, "link", "set", port, "master", "lan", "up")
            self._ip(address, "addr", "add", f"{address}/24", "dev", "lan")
            self._ip(address, "link", "set", "lan", "up")

    def remove(self):
        for address in (PROXY, FIRST, SECOND, DATABASES):
            subprocess.run(["ip", "netns", "del", self.namespace(address)], check=False)  # noqa: S603, S607

    def _ip(self, address, *arguments):
        ip("-netns", self.namespace(address), *arguments)

    def enter(self, address):
        """Move this thread, and those it starts from now on, to that host."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/run/netns/{self.namespace(address)}") as file:  # noqa: PTH123  (a handle is what is asked for)
            if libc.setns(file.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)  # noqa: S603, S607  (our own arguments)


@contextmanager
def network():
    """A network that is gone afterwards; this thread is on the client's host."""
    made = Network()
    try:
        made.make()
        made.enter(PROXY)
        yield made
    finally:
        made.remove()
