"""Started as a program of its own: runs a command and prints its status, its seconds and its peak memory in MiB.

On Linux a new process begins with the peak of the one that it was made from, so that a large one cannot measure others.
"""

import json
import subprocess
import sys
import time


def main() -> int:
    """Run the command that the arguments are."""
    start = time.perf_counter()
    status = subprocess.call(sys.argv[1:])
    seconds = time.perf_counter() - start
    print(json.dumps([status, seconds, _peak()]))
    return 0


def _peak() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most / 1024**2 if sys.platform == "darwin" else most / 1024


if __name__ == "__main__":
    sys.exit(main())
