"""A live stream: the range runs along, the picture does not pump."""

from __future__ import annotations

import numpy as np
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.live import LiveDespeckler
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep


def test_a_steady_stream_gets_the_pixels_of_the_sweep_and_a_flash_does_not_change_what_follows() -> None:
    frame = next(simulate_sweep(np.random.default_rng(4), size=(96, 96))).speckled
    despeckler = Despeckler()
    live = LiveDespeckler(despeckler)
    np.testing.assert_array_equal(live(frame), despeckler(frame))
    before = live(frame).astype(float)
    live(np.full_like(frame, 255))
    after = live(frame).astype(float)
    assert abs(after.mean() - before.mean()) < 0.05 * before.mean()


def test_a_stream_may_change_its_size() -> None:
    live = LiveDespeckler(Despeckler())
    for size in (64, 80):
        frame = next(simulate_sweep(np.random.default_rng(4), size=(size, size))).speckled
        assert live(frame).shape == (size, size)


def test_a_stream_that_starts_black_is_despeckled_from_the_first_picture_on() -> None:
    frame = next(simulate_sweep(np.random.default_rng(4), size=(96, 96))).speckled
    despeckler = Despeckler()
    live = LiveDespeckler(despeckler)
    live(np.zeros_like(frame))
    assert np.abs(live(frame).astype(int) - despeckler(frame)).mean() < 3
    empty = np.full((32, 32), np.nan, np.float32)
    assert np.isnan(live(empty)).all()
