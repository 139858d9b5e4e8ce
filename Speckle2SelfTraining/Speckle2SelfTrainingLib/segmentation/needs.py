"""What segmentation needs and despeckling does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from Speckle2SelfLib.errors import DependencyError


@contextmanager
def needs_monai() -> Iterator[None]:
    """Say in one sentence which package is missing.

    Raises
    ------
    DependencyError
        If an import inside fails.
    """
    try:
        yield
    except ImportError as error:
        package = (error.name or "monai").partition(".")[0]
        reason = str(error).partition("\n")[0]
        raise DependencyError(
            f"Segmentation needs the Python package {package!r}, which cannot be loaded here ({reason}): install it "
            "first."
        ) from error
