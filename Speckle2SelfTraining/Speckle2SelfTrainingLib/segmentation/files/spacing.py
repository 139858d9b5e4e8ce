"""How large pixels are, and whether anybody has said so."""

from __future__ import annotations

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.files.sweep import Geometry, Sweep

from .tracked_transforms import calibrated_spacing

SMALLEST_SPACING, LARGEST_SPACING = 0.001, 10.0  # mm
ROUNDING = 1e-6  # of rotations, which leave a length of 1 not exactly 1


def pixel_spacing(sweep: Sweep) -> tuple[float, float] | None:
    """Return the millimeters per pixel (row, column) of a sweep, None where they are unknown.

    Programs write a spacing of exactly 1 x 1 for images of which they know none (Slicer and ITK for a PNG, PLUS for
    tracked sequences); no ultrasound pixel has this size, so that it counts as unknown. Tracked sequences may hold
    the size of pixels in their transforms from the image.
    """
    stated = None if sweep.spacing is None else stated_spacing(*sweep.spacing)
    if stated is not None:
        return stated
    calibrated = calibrated_spacing(sweep)
    return None if calibrated is None else stated_spacing(*calibrated)


def stated_spacing(row: float, column: float) -> tuple[float, float] | None:
    """Return a spacing (row, column) that a header holds, None where it only stands for one pixel or is absurd.

    ITK writes 1 mm into a PNG file as one pixel per meter.
    """
    usable = all(SMALLEST_SPACING <= size <= LARGEST_SPACING for size in (row, column))
    is_one = all(abs(size - 1.0) <= ROUNDING for size in (row, column))
    return (row, column) if usable and not is_one else None


def frame_positions(geometry: Geometry | None, count: int) -> list[float] | None:
    """Return the millimeters of every frame of a volume along its sweep; None where nothing states them."""
    if geometry is None or stated_spacing(geometry.spacing[1], geometry.spacing[0]) is None:
        return None
    return [index * geometry.spacing[2] for index in range(count)]


def parse_spacing(text: str | None) -> tuple[float, float] | None:
    """Read ``MM`` or ``ROW,COLUMN`` of a command line.

    Raises
    ------
    SettingsError
        If these are not one or two numbers from 0.001 to 10.
    """
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(SMALLEST_SPACING <= number <= LARGEST_SPACING for number in numbers):
        raise SettingsError(
            "--spacing must be the millimeters per pixel, one number or two (row,column) from "
            f"{SMALLEST_SPACING:g} to {LARGEST_SPACING:g}, got {text!r}."
        )
    return numbers[0], numbers[-1]
