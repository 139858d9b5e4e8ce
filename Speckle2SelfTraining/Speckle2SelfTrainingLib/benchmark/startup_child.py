"""Started as a program of its own: prints the time of day at the end of every stage up to the second frame."""

import time
from typing import Any

STAMPS = {"Python": time.time()}


def main() -> None:
    """Load step by step and despeckle two frames."""
    import json
    import sys

    settings = json.loads(sys.argv[1])

    import Speckle2SelfLib  # noqa: F401

    STAMPS["the library"] = time.time()
    import torch  # noqa: F401

    STAMPS["PyTorch"] = time.time()
    import numpy as np
    from Speckle2SelfLib import despeckler as loaded
    from Speckle2SelfLib.engine import Engine

    STAMPS["other packages"] = time.time()

    def timed_engine(*given: Any, **options: Any) -> Engine:
        STAMPS.setdefault("weights", time.time())  # the network is there when its engine is made
        return Engine(*given, **options)

    vars(loaded)["Engine"] = timed_engine
    despeckler = loaded.Despeckler(model=settings["model"], device=settings["device"])
    STAMPS["engine"] = time.time()
    frame = np.random.default_rng(0).integers(0, 255, settings["size"], dtype=np.uint8)
    for name in ("first frame", "second frame"):
        despeckler(frame)
        STAMPS[name] = time.time()
    print(json.dumps(STAMPS))


if __name__ == "__main__":
    main()
