"""The only code of this library that knows the MRML scene; it runs in the desktop and on ``slicer-core`` alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .despeckler import SceneDespeckler
    from .job import Job

__all__ = ["Job", "SceneDespeckler"]


def __getattr__(name: str) -> Any:
    if name == "SceneDespeckler":
        from .despeckler import SceneDespeckler

        return SceneDespeckler
    if name == "Job":
        from .job import Job

        return Job
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
