"""Loaded models, kept between jobs: loading one takes longer than computing a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ..bundle.trained import trained_models
from ..settings import DespeckleSettings

if TYPE_CHECKING:
    from ..despeckler import Despeckler

KEPT = 2

Model = TypeVar("Model")


class WarmModels(Generic[Model]):
    """The last few loaded models, one for each key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Model] = {}

    def keep(self, key: tuple[object, ...], load: Callable[[Model | None], Model]) -> Model:
        """Return the model of a key.

        Parameters
        ----------
        key : tuple
            What a model is loaded for: its file, device, precision and so on.
        load : callable
            Gets the kept model, or None, and returns the one to use.
        """
        self._kept[key] = model = load(self._kept.pop(key, None))
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return model


class WarmDespecklers:
    """The last few despecklers, one for each model file, device and precision."""

    def __init__(self) -> None:
        self._models: WarmModels[Despeckler] = WarmModels()

    def get(self, settings: DespeckleSettings) -> Despeckler:
        """Return a despeckler with these settings, its network loaded at most once.

        Raises
        ------
        ModelError, DeviceError
            If the model cannot be loaded or the device does not exist.
        """
        from ..despeckler import Despeckler

        def load(kept: Despeckler | None) -> Despeckler:
            if kept is None:
                return Despeckler(settings=settings)
            return kept if kept.settings == settings else kept.with_settings(settings)

        engine = (settings.device, settings.precision, settings.batch_size, settings.preset)
        return self._models.keep((settings.model, last_change(settings.model), *engine), load)


def last_change(model: str, *kinds: str) -> float | None:
    """Return when a model (of these kinds) was written last, so that one trained anew under its name is loaded anew."""
    path = trained_models(*kinds).get(model, Path(model))
    try:
        files = [path, *path.glob("*/*")] if path.is_dir() else [path]
        return max(file.stat().st_mtime for file in files)
    except OSError:
        return None
