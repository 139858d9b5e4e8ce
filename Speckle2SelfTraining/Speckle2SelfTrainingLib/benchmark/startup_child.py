"""Started as a program of its own: prints the time of day at the end of every stage up to the second frame."""

import time

STAMPS = [time.time()]


def main() -> None:
    """Load step by step and despeckle two frames."""
    import json
    import sys

    settings = json.loads(sys.argv[1])

    import Speckle2SelfLib  # noqa: F401

    STAMPS.append(time.time())
    import torch  # noqa: F401

    STAMPS.append(time.time())
    import numpy as np
    from Speckle2SelfLib.despeckler import Despeckler

    STAMPS.append(time.time())
    despeckler = Despeckler(model=settings["model"], device=settings["device"])
    STAMPS.append(time.time())
    frame = np.random.default_rng(0).integers(0, 255, settings["size"], dtype=np.uint8)
    for _ in range(2):
        despeckler(frame)
        STAMPS.append(time.time())
    print(json.dumps(STAMPS))


if __name__ == "__main__":
    main()
