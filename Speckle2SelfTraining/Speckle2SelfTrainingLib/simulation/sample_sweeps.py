"""Sample sweeps for trying the extension: simulated where they are asked for, so that they need no network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib import __version__
from Speckle2SelfLib.files.sweep import Geometry
from Speckle2SelfLib.files.sweep import Sweep as FileSweep

from .job import sweep_of
from .settings import SimulationSettings

# The probe lies across the front of the neck: rows go to the patient's left, columns to the back, frames upward (LPS).
DIRECTION = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True)
class SampleSweep:
    """A sweep across one simulated neck.

    Parameters
    ----------
    seed : int
        Of anatomy, machine, scatterers and noise: equal seeds give equal pixels.
    frames : int
    size : int
        Rows and columns of every frame.
    motion : float
        How far the anatomy moves on from frame to frame, in units of the simulator's time.
    seconds : float or None
        Time between frames of a cine; None for a volume.
    step : float
        Distance in mm between frames of a volume.
    """

    seed: int
    frames: int
    size: int
    motion: float
    seconds: float | None = None
    step: float = 0.5

    def write(self, path: Path) -> None:
        """Simulate the frames and write them; what the file is called decides between a volume and a sequence.

        Raises
        ------
        OutputError
            If the file cannot be written; an older one is kept then.
        """
        sweep = self.simulated()
        note = {"Simulated by": f"Speckle2Self {__version__}, seed {self.seed}"}
        with sweep.writer(path, range(len(sweep)), np.uint8, note) as writer:
            for index, frame in enumerate(sweep):
                writer.write(index, frame)
            writer.commit()

    def simulated(self) -> FileSweep:
        """Return the frames with their geometry and, for a cine, their times."""
        settings = SimulationSettings(number=self.frames, size=self.size, seed=self.seed)
        plan = replace(sweep_of(settings), step=self.motion)
        pictures = [plan.frame(index) for index in range(self.frames)]
        spacing = pictures[0].spacing
        return FileSweep(
            path=Path("simulated"),
            frames=np.stack([picture.speckled for picture in pictures]),
            color=False,
            spacing=(spacing, spacing),
            format_name="simulated sweep",
            frame_shape=plan.size,
            dtype=np.dtype(np.uint8),
            geometry=self._geometry(spacing),
            sequence=self.seconds is not None,
            frame_times=self._times(),
        )

    def _geometry(self, spacing: float) -> Geometry:
        origin = (-0.5 * (self.size - 1) * spacing, 0.0, 0.0)  # the middle of the probe lies at the midline
        return Geometry((spacing, spacing, self.step), origin, DIRECTION)

    def _times(self) -> list[float] | None:
        if self.seconds is None:
            return None
        return [self.seconds * index for index in range(self.frames)]


SAMPLE_SWEEPS: dict[str, SampleSweep] = {
    # ten frames per second, as fast as Slicer plays; nearly three beats of the artery, 0.87 s each
    "SimulatedCarotidCine": SampleSweep(seed=9, frames=24, size=320, motion=0.08, seconds=0.1),
    "SimulatedCarotidSweep": SampleSweep(seed=8, frames=24, size=320, motion=0.02),
}


def write_sample(name: str, path: Any) -> None:
    """Simulate the sample of :data:`SAMPLE_SWEEPS` with this name and write it to a file."""
    SAMPLE_SWEEPS[name].write(Path(path))
