"""A sweep opened from a file, and the writer that stores a despeckled one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from ..errors import OutputError
from ..frame_path.frames import Frames
from .output_place import OutputPlace
from .pixels import Array, check_indices


@dataclass(frozen=True)
class Geometry:
    """Where a stack of frames lies in the patient, in LPS coordinates.

    Parameters
    ----------
    spacing : (float, float, float)
        Distance in mm between columns, rows and frames.
    origin : (float, float, float)
        Position in mm of the first pixel of the first frame.
    direction : tuple of three (float, float, float)
        Unit vectors along a row (next column), along a column (next row) and to the next frame.
    """

    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: tuple[tuple[float, ...], ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

    def starting_at(self, index: int) -> Geometry:
        """Return the geometry of the stack that starts at frame ``index``."""
        step = index * self.spacing[2]
        origin = tuple(o + step * d for o, d in zip(self.origin, self.direction[2], strict=True))
        return Geometry(self.spacing, (origin[0], origin[1], origin[2]), self.direction)


@dataclass
class Sweep:
    """Frames of one input file and everything about them that a result must keep.

    Parameters
    ----------
    path : Path
        The file that was opened.
    frames : Frames
        ``len()`` and ``[i]`` giving (H, W), or (H, W, C) with C = 3 or 4 where ``color``; native byte order.
    color : bool
        True for RGB and RGBA frames (YBR and palette are converted to RGB).
    spacing : (float, float) or None
        Pixel spacing (row, column) in mm; None where the file does not say.
    keep : (H, W) bool array or None
        Pixels that must come out unchanged.
    format_name : str
        What the file is, in words.
    frame_shape : tuple of int
        Shape of one frame.
    dtype : numpy dtype
        Type of the pixels.
    geometry : Geometry or None
        Position in the patient, where the file states one.
    metadata : dict
        Named values of the file that another format may take over. Never patient data.
    sequence : bool
        True where frames follow each other in time rather than in space.
    frame_times : list of float or None
        Seconds at which the frames were taken, where the file says.
    source : object
        What the same format needs for a faithful copy (the header as it was read).
    files : tuple of Path
        Every file that was read, for the check that no output replaces an input.
    notes : list of str
        Sentences for the user about how the file was understood.
    """

    path: Path
    frames: Frames
    color: bool
    spacing: tuple[float, float] | None
    format_name: str
    frame_shape: tuple[int, ...]
    dtype: np.dtype[Any]
    keep: Array | None = None
    geometry: Geometry | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    sequence: bool = False
    frame_times: list[float] | None = None
    source: Any = None
    files: tuple[Path, ...] = ()
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[Array]:
        return (self.frames[index] for index in range(len(self.frames)))

    def writer(
        self, output_path: str | Path, indices: Sequence[int], dtype: Any, provenance: dict[str, str]
    ) -> SweepWriter:
        """Return a writer for frames computed from this sweep, having checked that the output can be written.

        Parameters
        ----------
        output_path : str or Path
            The file to write; its suffix decides the format.
        indices : sequence of int
            Which frames of this sweep the output holds, in rising order.
        dtype : numpy dtype
            Type of the frames that will be written.
        provenance : dict of str
            What was computed; stored where the format has a place for it.

        Raises
        ------
        OutputError
            If the place cannot be written, or the format cannot hold these frames.
        """
        from .registry import writer_class

        path = Path(output_path)
        return writer_class(path, self)(
            self, path, check_indices(indices, len(self.frames)), np.dtype(dtype), provenance
        )


class SweepWriter:
    """Collects frames and stores them in one step; used as a context manager.

    Leaving the ``with`` block without :meth:`commit` leaves no file behind and keeps an old one.
    Subclasses check what they cannot hold in :meth:`_check` and write in :meth:`_save`.
    """

    def __init__(
        self, sweep: Sweep, path: Path, indices: list[int], dtype: np.dtype[Any], provenance: dict[str, str]
    ) -> None:
        self.sweep = sweep
        self.path = path
        self.indices = indices
        self.provenance = provenance
        self.dtype = self._check(dtype)
        self.place = OutputPlace(path, sweep.files or (sweep.path,))
        try:
            self._reserve()
        except BaseException:
            self.place.discard()
            raise
        self.frames: Array = np.empty((len(indices), *sweep.frame_shape), self.dtype)
        self._missing = set(range(len(indices)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.place.discard()

    @property
    def temporaries(self) -> list[Path]:
        """The files that are there until the output is: what a killed run leaves."""
        return self.place.temporaries

    def write(self, position: int, frame: Array) -> None:
        """Store one frame.

        Parameters
        ----------
        position : int
            Position in ``indices``, not the number of the frame in the input.
        frame : array
            Same shape as the input's frames, of the type announced to :meth:`Sweep.writer`.
        """
        if frame.shape != self.sweep.frame_shape or frame.dtype != self.dtype:
            raise OutputError(
                f"Frame {position} has shape {frame.shape} and type {frame.dtype}; "
                f"{self.sweep.frame_shape} and {self.dtype} were announced."
            )
        self.frames[position] = frame
        self._missing.discard(position)

    def describe(self, entries: Mapping[str, str]) -> None:
        """Add to the provenance what is known only once the frames are computed."""
        self.provenance = {**self.provenance, **entries}

    def commit(self) -> None:
        """Write the file, check it and put it in its place.

        Raises
        ------
        OutputError
            If frames are missing, the disk is full, or what was written does not read back.
        """
        if self._missing:
            raise OutputError(f"{self.path} was not written because {len(self._missing)} frames are missing.")
        try:
            self._save()
            self.place.publish()
        finally:
            self.place.discard()

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """Return the type to store, or raise OutputError where the format cannot hold the sweep."""
        raise NotImplementedError

    def _reserve(self) -> None:
        """Reserve further files of this output, such as a detached data file."""

    def _save(self) -> None:
        """Write :attr:`frames` to the temporary file and check it."""
        raise NotImplementedError
