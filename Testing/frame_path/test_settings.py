"""Settings: what is accepted and stored, and what is refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.settings import PROVENANCE_FIELDS, DespeckleSettings


def refused(**values: Any) -> str:
    with pytest.raises(SettingsError) as error:
        DespeckleSettings(**values)
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_numpy_scalars_and_paths_are_stored_as_plain_values() -> None:
    settings = DespeckleSettings(
        model=Path("a") / "model.pth",  # type: ignore[arg-type]
        strength=np.float32(0.5),  # type: ignore[arg-type]
        gamma=np.int64(2),  # type: ignore[arg-type]
        tone=np.bool_(False),  # type: ignore[arg-type]
        scale=np.array([0.5, 1.0]),  # type: ignore[arg-type]
        batch_size=np.uint8(4),  # type: ignore[arg-type]
    )
    assert settings == DespeckleSettings(
        str(Path("a") / "model.pth"), strength=0.5, gamma=2.0, tone=False, scale=(0.5, 1.0), batch_size=4
    )
    kinds = [type(value) for value in (settings.model, settings.strength, settings.gamma, settings.tone)]
    assert kinds == [str, float, float, bool]
    assert type(settings.batch_size) is int
    assert json.loads(settings.to_json())["scale"] == [0.5, 1.0]


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"])
def test_devices_are_accepted_by_name_and_number(device: str) -> None:
    assert DespeckleSettings(device=device).device == device


@pytest.mark.parametrize("device", ["cuda:", "cuda:²", "cuda:-1", "cuda:1.5", "cpu:0", "auto:", "", "tpu", None])
def test_other_devices_are_refused(device: Any) -> None:
    assert "cuda:N" in refused(device=device)


@pytest.mark.parametrize(
    "value",
    [
        {"strength": -0.1},
        {"strength": float("nan")},
        {"strength": 10**400},
        {"strength": True},
        {"strength": "0.5"},
        {"gamma": 0},
        {"gamma": -1},
        {"dynamic_range": float("inf")},
        {"scale": -1},
        {"scale": "big"},
        {"scale": "ab"},
        {"scale": (1, 1, 1)},
        {"scale": (1, None)},
        {"scale": None},
        {"batch_size": -1},
        {"batch_size": 1.5},
        {"batch_size": True},
        {"tone": 1},
        {"mask": None},
        {"model": " "},
        {"model": 3},
        {"model": b"model.pth"},
        {"preset": ["default"]},
        {"signal": None},
    ],
)
def test_values_outside_what_is_accepted_are_refused_by_name(value: dict[str, Any]) -> None:
    (name,) = value
    assert refused(**value).startswith(name)


@pytest.mark.parametrize("text", ["{bad", "", "[1]", "3", "null", '{"strength": 1' + "0" * 5000 + "}", "[" * 100_000])
def test_text_that_holds_no_settings_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        DespeckleSettings.from_json(text)


def test_the_published_preset_computes_in_fp32_only_and_ignores_the_rest() -> None:
    for precision in ("auto", "fp32"):
        assert DespeckleSettings(preset="published", precision=precision).applied == ("preset",)
    assert "fp32" in refused(preset="published", precision="bf16")
    assert DespeckleSettings(precision="bf16", signal="rf").applied == PROVENANCE_FIELDS
    assert "dynamic_range" not in DespeckleSettings().applied


def test_provenance_of_the_published_preset_names_only_what_was_applied() -> None:
    published = Despeckler(preset="published", strength=0.3, gamma=2).provenance()
    assert published["Preset"] == "published"
    assert not {"Strength", "Tone", "Gamma", "Mask", "Scale"} & set(published)
    assert Despeckler(strength=0.3).provenance()["Strength"] == "0.3"


@pytest.mark.parametrize(
    "frames",
    [[np.zeros((32, 32)), np.zeros((32, 48))], [[1, 2], [3]], "text", None, torch.zeros(32, 32, requires_grad=True)],
)
def test_what_is_no_array_of_frames_is_refused(frames: Any) -> None:
    with pytest.raises(InputError):
        Despeckler()(frames)
