"""Frames with masks: from files, folders, or arrays of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.frame_path.frames import ChosenFrames, Frames

from ...training.sources import FrameRange, Luminances
from ..files.spacing import pixel_spacing
from .lazy_frames import Empty, ImageFiles, LabelFile, MaskFiles
from .pairing import labels_beside, pairs_of

NO_SUBJECT = "unnamed"
Spacing = tuple[float, float]


@dataclass(frozen=True)
class LabelledSource:
    """Labelled frames of one subject.

    Attributes
    ----------
    name : str
        For messages and metadata: never a path.
    subject : str
        Whose frames these are; training and validation never share one.
    frames : Frames
        Items are the luminance of a frame, (H, W), any real type.
    masks : Frames
        Items are uint8 (H, W): 0 background, 1 lumen, 255 ignore.
    spacing : (float, float) or None
        Millimeters per row and column, where known.
    negative : bool
        Whether no frame shows a lumen, as its user says.
    block : bool
        Whether frames of the same subject are knowingly trained on, because there is no other one.
    files : tuple of Path
        What was read, for the hash in the metadata; never stored.
    notes : tuple of str
        Sentences for the user.
    """

    name: str
    subject: str
    frames: Frames
    masks: Frames
    spacing: Spacing | None = None
    negative: bool = False
    block: bool = False
    files: tuple[Path, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.frames) == 0:
            raise InputError(f"{self.name!r} holds no frames: give labelled ones.")
        if len(self.frames) != len(self.masks):
            raise InputError(
                f"{self.name!r} has {len(self.frames)} frames but {len(self.masks)} masks: give one mask for each."
            )

    def __len__(self) -> int:
        return len(self.frames)

    @classmethod
    def from_arrays(
        cls,
        name: str,
        frames: Frames,
        masks: Frames,
        spacing: Spacing | None = None,
        *,
        subject: str = NO_SUBJECT,
    ) -> LabelledSource:
        """Take frames and masks (N, H, W), or anything with a length whose items are (H, W).

        Parameters
        ----------
        name : str
        frames : Frames
            Luminance, any real type.
        masks : Frames
            0 background, 1 lumen, 255 ignore; a frame whose mask is 255 everywhere has no label.
        spacing : (float, float), optional
            Millimeters per row and column.
        subject : str

        Raises
        ------
        InputError
            If there are no frames, or not as many masks.
        """
        return cls(name, subject, frames, masks, spacing)

    @classmethod
    def from_files(
        cls,
        images: str | Path,
        labels: str | Path | None = None,
        *,
        subject: str | None = None,
        label: int | None = None,
        segment: str | None = None,
    ) -> LabelledSource:
        """Open a sweep with its label map or segmentation, or a folder of images with a mask for each.

        Parameters
        ----------
        images : path
            A file with frames, or a folder of images.
        labels : path, optional
            A label map or ``.seg.nrrd`` file, or a folder of masks that are called as the images are; by default
            what lies beside the images and is called ``NAME_mask`` or ``NAME.seg.nrrd``.
        subject : str, optional
            By default the name of the folder that the images lie in.
        label : int, optional
            Value of the lumen; by default the only one there is. 255 beside another value means: not labelled.
        segment : str, optional
            Name of the lumen's segment in a ``.seg.nrrd`` file.

        Raises
        ------
        InputError
            If files are missing, do not fit each other, or hold no label map.
        """
        place = Path(images)
        if place.is_dir():
            return _from_folder(place, Path(labels) if labels else place, subject, label)
        given = Path(labels) if labels else labels_beside(place)
        sweep = open_sweep(place)
        masks = LabelFile(given, sweep, label, segment)
        frames: Frames = Luminances(sweep.frames) if sweep.color else sweep.frames
        files = (*(sweep.files or (place,)), given)
        owner = subject or place.resolve().parent.name
        return cls(place.name, owner, frames, masks, pixel_spacing(sweep), files=files)

    @classmethod
    def without_lumen(cls, images: str | Path, *, subject: str | None = None) -> LabelledSource:
        """Open frames that show no lumen: a file, or the images of a folder.

        Raises
        ------
        InputError
            If nothing can be read.
        """
        place = Path(images)
        if place.is_dir():
            paths = pairs_of(place, None)[0]
            frames: Frames = ImageFiles(paths)
            spacing, files = _spacing_of(paths[0]), tuple(paths)
        else:
            sweep = open_sweep(place)
            frames = Luminances(sweep.frames) if sweep.color else sweep.frames
            spacing, files = pixel_spacing(sweep), sweep.files or (place,)
        name = place.resolve().name
        owner = subject or f"without lumen: {name}"
        return cls(name, owner, frames, Empty(frames), spacing, negative=True, files=files)

    def part(self, start: int, stop: int) -> LabelledSource:
        """Return frames `start` to `stop` under a name that says so."""
        frames, masks = FrameRange(self.frames, start, stop), FrameRange(self.masks, start, stop)
        return replace(self, name=f"{self.name} [{start}:{stop}]", frames=frames, masks=masks)

    def only(self, indices: Sequence[int]) -> LabelledSource:
        """Return some of the frames under the same name."""
        return replace(self, frames=ChosenFrames(self.frames, indices), masks=ChosenFrames(self.masks, indices))


def _from_folder(folder: Path, labels: Path, subject: str | None, label: int | None) -> LabelledSource:
    images, masks, notes = pairs_of(folder, labels)
    files = tuple(path for pair in zip(images, masks, strict=True) for path in pair)
    name = folder.resolve().name
    return LabelledSource(
        name,
        subject or name,
        ImageFiles(images),
        MaskFiles(name, masks, label),
        _spacing_of(images[0]),
        files=files,
        notes=tuple(notes),
    )


def _spacing_of(path: Path) -> Spacing | None:
    return pixel_spacing(open_sweep(path))
