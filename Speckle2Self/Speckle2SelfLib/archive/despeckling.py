"""Despeckling as the job of an archive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import DespeckleSettings

if TYPE_CHECKING:
    from ..commands.run_file import Watch
    from ..despeckler import Despeckler
    from ..engine import Engine
    from .order import FileOrder


@dataclass(frozen=True)
class DespeckleJob:
    """Despeckle every file.

    Parameters
    ----------
    settings : DespeckleSettings
    frames : slice, optional
        Frames to despeckle and write.
    frame_axis : int, optional
        Array axis of a volume that counts frames.
    """

    settings: DespeckleSettings
    frames: slice | None = None
    frame_axis: int | None = None

    def on_device(self, device: str) -> DespeckleJob:
        """Return the same job on another device."""
        return replace(self, settings=self.settings.replace(device=device))

    def anywhere(self) -> DespeckleJob:
        """Return the same job with an absolute path of the model, where it is a path."""
        path = Path(self.settings.model)
        return replace(self, settings=self.settings.replace(model=str(path.resolve()))) if path.exists() else self

    def loaded(self) -> LoadedDespeckling:
        """Load the model."""
        from ..despeckler import Despeckler

        return LoadedDespeckling(Despeckler(settings=self.settings), self.frames, self.frame_axis)


class LoadedDespeckling:
    """Despeckle every file, with a loaded model.

    Parameters
    ----------
    despeckler : Despeckler
    frames : slice, optional
    frame_axis : int, optional
        As of :class:`DespeckleJob`.
    """

    def __init__(self, despeckler: Despeckler, frames: slice | None = None, frame_axis: int | None = None) -> None:
        self._despeckler = despeckler
        self.job = DespeckleJob(despeckler.settings, frames, frame_axis)

    @property
    def engine(self) -> Engine:
        """Device and notes."""
        return self._despeckler.engine

    @property
    def made_with(self) -> dict[str, Any]:
        """What decides the pixels of every result besides the input."""
        settings, model, frames = self._despeckler.settings, self._despeckler.model, self.job.frames
        values = settings.to_dict()
        return {
            "model": model.name,
            "model_sha256": model.sha256,
            "calibration": None if model.calibration is None else model.calibration.digest,
            **{name: values[name] for name in (*settings.applied, "precision")},
            "frames": None if frames is None else [frames.start, frames.stop],
            "frame_axis": self.job.frame_axis,
        }

    def do(self, order: FileOrder, watch: Watch, *, progress: bool) -> dict[str, Any]:
        """Despeckle one file."""
        from ..commands.run_file import despeckle_file
        from ..commands.run_folder import made_place

        return despeckle_file(
            order.path,
            made_place(order.place),
            self._despeckler,
            frame_axis=self.job.frame_axis,
            frames=self.job.frames,
            watch=watch,
            progress=progress,
        )
