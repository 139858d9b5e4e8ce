"""Distension over a cine: the known diastolic and systolic diameter come out, and noise is not taken for a pulse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Speckle2SelfTrainingLib.measurement import measure_sweep
from Speckle2SelfTrainingLib.measurement.cycles import CYCLES, RANGE, frame_noise, measure_distension

DIASTOLIC, WIDER = 6.0, 0.5


def a_pulse(times: np.ndarray, rate: float = 72.0) -> np.ndarray:
    """Diameters in mm: a steep rise and a slow fall with every beat, from 6.0 to 6.5."""
    phase = (times * rate / 60 + 0.3) % 1
    rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(phase / 0.2, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((phase - 0.2) / 0.8, 0, 1))
    return np.asarray(DIASTOLIC + WIDER * np.where(phase < 0.2, rise, fall))


def frame_times(rate: float = 30.0, seconds: float = 5.0) -> np.ndarray:
    return np.arange(int(rate * seconds)) / rate


def all_of(values: np.ndarray) -> list[bool]:
    return [True] * len(values)


@settings(max_examples=30, deadline=None)
@given(heart=st.floats(45, 130), frames=st.floats(18, 80), seed=st.integers(0, 1000))
def test_the_known_distension_comes_out_at_usual_heart_and_frame_rates(heart: float, frames: float, seed: int) -> None:
    times = frame_times(frames)
    noise = np.random.default_rng(seed).normal(0, 0.02, times.size)
    found = measure_distension(times, a_pulse(times, heart) + noise, all_of(times))
    assert found is not None
    assert found.method == CYCLES
    assert found.beats >= 2
    assert found.heart_rate == pytest.approx(heart, rel=0.1)
    assert found.diastolic == pytest.approx(DIASTOLIC, abs=0.06)
    assert found.systolic == pytest.approx(DIASTOLIC + WIDER, abs=0.06)
    assert found.strain == pytest.approx(100 * found.distension / found.diastolic)


def test_frames_left_out_do_not_spoil_the_beats() -> None:
    times = frame_times()
    diameters = a_pulse(times)
    usable = np.ones(times.size, bool)
    usable[[20, 21, 60, 90]] = False
    diameters[~usable] = 2.0
    found = measure_distension(times, diameters, usable)
    assert found is not None
    assert found.method == CYCLES
    assert found.distension == pytest.approx(WIDER, abs=0.05)


def test_a_slow_drift_of_the_probe_does_not_count_as_distension() -> None:
    times = frame_times()
    found = measure_distension(times, a_pulse(times) + 0.2 * times, all_of(times))
    assert found is not None
    assert found.method == CYCLES
    assert found.distension == pytest.approx(WIDER, abs=0.12)


def test_without_beats_the_range_is_given_and_said_to_be_one() -> None:
    times = frame_times(6.0, 3.0)  # too slow to see a beat
    found = measure_distension(times, a_pulse(times), all_of(times))
    assert found is not None
    assert (found.method, found.beats) == (RANGE, 0)
    assert math.isnan(found.heart_rate)
    low, high = np.percentile(a_pulse(times), (5, 95))
    assert (found.diastolic, found.systolic) == (low, high)


def test_noise_alone_has_no_beats_and_is_said_to_be_noise() -> None:
    from shape_support import a_disc

    rng = np.random.default_rng(5)
    masks = [a_disc(60 + rng.normal(0, 0.6)) for _ in range(60)]
    result = measure_sweep(masks, 0.1, times=np.arange(60) / 30)
    assert result.distension is not None
    assert result.distension.method == RANGE
    assert any("No heart beats" in notice for notice in result.notices)
    assert result.distension.noise == pytest.approx(0.06, rel=0.5)


def test_a_still_vessel_has_no_distension_beyond_its_noise() -> None:
    rng = np.random.default_rng(2)
    found = measure_distension(np.arange(90) / 30, 6 + rng.normal(0, 0.03, 90), [True] * 90)
    assert found is not None
    assert found.distension < 4 * found.noise


def test_the_noise_of_single_frames_is_measured_beside_a_pulse() -> None:
    times = frame_times(60.0)
    noise = np.random.default_rng(1).normal(0, 0.03, times.size)
    assert frame_noise(a_pulse(times) + noise) == pytest.approx(0.03, rel=0.25)


def test_too_few_frames_or_times_that_do_not_rise_give_no_distension() -> None:
    times = frame_times()
    assert measure_distension(times[:4], a_pulse(times[:4]), [True] * 4) is None
    assert measure_distension(times[::-1], a_pulse(times), all_of(times)) is None
    assert measure_distension(times, a_pulse(times), [False] * times.size) is None
