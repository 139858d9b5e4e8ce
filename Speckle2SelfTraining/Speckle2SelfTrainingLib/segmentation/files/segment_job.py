"""Segmenting as the job of an archive."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib.files.sweep import Sweep

from ..labels import LUMEN
from ..settings import SegmentSettings
from .segment_orders import label_map_name

if TYPE_CHECKING:
    from Speckle2SelfLib.archive.order import FileOrder
    from Speckle2SelfLib.commands.run_file import Watch
    from Speckle2SelfLib.engine import Engine

    from ..segmenter import Segmenter


@dataclass(frozen=True)
class SegmentOptions:
    """What is done with every file of a folder, besides the settings of the segmenter.

    Parameters
    ----------
    suffix : str, optional
        What to write of every file; left out, its format decides.
    frame_axis : int, optional
    frames : slice, optional
    spacing : (float, float), optional
    label : int
        As of :func:`.run_file.segment_file`.
    """

    suffix: str | None = None
    frame_axis: int | None = None
    frames: slice | None = None
    spacing: tuple[float, float] | None = None
    label: int = LUMEN

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        frames = None if self.frames is None else [self.frames.start, self.frames.stop]
        spacing = None if self.spacing is None else list(self.spacing)
        return {**asdict(self), "frames": frames, "spacing": spacing}


@dataclass(frozen=True)
class SegmentJob:
    """Segment every file.

    Parameters
    ----------
    model : str
        As of :class:`~Speckle2SelfTrainingLib.segmentation.Segmenter`.
    device : str
    settings : SegmentSettings
    options : SegmentOptions
    """

    model: str
    device: str
    settings: SegmentSettings
    options: SegmentOptions

    def on_device(self, device: str) -> SegmentJob:
        """Return the same job on another device."""
        return replace(self, device=device)

    def anywhere(self) -> SegmentJob:
        """Return the same job with an absolute path of the model, where it is a path."""
        path = Path(self.model)
        return replace(self, model=str(path.resolve())) if path.exists() else self

    def loaded(self) -> LoadedSegmenting:
        """Load the models."""
        from ..segmenter import Segmenter

        return LoadedSegmenting(Segmenter(self.model, self.device, self.settings), self.options)


class LoadedSegmenting:
    """Segment every file, with loaded models.

    Parameters
    ----------
    segmenter : Segmenter
    options : SegmentOptions
    """

    def __init__(self, segmenter: Segmenter, options: SegmentOptions) -> None:
        self._segmenter = segmenter
        self.job = SegmentJob(segmenter.asked_model, segmenter.asked_device, segmenter.settings, options)

    @property
    def engine(self) -> Engine:
        """Device and notes."""
        return self._segmenter.engine

    @property
    def made_with(self) -> dict[str, Any]:
        """What decides the pixels of every result besides the input."""
        segmenter, settings = self._segmenter, self._segmenter.settings.to_dict()
        return {
            "command": "segment",
            "model": segmenter.name,
            "model_sha256": segmenter.model.sha256,
            "despeckled_by_sha256": segmenter.despeckler_sha256,
            **{name: value for name, value in settings.items() if name != "batch"},
            **self.job.options.to_dict(),
        }

    def do(self, order: FileOrder, watch: Watch, *, progress: bool) -> dict[str, Any]:
        """Segment one file."""
        from Speckle2SelfLib.commands.run_folder import made_place

        from .run_file import segment_file

        options = self.job.options

        def place(sweep: Sweep) -> Path:
            return made_place(order.archive.target / label_map_name(order.output_name, sweep, options.suffix))

        return segment_file(
            order.path,
            place,
            self._segmenter,
            frame_axis=options.frame_axis,
            frames=options.frames,
            spacing=options.spacing,
            label=options.label,
            watch=watch,
            progress=progress,
        )
