"""What a benchmark measures, as one validated object; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.settings import DespeckleSettings

from ..simulation.settings import check_whole

Size = tuple[int, int]

SECTIONS = ("despeckling", "roofline", "growth", "command", "startup", "training", "simulator")
SIZES: tuple[Size, ...] = ((256, 256), (512, 512), (709, 749), (1024, 1024))
REFERENCE: Size = (512, 512)
# Names only: the methods themselves (known_peers) import NumPy.
PEER_NAMES = ("zea", "zea-jax", "srad", "nlm", "tv", "gradient", "curvature", "patch", "bm3d", "median")
MINIMUM_SIDE, MAXIMUM_SIDE = 32, 4096


@dataclass(frozen=True)
class BenchmarkSettings:
    """Settings of a benchmark.

    Parameters
    ----------
    sizes : tuple of (int, int)
        Rows and columns of the frames.
    reference : (int, int)
        The size at which all methods are compared, and that the roofline and the command are measured at.
    repeats : int
        Interleaved repeats, of which medians are given.
    frames : int
        Frames of a sweep whose throughput is measured, at the reference size, on a CPU.
    gpu_frames : int
        The same on a GPU, which takes many at once.
    growth_frames : tuple of int
        Lengths of the sweeps that the command is measured with.
    growth_sides : tuple of int
        Sides of the square frames whose cost is measured.
    peers : tuple of str
        Some of ``PEER_NAMES``.
    peers_python : str or None
        Python of an environment with peers that this one lacks.
    training_batch, training_crop : int
        Of a training step.
    training_steps : int
    device : str
        "auto" measures on the CPU and, where there is one, on the GPU.
    model : str
    sections : tuple of str
        Which of ``SECTIONS``.
    patience : float
        Seconds after which no further repeat of a slow method is begun.
    memory_everywhere : bool
        Peak memory, which takes a fresh process each, at every size; else at the reference size and the largest square.

    Raises
    ------
    SettingsError
    """

    sizes: tuple[Size, ...] = SIZES
    reference: Size = REFERENCE
    repeats: int = 7
    frames: int = 16
    gpu_frames: int = 256
    growth_frames: tuple[int, ...] = (1, 10, 100, 300, 1000)
    growth_sides: tuple[int, ...] = (128, 256, 512, 1024, 2048)
    peers: tuple[str, ...] = PEER_NAMES
    peers_python: str | None = None
    training_batch: int = 4
    training_crop: int = 256
    training_steps: int = 5
    device: str = "auto"
    model: str = "default"
    sections: tuple[str, ...] = SECTIONS
    patience: float = 6.0
    memory_everywhere: bool = True

    def __post_init__(self) -> None:
        check_whole("--repeats", self.repeats, 1, 100)
        for rows, columns in (*self.sizes, self.reference):
            check_whole("--sizes", rows, MINIMUM_SIDE, MAXIMUM_SIDE)
            check_whole("--sizes", columns, MINIMUM_SIDE, MAXIMUM_SIDE)
        unknown = [name for name in self.sections if name not in SECTIONS]
        if unknown or not self.sections:
            raise SettingsError(f"--only takes {', '.join(SECTIONS)}, got {(unknown or [''])[0]!r}.")
        for name in self.peers:
            if name not in PEER_NAMES:
                raise SettingsError(f"--peers takes none or names of {', '.join(PEER_NAMES)}, got {name!r}.")
        DespeckleSettings(model=self.model, device=self.device)

    @classmethod
    def quick(cls, **changes: Any) -> BenchmarkSettings:
        """Return settings of about a minute: everything, at small sizes and with few repeats."""
        small: dict[str, Any] = {
            "sizes": ((64, 64), (96, 112)),
            "reference": (96, 96),
            "repeats": 2,
            "frames": 4,
            "gpu_frames": 4,
            "growth_frames": (1, 8),
            "growth_sides": (64, 96),
            "training_batch": 2,
            "training_crop": 32,
            "training_steps": 2,
            "patience": 2.0,
            "memory_everywhere": False,
        }
        return cls(**{**small, **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without the path of another Python."""
        return asdict(self) | {"peers_python": self.peers_python is not None}


def parse_sizes(texts: Sequence[str]) -> tuple[Size, ...]:
    """Read sizes such as ``512`` and ``709x749``.

    Raises
    ------
    SettingsError
    """
    sizes = []
    for text in texts:
        rows, _, columns = text.lower().partition("x")
        try:
            sizes.append((int(rows), int(columns or rows)))
        except ValueError:
            raise SettingsError(f"--sizes takes sides such as 512 or 709x749, got {text!r}.") from None
    return tuple(sizes)


def size_text(size: Size) -> str:
    """Return a size as text: ``709x749``."""
    return f"{size[0]}x{size[1]}"
