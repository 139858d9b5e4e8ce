"""Draw the pictures that the module Sample Data shows for our samples, from the samples themselves.

python Testing/extension/make_sample_thumbnails.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from Speckle2SelfTrainingLib.simulation.sample_sweeps import SAMPLE_SWEEPS

FOLDER = Path(__file__).resolve().parents[2] / "Speckle2SelfTraining" / "Resources" / "Icons"
SIZE = (280, 260)  # columns and rows, about what Slicer's template for modules asks for
GRAYS = 64  # fewer gray levels halve the file; nobody sees the difference at this size


def main() -> None:
    for name, sample in SAMPLE_SWEEPS.items():
        frames = np.asarray(sample.simulated().frames)
        draw = draw_stack if sample.seconds is None else draw_cine
        picture = draw(frames).quantize(GRAYS)
        path = FOLDER / f"{name}.png"
        picture.save(path, optimize=True)
        print(f"{path}: {path.stat().st_size // 1024} KiB")


def draw_cine(frames: np.ndarray) -> Image.Image:
    """Return the first frame with the sign for playing a film."""
    picture = Image.new("L", SIZE, 0)
    side = SIZE[0]
    picture.paste(_resized(frames[0], side).crop((0, 0, side, SIZE[1])), (0, 0))
    draw = ImageDraw.Draw(picture)
    x, y = SIZE[0] - 46, SIZE[1] - 46
    draw.rounded_rectangle((x, y, x + 36, y + 36), radius=8, fill=245)
    draw.polygon([(x + 12, y + 9), (x + 12, y + 27), (x + 28, y + 18)], fill=30)
    return picture


def draw_stack(frames: np.ndarray) -> Image.Image:
    """Return frames one behind the other."""
    shown = 4
    offset = 14
    side = min(SIZE) - (shown - 1) * offset
    picture = Image.new("L", SIZE, 0)
    left = (SIZE[0] - side - (shown - 1) * offset) // 2
    for position in range(shown):
        behind = shown - 1 - position
        frame = frames[(len(frames) - 1) * behind // (shown - 1)]
        x, y = left + behind * offset, position * offset
        picture.paste(_resized(frame, side), (x, y))
        ImageDraw.Draw(picture).rectangle((x, y, x + side - 1, y + side - 1), outline=200)
    return picture


def _resized(frame: np.ndarray, side: int) -> Image.Image:
    return Image.fromarray(frame).resize((side, side), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
