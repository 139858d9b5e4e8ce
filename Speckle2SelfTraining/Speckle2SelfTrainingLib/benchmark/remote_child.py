"""Runs one method for a parent in another Python: a path of a frame in, a line of JSON out."""

from __future__ import annotations

import json
import sys

import numpy as np

from .remote import known_peer


def main(name: str) -> int:
    """Serve until the parent closes the pipe."""
    peer = known_peer(name)
    _say(missing=peer.missing())
    for line in sys.stdin:
        peer(np.load(line.rstrip("\n")))
        _say(done=True)
    return 0


def _say(**answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
