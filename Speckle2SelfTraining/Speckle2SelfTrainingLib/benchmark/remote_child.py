"""Runs one method for a parent in another Python: a path of frames in, a line of JSON out."""

from __future__ import annotations

import json
import sys

import numpy as np

from .known_peers import known_peer


def main(name: str) -> int:
    """Serve until the parent closes the pipe."""
    peer = known_peer(name)
    _say(missing=peer.missing())
    for line in sys.stdin:
        try:
            peer(np.load(line.rstrip("\n")))
        except Exception as error:  # whatever a package raises: the parent names it and goes on with other methods
            _say(failed=f"{type(error).__name__}: {error}")
        else:
            _say(done=True)
    return 0


def _say(**answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
