"""Which mask belongs to which image."""

from __future__ import annotations

from pathlib import Path

from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import list_sweeps
from Speckle2SelfLib.files.registry import SUFFIXES, suffix_of

from ..files.mask_files import MASK_ENDINGS, image_files, is_mask, stem_of

MASK_NAMES = (
    "masks are called NAME_mask.png beside NAME.png, or lie in a folder of their own under the names of the images"
)
PICTURES = ("PNG", "JPEG", "TIFF")


def is_picture(path: Path) -> bool:
    """Return whether a file holds one image, by its name."""
    return SUFFIXES.get(suffix_of(path)) in PICTURES


def base_name(path: Path) -> str:
    """Return what an image and its mask are both called: without suffixes and ``_mask``."""
    stem = stem_of(path)
    ending = next((ending for ending in MASK_ENDINGS if stem.lower().endswith(ending)), "")
    return stem[: len(stem) - len(ending)]


def pairs_of(folder: Path, labels: Path | None) -> tuple[list[Path], list[Path], list[str]]:
    """Return images and masks of a folder in natural order, and what the user should know.

    Parameters
    ----------
    folder : Path
        Its subfolders are left out.
    labels : Path or None
        Where the masks lie: the same folder, another one, or nowhere.

    Raises
    ------
    InputError
        If no image has a mask, or a mask has no image.
    """
    images = image_files(_files(folder))
    if labels is None:
        if not images:
            raise InputError(f"The folder {folder.name!r} holds no images: give one with PNG, TIFF or JPEG files.")
        return images, [], []
    same = labels.resolve() == folder.resolve()
    masks = {base_name(path): path for path in _files(labels) if is_mask(path) or not same}
    paired = [path for path in images if base_name(path) in masks and not is_mask(path)]
    lonely = sorted(set(masks) - {base_name(path) for path in paired})
    if not paired:
        raise InputError(f"The folder {folder.name!r} holds no image with a mask: {MASK_NAMES}.")
    if lonely:
        raise InputError(
            f"The mask {masks[lonely[0]].name!r} in {labels.name!r} has no image: add it or remove the mask."
        )
    left_out = len(images) - len(paired)
    notes = [f"{left_out} images of {folder.name!r} have no mask and are left out."] if left_out else []
    return paired, [masks[base_name(path)] for path in paired], notes


def labels_beside(path: Path) -> Path:
    """Return the labels that lie beside a file: ``NAME.seg.nrrd``, or ``NAME_mask`` with any suffix.

    Raises
    ------
    InputError
        If there are none.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; check the name.")
    stem = base_name(path)
    candidates = [path.with_name(f"{stem}.seg.nrrd")]
    candidates += [path.with_name(f"{stem}{ending}{suffix}") for ending in MASK_ENDINGS for suffix in SUFFIXES]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise InputError(
        f"{path.name!r} has no labels beside it ({stem}.seg.nrrd or {stem}{MASK_ENDINGS[0]}.nrrd): name them, or give "
        "frames without a lumen as negatives."
    )


def _files(folder: Path) -> list[Path]:
    return [entry.path for entry in list_sweeps(folder) if entry.path.parent == folder and is_picture(entry.path)]
