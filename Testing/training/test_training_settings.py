"""Settings of a training: the published recipe, JSON, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfTrainingLib.training import (
    Augmentation,
    TrainingSettings,
    adaptation_settings,
    published_settings,
)


def test_the_default_recipe_is_that_of_the_paper() -> None:
    settings = published_settings()
    assert settings.scales == (1.0, 0.5, 0.25)
    assert (settings.reconstruction, settings.consistency) == ("mse", "l1")
    assert settings.reconstruction_weights == settings.consistency_weights == (1.0, 1.0, 1.0)
    assert (settings.learning_rate, settings.betas, settings.schedule) == (1e-3, (0.5, 0.999), "constant")
    assert (settings.batch_size, settings.crop, settings.seed) == (16, 512, 777)
    assert settings.augmentation == Augmentation(0.3, 0.3, 0.3, 0.1, 0.2, 30.0, 0.0)
    assert (settings.normalize, settings.encoders) == ("view", 3)


def test_nothing_beyond_the_paper_is_on_by_default() -> None:
    settings = published_settings()
    off = ("antialias", "shifted", "scale_jitter", "gradient_weight", "supervised_weight", "average", "match_grain")
    assert not any(getattr(settings, name) for name in (*off, "teacher_weight", "remix_weight"))
    assert settings.edge_weight == 1
    assert settings.network == {
        "feature_norm": True,
        "output_norm": True,
        "output_relu": True,
        "skips": False,
        "residual": False,
        "conditioned": False,
    }


@pytest.mark.parametrize("settings", [published_settings(), adaptation_settings(scales=(1, 0.5), minutes=3)])
def test_settings_survive_json(settings: TrainingSettings) -> None:
    assert TrainingSettings.from_json(settings.to_json()) == settings


def test_fewer_scales_take_fewer_weights() -> None:
    settings = published_settings(scales=(1.0, 0.5))
    assert settings.reconstruction_weights == (1.0, 1.0)
    assert settings.consistency_weights == (1.0,)
    assert published_settings(scales=(1.0,)).consistency_weights == ()
    assert published_settings(scales=(1.0, 0.5), shared_encoder=True).encoders == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 0},
        {"steps": 2.5},
        {"batch_size": True},
        {"crop": 100},
        {"crop": 16},
        {"learning_rate": 0},
        {"betas": (0.5,)},
        {"scales": ()},
        {"scales": (0.5, 0.25)},
        {"scales": (1, 0.5, 0.25, 0.125)},
        {"reconstruction": "ssim"},
        {"reconstruction_weights": (1, 1)},
        {"network": {"dropout": True}},
        {"network": {"skips": 1}},
        {"augmentation": {"flip": 1}},
        {"augmentation": Augmentation().__dict__ | {"affine": 2}},
        {"strengths": (0.9, 0.1)},
        {"precision": "int8"},
        {"minutes": -1},
        {"epochs": 3},
    ],
)
def test_values_that_make_no_sense_are_refused_in_one_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as error:
        published_settings(**changes)
    assert next(iter(changes)) in str(error.value)
    assert str(error.value).endswith(".")
