"""Loaded models, kept between jobs: loading one takes longer than despeckling a frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..bundle.trained import trained_models
from ..settings import DespeckleSettings

if TYPE_CHECKING:
    from ..despeckler import Despeckler

KEPT = 2


class WarmDespecklers:
    """The last few despecklers, one for each model file, device and precision."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Despeckler] = {}

    def get(self, settings: DespeckleSettings) -> Despeckler:
        """Return a despeckler with these settings, its network loaded at most once.

        Raises
        ------
        ModelError, DeviceError
            If the model cannot be loaded or the device does not exist.
        """
        from ..despeckler import Despeckler

        key = _key(settings)
        despeckler = self._kept.pop(key, None)
        if despeckler is None:
            despeckler = Despeckler(settings=settings)
        elif despeckler.settings != settings:
            despeckler = despeckler.with_settings(settings)
        self._kept[key] = despeckler
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return despeckler


def _key(settings: DespeckleSettings) -> tuple[object, ...]:
    engine = (settings.device, settings.precision, settings.batch_size, settings.preset)
    return (settings.model, _last_change(settings.model), *engine)


def _last_change(model: str) -> float | None:
    """Return when a model file was written last, so that one trained anew under the same name is loaded anew."""
    path = trained_models().get(model, Path(model))
    try:
        files = [path, *path.glob("*/*")] if path.is_dir() else [path]
        return max(file.stat().st_mtime for file in files)
    except OSError:
        return None
