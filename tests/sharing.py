"""What takes long to make is made once in a run of the tests, however many processes they have."""

import fcntl
import pickle
from contextlib import contextmanager


@contextmanager
def alone(folder, name):
    """Of the processes of a run, one at a time is in the block with this `name`."""
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(folder, name, make):
    """What `make` returned in the first process that asked for `name`; the others wait for it.

    It goes from one to the other as a pickle, in `folder`, which the processes of a run share.
    """
    with alone(folder, name):
        made = folder / f"{name}.pickle"
        if made.exists():
            return pickle.loads(made.read_bytes())  # noqa: S301  (our own)
        result = make()
        made.write_bytes(pickle.dumps(result))
        return result
