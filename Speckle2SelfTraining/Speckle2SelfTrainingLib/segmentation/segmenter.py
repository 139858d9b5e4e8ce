"""The public segmenter: frames in, masks of the carotid's lumen out."""

from __future__ import annotations

import copy
import os
import platform
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib import __version__
from Speckle2SelfLib.despeckler import Despeckler, check_keep, check_sweep
from Speckle2SelfLib.engine import Engine
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.frame_path.frames import Frame, Frames, Mask

from .despeckled import DespeckledFrames
from .files.spacing import LARGEST_SPACING, SMALLEST_SPACING
from .model import SegmentationModel
from .needs import needs_monai
from .reading import load_segmentation_model
from .segmented_frame import SegmentedFrame
from .settings import SegmentSettings
from .sweep import SweepSegmentation


class Segmenter:
    """Find the lumen of the common carotid artery on B-mode frames.

    Parameters
    ----------
    model : str, path or SegmentationModel
        "carotid", the name of a model trained on this computer, the path of a bundle folder or zip, or a loaded model.
    device : str
        "auto", "cpu", "cuda", "cuda:N" or "mps".
    settings : SegmentSettings, optional

    Attributes
    ----------
    name : str
        Of the model.
    asked_model, asked_device : str
        What it was made with; a model that was given loaded has its name here.

    Raises
    ------
    SettingsError, ModelError, DeviceError
    DependencyError
        If MONAI or scikit-image is missing.

    Examples
    --------
    >>> masks = Segmenter()(frames, spacing=(0.05, 0.05))  # (N, H, W) or (H, W), any real type
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | SegmentationModel = "carotid",
        device: str = "auto",
        settings: SegmentSettings | None = None,
    ) -> None:
        self.settings = settings or SegmentSettings()
        self.asked_model = model.name if isinstance(model, SegmentationModel) else os.fspath(model)
        self.asked_device = device
        self.model = model if isinstance(model, SegmentationModel) else load_segmentation_model(model)
        self.name = self.model.name
        with needs_monai():
            import skimage.measure  # noqa: F401 - say now that it is missing, not after the first frame
        network = self.model.network()
        self.engine = Engine(network, device, "auto", self.settings.batch, forward=network)
        self._despeckler = self._new_despeckler()

    def with_settings(self, settings: SegmentSettings) -> Segmenter:
        """Return a segmenter with other settings that shares the loaded network.

        Raises
        ------
        SettingsError
            If the batch differs: this needs a new :class:`Segmenter`.
        """
        if settings.batch != self.settings.batch:
            raise SettingsError("A loaded segmenter cannot change its batch: create a new one.")
        twin = copy.copy(self)
        twin.settings = settings
        if settings.despeckle != self.settings.despeckle:
            twin._despeckler = twin._new_despeckler()
        return twin

    def __call__(self, frames: Frame, spacing: tuple[float, float] | None = None) -> NDArray[np.uint8]:
        """Segment a frame or a sweep.

        Parameters
        ----------
        frames : array of any real type, shape (H, W) or (N, H, W)
            H and W from 16 to 4096.
        spacing : (float, float), optional
            Millimeters per row and per column, where known.

        Returns
        -------
        uint8 array of the same shape
            1 in the lumen, 0 elsewhere.

        Raises
        ------
        InputError
            If the frames cannot be segmented.
        """
        try:
            given = np.asarray(frames)
        except (ValueError, TypeError, RuntimeError) as error:  # ragged, or a tensor that NumPy cannot take
            raise InputError("Frames must be one array of numbers on the CPU: frames of one size.") from error
        if given.ndim not in (2, 3):
            raise InputError(f"Frames must have the shape (H, W) or (N, H, W), got {given.shape}.")
        sweep = given[None] if given.ndim == 2 else given
        masks = np.zeros(sweep.shape, np.uint8)
        for result in self.stream(sweep, spacing=spacing):
            masks[result.index] = result.mask
        return masks.reshape(given.shape)

    def stream(
        self,
        frames: Frames,
        *,
        spacing: tuple[float, float] | None = None,
        color: bool = False,
        keep: Mask | None = None,
        indices: Sequence[int] | None = None,
    ) -> Iterator[SegmentedFrame]:
        """Segment frame after frame; memory does not grow with their number.

        Parameters
        ----------
        frames : anything with a length whose items are arrays (H, W) or, with `color`, (H, W, 3 or 4)
        spacing : (float, float), optional
            Millimeters per row and per column; None where they are not known.
        color : bool
            Segment the luminance.
        keep : bool array (H, W), optional
            Pixels that are no picture, such as text: never lumen.
        indices : sequence of int, optional
            Frames to segment (default all). Scale and neighbors come from the whole sweep in any case, so that a part
            of a sweep gets the same masks as the whole.

        Yields
        ------
        SegmentedFrame
            In the order of `indices`.

        Raises
        ------
        InputError
            If the frames cannot be segmented, or differ in size or type.
        """
        first = check_sweep(frames, color=color)
        wanted = list(range(len(frames))) if indices is None else [int(index) for index in indices]
        if any(not 0 <= index < len(frames) for index in wanted):
            raise InputError(f"Frame numbers must be from 0 to {len(frames) - 1}.")
        keep, spacing = check_keep(keep, first), check_spacing(spacing)
        if self._despeckler is not None:
            frames = DespeckledFrames(frames, self._despeckler, color=color, keep=keep)
        sweep = SweepSegmentation(
            frames, self.engine, self.model.side_multiple, self.settings, spacing=spacing, color=color, keep=keep
        )
        yield from sweep.results(wanted)

    def provenance(self) -> dict[str, str]:
        """Return what made a result, as flat text: model, version, hash, settings, device; no path, no patient data."""
        return {
            "Software": f"Speckle2Self {__version__}",
            "Note": "segmented, research use",
            "Model": self.name,
            "ModelVersion": self.model.version,
            "ModelSHA256": self.model.sha256,
            "Device": self.engine.device,
            "Precision": self.engine.precision,
            "Python": platform.python_version(),
            **self._despeckled_by(),
            **{_camel_case(name): str(value) for name, value in self.settings.to_dict().items() if name != "batch"},
        }

    @property
    def despeckler_sha256(self) -> str | None:
        """Of the weights that frames are despeckled with first; None where they are not."""
        return None if self._despeckler is None else self._despeckler.model.sha256

    def _new_despeckler(self) -> Despeckler | None:
        strength = self.settings.despeckle
        return None if strength is None else Despeckler(device=self.asked_device, strength=strength)

    def _despeckled_by(self) -> dict[str, str]:
        if self._despeckler is None:
            return {}
        model = self._despeckler.model
        return {"DespeckledBy": f"{model.name} {model.version}", "DespeckledBySHA256": model.sha256}


def check_spacing(spacing: Any) -> tuple[float, float] | None:
    """Return the size of pixels as two numbers, or None where it is not known.

    Raises
    ------
    InputError
        If it is not two numbers from 0.001 to 10 mm.
    """
    if spacing is None:
        return None
    try:
        rows, columns = (float(step) for step in spacing)
    except (TypeError, ValueError):
        rows = columns = 0.0
    if not all(SMALLEST_SPACING <= step <= LARGEST_SPACING for step in (rows, columns)):
        raise InputError(
            f"The spacing must be two numbers (row, column) from {SMALLEST_SPACING:g} to {LARGEST_SPACING:g} mm, or "
            f"None where it is not known; got {spacing!r}."
        )
    return rows, columns


def _camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
