"""What frames may be: their pixel types and sizes, checked once for every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, OutputError
from ..settings import MAXIMUM_SIDE, MINIMUM_SIDE

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Array: TypeAlias = NDArray[Any]

PIXEL_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
PIXEL_TYPES_TEXT = "8, 16 and 32 bit integers, 32 and 64 bit floating point"


@contextmanager
def understandable(path: Path) -> Iterator[None]:
    """Turn what parsing a header's numbers raises into a sentence that names the file."""
    try:
        yield
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{path} has a header that cannot be understood ({error}); export it again.") from error


def check_pixel_type(name: str, type_name: str) -> np.dtype[Any]:
    """Return the dtype called ``type_name`` (native byte order), refusing what cannot be despeckled."""
    if type_name not in PIXEL_TYPES:
        raise InputError(
            f"{name} holds pixels of type {type_name}, which cannot be despeckled; use {PIXEL_TYPES_TEXT}."
        )
    return np.dtype(type_name)


def check_frames(name: str, count: int, rows: int, columns: int, hint: str = "") -> None:
    """Refuse a sweep without frames or with frames outside 16 x 16 to 4096 x 4096 pixels."""
    if count < 1:
        raise InputError(f"{name} holds no frames; a sweep needs at least one.")
    if min(rows, columns) < MINIMUM_SIDE or max(rows, columns) > MAXIMUM_SIDE:
        raise InputError(
            f"{name} has frames of {rows} x {columns} pixels (rows x columns); "
            f"{MINIMUM_SIDE} x {MINIMUM_SIDE} to {MAXIMUM_SIDE} x {MAXIMUM_SIDE} are accepted{hint}."
        )


def check_indices(indices: Sequence[int], count: int) -> list[int]:
    """Return the frame numbers to write as a list; they must rise and lie in ``range(count)``."""
    chosen = [int(index) for index in indices]
    if not chosen:
        raise InputError("No frames are selected; choose at least one.")
    if chosen[0] < 0 or chosen[-1] >= count or any(b <= a for a, b in pairwise(chosen)):
        raise InputError(f"Frames must be numbers from 0 to {count - 1} in rising order, got {_shown(chosen)}.")
    return chosen


def check_output_type(name: str, dtype: DTypeLike, accepted: Iterable[str], other: str) -> np.dtype[Any]:
    """Return ``dtype`` in native byte order, refusing what the output format cannot hold."""
    given = np.dtype(dtype).newbyteorder("=")
    accepted = tuple(accepted)
    if given.name not in accepted:
        raise OutputError(
            f"{name} cannot hold {given.name} pixels, only {', '.join(accepted)}; write to {other} instead."
        )
    return given


def _shown(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return shown + (", ..." if len(numbers) > 5 else "")
