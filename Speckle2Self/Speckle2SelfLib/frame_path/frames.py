"""What a sweep is to the library: frames by number."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[Any]
Gray = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]


class Frames(Protocol):
    """An array (N, H, W) or (N, H, W, C), a memory map, or a lazy reader."""

    def __len__(self) -> int:
        """Return the number of frames."""
        ...

    def __getitem__(self, index: int, /) -> Any:
        """Return frame `index`, shape (H, W) or (H, W, C)."""
        ...
