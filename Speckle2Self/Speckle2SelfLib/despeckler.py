"""The public despeckler: frames in, frames of the same shape and type out."""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from . import __version__
from .bundle import Bundle, load_bundle
from .engine import Engine
from .errors import Cancelled, InputError, SettingsError
from .frame_path.change import ChangeFilter
from .frame_path.familiarity import Familiarity
from .frame_path.finish import finish
from .frame_path.frames import Frame, Frames, Gray, Mask, same_kind, to_type
from .frame_path.levels import is_counted
from .frame_path.luminance import colored_pixels, replace_luminance
from .frame_path.published import PublishedFilter
from .frame_path.signal import B_MODE_LEVELS
from .frame_path.statistics import SweepStatistics, analyze, b_mode
from .parallel import frames_at_work, in_order, small_steps
from .settings import MAXIMUM_SIDE, MINIMUM_SIDE, DespeckleSettings

Progress = Callable[[int, int], Any]


class Despeckler:
    """Remove speckle from B-mode frames.

    Parameters
    ----------
    model : str or path
        "default", another shipped model, or the path of a bundle or of an authors' checkpoint.
    device : str
        "auto", "cpu", "cuda", "cuda:N" or "mps".
    settings : DespeckleSettings, optional
        Starting point for the others; its own `model` and `device` count where the arguments are left out.
    **changes
        Any field of :class:`~Speckle2SelfLib.settings.DespeckleSettings`.

    Raises
    ------
    SettingsError, ModelError, DeviceError

    Examples
    --------
    >>> clean = Despeckler(strength=0.7)(frames)  # (N, H, W) or (H, W), any real type
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        device: str | None = None,
        *,
        settings: DespeckleSettings | None = None,
        **changes: Any,
    ) -> None:
        given = {key: value for key, value in (("model", model), ("device", device)) if value is not None}
        self.settings = DespeckleSettings.from_dict({**(settings or DespeckleSettings()).to_dict(), **given, **changes})
        self.model: Bundle = load_bundle(self.settings.model)
        self.published = self.settings.preset == "published"
        self.engine = Engine(
            self.model.network(),
            self.settings.device,
            self._precision(),
            self.settings.batch_size or (1 if self.published else None),
            channels_last=not self.published,
            calibration=self.model.calibration,
        )
        self._filter = self._new_filter()

    def with_settings(self, settings: DespeckleSettings) -> Despeckler:
        """Return a despeckler with other settings that shares the loaded network.

        Raises
        ------
        SettingsError
            If model, preset, device, precision or batch size differ: these need a new :class:`Despeckler`.
        """
        for name in ("model", "preset", "device", "precision", "batch_size"):
            if getattr(settings, name) != getattr(self.settings, name):
                raise SettingsError(f"A loaded despeckler cannot change its {name}: create a new one.")
        twin = copy.copy(self)
        twin.settings = settings
        twin._filter = twin._new_filter()
        return twin

    def __call__(self, frames: Frame) -> Frame:
        """Despeckle a frame or a sweep.

        Parameters
        ----------
        frames : array of any real type, shape (H, W) or (N, H, W)
            H and W from 16 to 4096.

        Returns
        -------
        array of the same shape and type: float32 in [0, 1] with the published preset, uint8 for RF and envelope input

        Raises
        ------
        InputError
            If the frames cannot be despeckled.
        """
        try:
            given = np.asarray(frames)
        except (ValueError, TypeError, RuntimeError) as error:  # ragged, or a tensor that NumPy cannot take
            raise InputError("Frames must be one array of numbers on the CPU: frames of one size.") from error
        if given.ndim not in (2, 3):
            raise InputError(f"Frames must have the shape (H, W) or (N, H, W), got {given.shape}.")
        sweep = given[None] if given.ndim == 2 else given
        result = np.empty(sweep.shape, self.output_dtype(sweep.dtype))
        for index, frame in self.stream(sweep):
            result[index] = frame
        return result.reshape(given.shape)

    def output_dtype(self, input_dtype: np.dtype[Any] | type) -> np.dtype[Any]:
        """Return the type of the frames that come out for frames of `input_dtype`."""
        if self.published:
            return np.dtype(np.float32)
        return np.dtype(np.uint8) if self.settings.signal != "bmode" else np.dtype(input_dtype)

    def analyze(self, frames: Frames, *, color: bool = False, keep: Mask | None = None) -> SweepStatistics:
        """Take the statistics of a sweep from at most 32 frames spread over it.

        Parameters
        ----------
        frames : Frames, items (H, W) or, with `color`, (H, W, C)
        keep : bool array (H, W), optional
            Pixels that must come out unchanged.
        """
        first = check_sweep(frames, color=color)
        self._filter.check(first, self.settings, color=color)
        return analyze(frames, self.settings, self.model.grain_range, color=color, keep=check_keep(keep, first))

    def stream(
        self,
        frames: Frames,
        *,
        color: bool = False,
        keep: Mask | None = None,
        indices: Iterable[int] | None = None,
        statistics: SweepStatistics | None = None,
        progress: Progress | None = None,
        familiarity: Familiarity | None = None,
    ) -> Iterator[tuple[int, Frame]]:
        """Despeckle frame after frame; memory does not grow with their number.

        Parameters
        ----------
        frames : anything with a length whose items are arrays (H, W) or, with `color`, (H, W, 3 or 4)
        color : bool
            Filter the luminance, keep chroma and alpha; colored pixels in a gray picture (Doppler) stay as they are.
        keep : bool array (H, W), optional
            Pixels that must come out unchanged.
        indices : iterable of int, optional
            Frames to despeckle (default all). The statistics come from the whole sweep in any case, so that a part
            of a sweep gets the same pixels as the whole; where another number of threads computes a frame, bf16 and
            int8 round a few pixels in ten thousand to the next gray level.
        statistics : SweepStatistics, optional
            From :meth:`analyze`, to take them once for several calls; not used where frames are only copied.
        progress : callable (done, total), optional
            Called after every frame; returning False cancels.
        familiarity : Familiarity, optional
            From :meth:`familiarity`; gets to see every frame whose statistics are taken.

        Yields
        ------
        (index, frame)

        Raises
        ------
        InputError
            If the frames cannot be despeckled, or differ in size or type.
        Cancelled
            If `progress` returned False.
        """
        first = check_sweep(frames, color=color)
        wanted = list(range(len(frames))) if indices is None else [int(index) for index in indices]
        if any(not 0 <= index < len(frames) for index in wanted):
            raise InputError(f"Frame numbers must be from 0 to {len(frames) - 1}.")
        self._filter.check(first, self.settings, color=color)
        keep = check_keep(keep, first)
        if not self.needs_statistics:
            statistics = None
        elif statistics is None:
            statistics = analyze(frames, self.settings, self.model.grain_range, color=color, keep=keep)
        elif keep is not None:
            statistics = statistics.without(keep)
        size = (int(first.shape[0]), int(first.shape[1]))

        def groups() -> Iterator[tuple[list[int], list[Frame]]]:
            read = 0
            while read < len(wanted):
                group = wanted[read : read + self.engine.batch_size(size)]
                yield group, [same_kind(np.asarray(frames[index]), first, index) for index in group]
                read += len(group)

        def compute(group: tuple[list[int], list[Frame]]) -> list[Frame]:
            return self._filter_group(*group, statistics, color, familiarity)

        results = in_order(compute, groups(), frames_at_work(self.engine.device, size, len(wanted)))
        with contextlib.closing(results):
            for done, result in enumerate(itertools.chain.from_iterable(results)):
                yield wanted[done], result
                if progress is not None and progress(done + 1, len(wanted)) is False:
                    raise Cancelled(f"Cancelled after {done + 1} of {len(wanted)} frames.")

    def familiarity(self) -> Familiarity:
        """Return what tells, after a :meth:`stream` that it was given to, which frames are unlike the training's."""
        return Familiarity(self.model.trained_on)

    def provenance(self) -> dict[str, str]:
        """Return what made a result, as flat text: model, version, hash, settings, device; no path, no patient data.

        Only settings that were applied are named: the published preset ignores all others.
        """
        values = self.settings.to_dict()
        return {
            "Software": f"Speckle2Self {__version__}",
            "Note": "despeckled, research use",
            "Model": self.model.name,
            "ModelVersion": self.model.version,
            "ModelSHA256": self.model.sha256,
            "Device": self.engine.device,
            "Precision": self.engine.precision,
            **self._calibration_used(),
            "Python": platform.python_version(),
            **{_camel_case(name): _text(values[name]) for name in self.settings.applied},
        }

    def _calibration_used(self) -> dict[str, str]:
        used = self.model.calibration if self.engine.precision == "int8" else None
        return {} if used is None else {"Calibration": used.digest}

    def _precision(self) -> str:
        """Return the arithmetic asked for; none that shows in the picture is chosen without being asked for."""
        automatic = "auto" if self.model.options.bears_rounding and not self.published else "fp32"
        return automatic if self.settings.precision == "auto" else self.settings.precision

    @property
    def needs_statistics(self) -> bool:
        """Whether frames are filtered by the statistics of their sweep; otherwise :meth:`stream` takes none."""
        copies = self.settings.strength == 0 and self.settings.gamma == 1 and self.settings.signal == "bmode"
        return not self.published and not copies

    @property
    def statistics_choices(self) -> tuple[object, ...]:
        """What the statistics depend on besides the frames; where it is equal, they serve for other settings, too."""
        settings = self.settings
        return (settings.signal, settings.dynamic_range, settings.mask, settings.scale, self.model.grain_range)

    def _new_filter(self) -> PublishedFilter | ChangeFilter:
        if self.published:
            return PublishedFilter(self.engine)
        return ChangeFilter(self.engine, self.model, self.settings)

    def _filter_group(
        self,
        indices: list[int],
        frames: list[Frame],
        statistics: SweepStatistics | None,
        color: bool,
        familiarity: Familiarity | None,
    ) -> list[Frame]:
        if isinstance(self._filter, PublishedFilter):
            return self._filter(frames)
        if statistics is None:
            return [frame.copy() for frame in frames]
        size = (int(frames[0].shape[0]), int(frames[0].shape[1]))
        with small_steps(size):
            gray = [
                b_mode(one, self.settings, statistics.reference, statistics.fast_axis, color=color) for one in frames
            ]
            valid = [self._valid(frame, one, statistics, color) for frame, one in zip(frames, gray, strict=True)]
            if familiarity is not None:
                for index, levels, mask in zip(indices, gray, valid, strict=True):
                    familiarity.look(index, levels, mask, statistics)
        changes = self._filter(gray, valid, statistics)
        with small_steps(size):
            return [
                self._finish(frame, levels, mask, change, statistics, color)
                for frame, levels, mask, change in zip(frames, gray, valid, changes, strict=True)
            ]

    def _valid(self, frame: Frame, gray: Gray, statistics: SweepStatistics, color: bool) -> Mask:
        valid: Mask = np.isfinite(gray)
        if statistics.valid is not None:
            valid &= statistics.valid
        if color and not statistics.tinted and (colored := colored_pixels(frame, statistics.span)) is not None:
            valid &= ~colored
        return valid

    def _finish(
        self,
        frame: Frame,
        gray: Gray,
        valid: Mask,
        change: Gray,
        statistics: SweepStatistics,
        color: bool,
    ) -> Frame:
        result = finish(gray, valid, change, statistics, tone=self.settings.tone, gamma=self.settings.gamma)
        if self.settings.signal != "bmode":
            return np.asarray(np.rint(np.clip(result, 0, B_MODE_LEVELS)), np.uint8)
        # Whole numbers of up to 16 bits are all finite, and their working type holds exactly what was not to change.
        exact = is_counted(frame.dtype)
        if color:
            changed = replace_luminance(frame, result - gray if exact else np.where(valid, result - gray, 0))
            return changed if exact else np.where(valid[..., None], changed, frame)
        return to_type(result, frame.dtype) if exact else np.where(valid, to_type(result, frame.dtype), frame)


def check_sweep(frames: Frames, *, color: bool) -> Frame:
    """Return the first frame of a sweep that can be processed.

    Raises
    ------
    InputError
        If there are no frames, or they are too small, too large, or not of a real type.
    """
    if not hasattr(frames, "__len__") or not hasattr(frames, "__getitem__"):
        raise InputError(
            f"Frames must have a length and be found by number, as in an array; got {type(frames).__name__}."
        )
    if len(frames) == 0:
        raise InputError("There are no frames: give at least one.")
    first = np.asarray(frames[0])
    expected = 3 if color else 2
    if first.ndim != expected or (color and first.shape[2] not in (3, 4)):
        wanted = "(H, W, 3) or (H, W, 4)" if color else "(H, W)"
        raise InputError(f"A frame must have the shape {wanted}, got {first.shape}.")
    if first.dtype.kind not in "uif" or first.dtype.itemsize > 8:
        raise InputError(f"Frames must be whole numbers or floating-point numbers, got {first.dtype}.")
    rows, columns = first.shape[:2]
    if not (MINIMUM_SIDE <= rows <= MAXIMUM_SIDE and MINIMUM_SIDE <= columns <= MAXIMUM_SIDE):
        hint = " (color frames: use stream(frames, color=True))" if columns in (3, 4) and not color else ""
        raise InputError(
            f"Frames must have {MINIMUM_SIDE} to {MAXIMUM_SIDE} rows and columns, got {rows} x {columns}{hint}."
        )
    return first


def check_keep(keep: Mask | None, first: Frame) -> Mask | None:
    """Return the pixels to keep as bool, or say that they do not fit the frames.

    Raises
    ------
    InputError
        If the shape differs from the frames'.
    """
    if keep is None:
        return None
    pixels = np.asarray(keep, bool)
    if pixels.shape != first.shape[:2]:
        raise InputError(f"The pixels to keep must have the shape {first.shape[:2]} of a frame, got {pixels.shape}.")
    return pixels


def _camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _text(value: Any) -> str:
    return ",".join(f"{number:g}" for number in value) if isinstance(value, list) else str(value)
