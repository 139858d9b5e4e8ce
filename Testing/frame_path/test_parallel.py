"""Frames of a sweep that are computed at the same time come out as if one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.errors import Cancelled
from Speckle2SelfLib.live import LiveDespeckler
from Speckle2SelfLib.parallel import PIXELS_AT_WORK, SMALL_FRAME, frames_at_work, in_order, small_steps


@pytest.fixture
def four_processors() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sweep() -> np.ndarray:
    return np.random.default_rng(0).integers(1, 255, (9, 64, 48), dtype=np.uint8)


@pytest.mark.usefixtures("four_processors")
def test_a_sweep_comes_out_as_its_frames_one_by_one(sweep: np.ndarray) -> None:
    despeckler = Despeckler(device="cpu")
    statistics = despeckler.analyze(sweep)
    together = list(despeckler.stream(sweep, statistics=statistics, indices=[3, 1, 8, 0, 5]))
    assert [index for index, _ in together] == [3, 1, 8, 0, 5]
    for index, frame in together:
        ((_, alone),) = despeckler.stream(sweep, statistics=statistics, indices=[index])
        np.testing.assert_array_equal(frame, alone)


@pytest.mark.usefixtures("four_processors")
def test_threads_share_the_processors_and_give_them_back() -> None:
    meeting = threading.Barrier(2, timeout=60)

    def processors(_: int) -> int:
        meeting.wait()  # both threads are at work
        return torch.get_num_threads()

    assert list(in_order(processors, range(4), 2)) == [2, 2, 2, 2]
    assert torch.get_num_threads() == 4


def test_only_as_many_items_are_taken_as_are_computed_and_one_more() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    results = in_order(lambda number: -number, items(), 3)
    for done in range(20):
        assert next(results) == -done
        assert len(taken) <= done + 4


def test_an_error_ends_the_work_with_the_error_and_without_threads() -> None:
    def compute(number: int) -> int:
        if number == 5:
            raise ValueError("number 5")
        return number

    before = threading.active_count()
    results = in_order(compute, range(100), 4)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="number 5"):
        next(results)
    assert threading.active_count() == before


@pytest.mark.usefixtures("four_processors")
def test_cancelling_and_leaving_a_sweep_end_its_threads(sweep: np.ndarray) -> None:
    despeckler, before = Despeckler(device="cpu"), threading.active_count()
    with pytest.raises(Cancelled, match="after 2 of 9 frames"):
        list(despeckler.stream(sweep, progress=lambda done, total: done < 2))
    results = despeckler.stream(sweep)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert torch.get_num_threads() == 4


@pytest.mark.usefixtures("four_processors")
def test_processors_and_memory_bound_the_frames_at_work() -> None:
    assert frames_at_work("cpu", (512, 512), 1000) == 4
    assert frames_at_work("cpu", (512, 512), 3) == 3
    assert frames_at_work("cpu", (1024, PIXELS_AT_WORK // 2048), 1000) == 2
    assert frames_at_work("cpu", (4096, 4096), 1000) == 1
    assert frames_at_work("cuda", (512, 512), 1000) == 1


@pytest.mark.usefixtures("four_processors")
def test_small_steps_take_one_thread_and_give_the_others_back_also_after_an_error() -> None:
    taken: list[int] = []

    def fails() -> None:
        with small_steps((512, 512)):
            taken.append(torch.get_num_threads())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (taken, torch.get_num_threads()) == ([1], 4)
    with small_steps((SMALL_FRAME, 1)):
        assert torch.get_num_threads() == 4


@pytest.mark.parametrize("color", [False, True])
def test_statistics_and_steps_around_the_network_are_the_same_with_any_number_of_threads(
    color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, columns = np.mgrid[:300, :260]
    inside = np.hypot(rows + 40, columns - 130) < 320
    frame = (np.random.default_rng(2).rayleigh(40, (300, 260)).clip(1, 255) * inside).astype(np.uint8)
    frame = np.repeat(frame[..., None], 3, axis=2) if color else frame
    despeckler = Despeckler(device="cpu")
    # Some networks round in another way on three threads than on one: what it gives at first serves for all.
    outputs: list[torch.Tensor] = []
    network = despeckler.engine.run

    def first_output(frames: torch.Tensor, *conditions: float) -> torch.Tensor:
        if not outputs:
            outputs.append(network(frames, *conditions))
        return outputs[0].clone()

    monkeypatch.setattr(despeckler.engine, "run", first_output)
    ((_, expected),) = despeckler.stream(frame[None], color=color)
    before = torch.get_num_threads()
    found = despeckler.analyze(frame[None], color=color)
    for threads in (3, 2, 1):
        torch.set_num_threads(threads)
        try:
            statistics = despeckler.analyze(frame[None], color=color)
            ((_, result),) = despeckler.stream(frame[None], color=color)
            live = LiveDespeckler(despeckler, color=color)(frame)
        finally:
            torch.set_num_threads(before)
        assert (statistics.grain, statistics.low, statistics.high) == (found.grain, found.low, found.high)
        np.testing.assert_array_equal(statistics.valid, found.valid)
        np.testing.assert_array_equal(result, expected)
        np.testing.assert_array_equal(live, expected)
