"""The public despeckler on frames of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.engine import Engine
from Speckle2SelfLib.errors import Cancelled, DeviceError, InputError, SettingsError
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.settings import DespeckleSettings
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep

TYPES = (np.uint8, np.int16, np.uint16, np.float32, np.float64)


@pytest.fixture(scope="module")
def sweep() -> np.ndarray:
    """Six simulated frames, uint8."""
    frames = simulate_sweep(np.random.default_rng(5), frames=6, size=(112, 96))
    return np.stack([frame.speckled for frame in frames])


@pytest.fixture(scope="module")
def despeckler() -> Despeckler:
    return Despeckler()


@pytest.mark.parametrize("dtype", TYPES)
def test_frames_keep_their_shape_type_and_range(despeckler: Despeckler, sweep: np.ndarray, dtype: type) -> None:
    given = (sweep.astype(np.float64) * (100 if dtype in (np.uint16, np.int16) else 1)).astype(dtype)
    result = despeckler(given)
    assert (result.shape, result.dtype) == (given.shape, given.dtype)
    for before, after in zip(given, result, strict=True):
        assert before.min() <= after.min()
        assert after.max() <= before.max()
    assert result.std() < given.std()
    single = despeckler(given[2])
    assert (single.shape, single.dtype) == (given[2].shape, given.dtype)


def test_every_type_gets_the_same_picture(despeckler: Despeckler, sweep: np.ndarray) -> None:
    reference = despeckler(sweep.astype(np.float64))
    for dtype in TYPES:
        difference = np.abs(despeckler(sweep.astype(dtype)).astype(np.float64) - reference)
        assert difference.max() <= 1.0


def test_offset_and_gain_of_the_input_do_not_change_the_picture(despeckler: Despeckler, sweep: np.ndarray) -> None:
    reference = despeckler(sweep.astype(np.float64))
    moved = despeckler(sweep.astype(np.float64) * 3.5 - 1000)
    np.testing.assert_allclose((moved + 1000) / 3.5, reference, atol=0.05)


@settings(deadline=None, max_examples=12)
@given(rows=st.integers(16, 130), columns=st.integers(16, 130))
def test_every_size_from_16_on_is_accepted(rows: int, columns: int) -> None:
    frame = np.random.default_rng(rows * 200 + columns).integers(0, 255, (rows, columns), dtype=np.uint8)
    assert Despeckler()(frame).shape == (rows, columns)


@pytest.mark.parametrize("shape", [(16, 16), (17, 4096), (1023, 33)])
def test_extreme_sizes_are_accepted(despeckler: Despeckler, shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    assert despeckler(frame).shape == shape


@pytest.mark.parametrize("value", [0, 7, 255])
def test_constant_frames_come_out_as_they_are(despeckler: Despeckler, sweep: np.ndarray, value: int) -> None:
    flat = np.full((48, 48), value, np.uint8)
    np.testing.assert_array_equal(despeckler(flat), flat)
    mixed = np.stack([np.full(sweep.shape[1:], value, np.uint8), *sweep])
    np.testing.assert_array_equal(despeckler(mixed)[0], mixed[0])


def test_nan_and_infinite_pixels_come_out_as_they_are_and_do_not_spread(
    despeckler: Despeckler, sweep: np.ndarray
) -> None:
    frames = sweep.astype(np.float32)
    frames[1, 10:14, 10:14] = np.nan
    frames[2, 50, 50] = np.inf
    result = despeckler(frames)
    np.testing.assert_array_equal(np.isfinite(result), np.isfinite(frames))
    assert result[2, 50, 50] == np.inf
    clean = despeckler(sweep.astype(np.float32))
    # The pixels left out move the range by a hair, which moves what int8 rounds.
    assert np.abs(result[1, 60:] - clean[1, 60:]).max() < 3.0


def test_frames_without_a_finite_pixel_are_refused(despeckler: Despeckler) -> None:
    with pytest.raises(InputError, match="No pixel of the frames is a finite number"):
        despeckler(np.full((32, 32), np.nan, np.float32))
    assert np.isnan(Despeckler(strength=0)(np.full((32, 32), np.nan, np.float32))).all()


def test_strength_zero_gives_the_input_back_bit_for_bit(sweep: np.ndarray) -> None:
    noisy = sweep.astype(np.float64) + np.random.default_rng(0).normal(0, 1e-9, sweep.shape)
    np.testing.assert_array_equal(Despeckler(strength=0.0)(noisy), noisy)
    np.testing.assert_array_equal(Despeckler(strength=0)(sweep), sweep)


def test_smoothing_grows_with_strength(sweep: np.ndarray) -> None:
    roughness = [
        float(np.abs(np.diff(Despeckler(strength=strength)(sweep[:1].astype(np.float32)), axis=2)).mean())
        for strength in (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 1.0)
    ]
    assert roughness == sorted(roughness, reverse=True)
    assert roughness[-1] < 0.6 * roughness[0]


def test_the_tone_is_kept_within_five_percent(sweep: np.ndarray) -> None:
    for strength in (0.3, 1.0):
        result = Despeckler(strength=strength)(sweep)
        for before, after in zip(sweep, result, strict=True):
            assert after.mean() / before.mean() == pytest.approx(1.0, abs=0.05)


def test_gamma_acts_on_display_only_when_asked_for(despeckler: Despeckler, sweep: np.ndarray) -> None:
    darker = Despeckler(gamma=2.0)(sweep[:1])
    assert darker.mean() < 0.9 * despeckler(sweep[:1]).mean()


def test_one_frame_a_range_and_the_whole_sweep_give_the_same_pixels(despeckler: Despeckler, sweep: np.ndarray) -> None:
    whole = dict(despeckler.stream(sweep))
    part = dict(despeckler.stream(sweep, indices=[4, 2]))
    assert sorted(part) == [2, 4]
    for index, frame in part.items():
        np.testing.assert_array_equal(frame, whole[index])
    batched = dict(Despeckler(batch_size=4).stream(sweep))
    for index, frame in batched.items():
        assert np.abs(frame.astype(int) - whole[index]).max() <= 1


def test_normalizing_per_frame_adapts_to_every_frame(sweep: np.ndarray) -> None:
    faded = np.stack([sweep[0], sweep[0] // 4])
    per_frame = Despeckler(normalize="frame", mask=False)(faded)
    alone = Despeckler(normalize="frame", mask=False)(faded[1])
    assert np.abs(per_frame[1].astype(int) - alone).max() <= 1


def test_text_on_the_background_and_the_background_come_out_unchanged(despeckler: Despeckler) -> None:
    simulated = simulate_sweep(np.random.default_rng(8), frames=2, size=(160, 160), convex=True)
    frames = np.stack([frame.speckled for frame in simulated])
    frames[:, 2:10, :] = 0
    frames[:, 4:8, 5:40] = 250
    statistics = despeckler.analyze(frames)
    assert statistics.valid is not None
    result = despeckler(frames)
    np.testing.assert_array_equal(result[:, ~statistics.valid], frames[:, ~statistics.valid])
    np.testing.assert_array_equal(result[:, 4:8, 5:40], frames[:, 4:8, 5:40])
    assert not np.array_equal(result, frames)


def test_pixels_to_keep_come_out_unchanged(despeckler: Despeckler, sweep: np.ndarray) -> None:
    keep = np.zeros(sweep.shape[1:], bool)
    keep[40:60] = True
    for index, frame in despeckler.stream(sweep, keep=keep):
        np.testing.assert_array_equal(frame[keep], sweep[index][keep])
        assert not np.array_equal(frame, sweep[index])


def test_pixels_to_keep_count_with_given_statistics_and_must_fit(despeckler: Despeckler, sweep: np.ndarray) -> None:
    keep = np.zeros(sweep.shape[1:], np.uint8)
    keep[40:60] = 1
    statistics = despeckler.analyze(sweep)
    ((_, frame),) = despeckler.stream(sweep, keep=keep, statistics=statistics, indices=[0])
    np.testing.assert_array_equal(frame[40:60], sweep[0, 40:60])
    with pytest.raises(InputError, match="must have the shape"):
        list(despeckler.stream(sweep, keep=keep[:5]))


def test_values_too_large_to_compute_with_are_refused(despeckler: Despeckler) -> None:
    huge = ((np.random.default_rng(0).random((2, 64, 64)) - 0.5) * 6e38).astype(np.float32)
    with pytest.raises(InputError, match="below 1e30"):
        despeckler(huge)
    offset = np.random.default_rng(0).random((64, 64)) * 200 + 1e9
    assert despeckler.analyze(offset[None]).grain is not None


def test_no_level_appears_that_is_nowhere_around(despeckler: Despeckler, sweep: np.ndarray) -> None:
    from scipy import ndimage

    frames = sweep.copy()
    frames[:, 40:70, 40:70] = 0
    for before, after in zip(frames, despeckler(frames), strict=True):
        assert (after <= ndimage.maximum_filter(before, 9)).all()
        assert (after >= ndimage.minimum_filter(before, 9)).all()
        assert not after[44:66, 44:66].any()


def test_frames_of_color_or_without_a_length_are_refused_with_a_hint(despeckler: Despeckler) -> None:
    with pytest.raises(InputError, match="color=True"):
        despeckler(np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(InputError, match="must have a length"):
        list(despeckler.stream(iter([np.zeros((64, 64))])))  # type: ignore[arg-type]


def test_other_networks_keep_the_tone_too(sweep: np.ndarray, tmp_path: Path) -> None:
    torch.manual_seed(1)
    torch.save(SpeckleNetwork().state_dict(), tmp_path / "other.pth")
    result = Despeckler(str(tmp_path / "other.pth"))(sweep)
    for before, after in zip(sweep, result, strict=True):
        assert after.mean() / before.mean() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("channels", [3, 4])
def test_color_frames_keep_chroma_alpha_and_doppler(despeckler: Despeckler, sweep: np.ndarray, channels: int) -> None:
    color = np.repeat(sweep[..., None], channels, axis=3)
    color[:, 50:60, 30:44, :3] = (220, 40, 10)
    gray = despeckler(sweep)
    for index, frame in despeckler.stream(color, color=True):
        assert frame.dtype == np.uint8
        np.testing.assert_array_equal(frame[50:60, 30:44], color[index, 50:60, 30:44])
        if channels == 4:
            np.testing.assert_array_equal(frame[..., 3], color[index, ..., 3])
        np.testing.assert_array_equal(frame[..., 0] == frame[..., 1], color[index, ..., 0] == color[index, ..., 1])
        away = np.s_[90:, :]
        assert np.abs(frame[away][..., 0].astype(int) - gray[index][away]).mean() < 3


@pytest.mark.parametrize("signal", ["rf", "envelope"])
def test_rf_and_envelope_become_despeckled_b_mode(signal: str) -> None:
    rng = np.random.default_rng(3)
    echo = rng.normal(0, 1000, (256, 64)) * np.exp(-((np.arange(64) - 32) ** 2) / 500)
    frame = (echo if signal == "rf" else np.abs(echo)).astype(np.int32)
    result = Despeckler(signal=signal, dynamic_range=50)(frame)
    assert result.dtype == np.uint8
    assert result.shape == frame.shape
    assert 60 < result.mean() < 255
    color = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.raises(InputError, match="one value per pixel"):
        list(Despeckler(signal=signal).stream(color, color=True))


def test_progress_counts_frames_and_cancels(despeckler: Despeckler, sweep: np.ndarray) -> None:
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> bool:
        seen.append((done, total))
        return done < 3

    with pytest.raises(Cancelled):
        list(despeckler.stream(sweep, progress=progress))
    assert seen == [(1, 6), (2, 6), (3, 6)]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (np.zeros((0, 32, 32), np.uint8), "no frames"),
        (np.zeros((1, 32), np.uint8), "1 x 32"),
        (np.zeros((15, 40), np.uint8), "15 x 40"),
        (np.zeros((16, 4097), np.uint8), "16 x 4097"),
        (np.zeros((2, 2, 32, 32), np.uint8), r"\(2, 2, 32, 32\)"),
        (np.zeros((32, 32), np.complex64), "complex64"),
        (np.zeros((32, 32), bool), "bool"),
        (np.zeros((32, 32), object), "object"),
    ],
)
def test_frames_that_cannot_be_despeckled_are_refused_in_one_sentence(
    despeckler: Despeckler, frames: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        despeckler(frames)
    assert "\n" not in str(error.value)


def test_frames_that_differ_in_size_or_type_are_named(despeckler: Despeckler) -> None:
    frames = [np.zeros((32, 32), np.uint8) + index for index in range(3)]
    with pytest.raises(InputError, match=r"Frame 3 .*\(32, 40\)"):
        list(despeckler.stream([*frames, np.zeros((32, 40), np.uint8)]))


def test_the_published_preset_clamps_and_refuses_what_the_authors_code_cannot_take(sweep: np.ndarray) -> None:
    published = Despeckler(preset="published")
    result = published(sweep)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 1
    with pytest.raises(InputError, match="multiples of 16, got 50 x 48"):
        published(np.zeros((50, 48), np.uint8))
    with pytest.raises(InputError, match="at least 16 x 32"):
        published(np.zeros((16, 16), np.uint8))
    with pytest.raises(InputError, match="finite"):
        published(np.full((48, 48), np.nan, np.float32))
    color = np.zeros((1, 48, 48, 3), np.uint8)
    with pytest.raises(InputError, match="gray"):
        list(published.stream(color, color=True))


def test_unknown_devices_and_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="'tpu'"):
        Despeckler(device="tpu")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match=r"'cuda:3' does not exist here"):
            Despeckler(device="cuda:3")
    with pytest.raises(SettingsError, match=r"strength must be a number from 0 to 1, got 1.5"):
        Despeckler(strength=1.5)
    with pytest.raises(SettingsError, match="Unknown setting 'strenght'"):
        Despeckler(strenght=1)


class MemoryOfTwoFrames(SpeckleNetwork):
    """A network that runs out of memory, as a small GPU does, with more than two frames; a stand-in for one."""

    def despeckle(self, frames: torch.Tensor, strength: Any = 1.0, *, encoder: int = 0) -> torch.Tensor:
        if len(frames) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().despeckle(frames, strength, encoder=encoder)


def test_running_out_of_memory_halves_the_batch_and_says_so() -> None:
    torch.manual_seed(0)
    engine = Engine(MemoryOfTwoFrames(encoders=1), "cpu", batch_size=8)
    frames = torch.rand(8, 1, 32, 32)
    result = engine.run(frames, 1.0)
    torch.testing.assert_close(result[5:6], engine.run(frames[5:6], 1.0), rtol=1e-2, atol=1e-3)
    assert engine.batch_size((32, 32)) == 2
    assert any("halved to 2" in note for note in engine.notes)


def test_provenance_names_model_hash_and_settings_but_no_path(despeckler: Despeckler, tmp_path: Any) -> None:
    values = despeckler.provenance()
    assert values["ModelSHA256"] == despeckler.model.sha256
    assert values["Strength"] == "0.8"
    assert "research use" in values["Note"]
    assert not any("/" in value for value in values.values())


def test_settings_survive_json_and_refuse_unknown_names() -> None:
    settings_ = DespeckleSettings(strength=0.3, scale=(0.5, 0.75), batch_size=4)
    assert DespeckleSettings.from_json(settings_.to_json()) == settings_
    with pytest.raises(SettingsError, match="Unknown setting"):
        DespeckleSettings.from_dict({"colour": 1})
