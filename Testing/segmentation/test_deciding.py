"""From probability maps to lumens: candidates, confidence, neighbors, contour, and where the picture is. No network."""

from __future__ import annotations

import numpy as np
import pytest
from Speckle2SelfTrainingLib.segmentation.candidates import find_candidates, plausible_areas
from Speckle2SelfTrainingLib.segmentation.confidence import expected_overlap
from Speckle2SelfTrainingLib.segmentation.contour import draw_mask
from Speckle2SelfTrainingLib.segmentation.maps import FrameMap
from Speckle2SelfTrainingLib.segmentation.picture import find_picture, is_enclosed
from Speckle2SelfTrainingLib.segmentation.temporal import Found, View, agreed, neighbors

SIZE = 96
PLAUSIBLE = (20.0, 4000.0)


def disk(row: float, column: float, radius: float, *, top: float = 1.0, width: float = 1.0) -> np.ndarray:
    """A disk of probability `top` whose edge falls over `width` pixels."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(rows - row, columns - column)
    return (top * np.clip((radius - distance) / width + 0.5, 0, 1)).astype(np.float32)


def view(index: int, probability: np.ndarray, *, place: int = 0) -> View:
    """A frame with this map; frames of the same `place` look alike."""
    thumbnail = np.zeros(576, np.float32)
    thumbnail[place] = 1
    return View(FrameMap(index, probability, thumbnail, None), find_candidates(probability, 0.5, PLAUSIBLE))


def decided(maps: list[np.ndarray], places: list[int] | None = None) -> list[list[Found]]:
    views = {index: view(index, one, place=places[index] if places else 0) for index, one in enumerate(maps)}
    return [agreed(index, views, 0.5, 0.6) for index in views]


EMPTY = np.zeros((SIZE, SIZE), np.float32)


def test_confidence_is_the_overlap_that_the_network_expects() -> None:
    for top in (1.0, 0.8, 0.6):
        flat = disk(48, 48, 20, top=top, width=1e-3)
        assert expected_overlap(flat, flat > 0) == pytest.approx(top, abs=0.01)
    sharp, soft = (disk(48, 48, 20, width=width) for width in (1, 12))
    assert expected_overlap(sharp, sharp >= 0.5) > 0.95
    assert expected_overlap(soft, soft >= 0.5) < 0.82
    assert expected_overlap(sharp, np.zeros((SIZE, SIZE), bool)) == 0


def test_candidates_have_plausible_size_and_no_holes() -> None:
    probability = np.maximum(disk(40, 40, 15), disk(80, 80, 2))
    probability[38:42, 38:42] = 0
    (candidate,) = find_candidates(probability, 0.5, PLAUSIBLE)
    assert candidate.mask[40, 40]
    assert not candidate.mask[80, 80]
    assert find_candidates(np.ones_like(probability), 0.5, PLAUSIBLE) == []


def test_plausible_areas_are_those_of_arteries_where_the_size_of_pixels_is_known() -> None:
    smallest, largest = plausible_areas((700, 700), (250, 250), (0.05, 0.05))
    pixel = (35 / 250) ** 2  # mm2
    assert smallest * pixel == pytest.approx(5)
    assert largest * pixel == pytest.approx(400)
    smallest, largest = plausible_areas((700, 700), (250, 250), None)
    assert 0 < smallest < 100 < largest < 250 * 250


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("radius", [8.0, 16.0, 25.0])
@pytest.mark.parametrize("frame", [(288, 288), (64, 64), (350, 200)])
def test_the_contour_keeps_the_diameter(smooth: bool, radius: float, frame: tuple[int, int]) -> None:
    probability = disk(50.3, 44.8, radius, width=2)
    mask = draw_mask(probability, probability >= 0.5, frame, 0.5, smooth=smooth)
    pixel = (SIZE / frame[0]) * (SIZE / frame[1])
    diameter = 2 * np.sqrt(mask.sum() * pixel / np.pi)
    coarse = max(0.0, SIZE / min(frame) - 1)  # pixels of the frame that are larger than those of the map
    assert diameter == pytest.approx(2 * radius, rel=0.012 if not coarse else 0.05)
    rows, columns = np.nonzero(mask)
    assert (rows.mean() + 0.5) * SIZE / frame[0] - 0.5 == pytest.approx(50.3, abs=0.15 + coarse)
    assert (columns.mean() + 0.5) * SIZE / frame[1] - 0.5 == pytest.approx(44.8, abs=0.15 + coarse)


def test_a_smooth_contour_is_shorter_and_encloses_the_same_area() -> None:
    from skimage.measure import perimeter

    rng = np.random.default_rng(0)
    ragged = disk(48, 48, 20, width=4) + rng.normal(0, 0.12, (SIZE, SIZE)).astype(np.float32)
    (candidate, *_) = find_candidates(ragged, 0.5, PLAUSIBLE)
    plain, smooth = (draw_mask(ragged, candidate.mask, (288, 288), 0.5, smooth=smooth) for smooth in (False, True))
    assert perimeter(smooth) < 0.95 * perimeter(plain)
    assert int(smooth.sum()) == pytest.approx(int(plain.sum()), rel=0.005)


def test_a_contour_is_one_area_without_holes_whatever_lies_beside() -> None:
    from skimage.measure import label

    probability = np.maximum(disk(40, 40, 12), disk(40, 58, 3))
    probability[39:42, 39:42] = 0
    first = find_candidates(probability, 0.5, (5.0, 4000.0))[0]
    mask = draw_mask(probability, first.mask, (288, 288), 0.5, smooth=True)
    assert label(mask, return_num=True)[1] == 1
    assert mask[120, 120] == 1
    assert mask[120, 174] == 0


def test_only_frames_that_show_the_same_place_are_neighbors() -> None:
    views = {index: view(index, EMPTY, place=place) for index, place in enumerate([0, 0, 0, 1, 0])}
    assert sorted(one.map.index for one in neighbors(1, views)) == [0, 2]
    assert [one.map.index for one in neighbors(3, views)] == []
    assert [one.map.index for one in neighbors(4, views)] == []


def test_a_detection_that_no_neighbor_shares_is_dropped() -> None:
    lone = decided([EMPTY, EMPTY, disk(48, 48, 12), EMPTY, EMPTY])
    assert [len(found) for found in lone] == [0, 0, 0, 0, 0]


def test_the_same_detection_stays_where_the_frames_show_other_places() -> None:
    apart = decided([EMPTY, EMPTY, disk(48, 48, 12), EMPTY, EMPTY], places=[0, 1, 2, 3, 4])
    assert [len(found) for found in apart] == [0, 0, 1, 0, 0]


def test_of_two_candidates_the_one_that_neighbors_share_comes_first() -> None:
    vessel, other = disk(30, 30, 10), disk(70, 70, 12)
    found = decided([vessel, np.maximum(vessel, other), vessel])
    assert [one[0].mask[30, 30] for one in found] == [True, True, True]
    assert not found[1][0].mask[70, 70]


def test_one_weak_frame_between_two_that_agree_is_filled_with_its_own_low_confidence() -> None:
    strong, weak = disk(48, 48, 14), disk(48, 48, 14, top=0.35)
    found = decided([strong, strong, weak, strong, strong])
    (filled,) = found[2]
    assert filled.mask[48, 48]
    assert filled.mask.sum() == pytest.approx(found[1][0].mask.sum(), rel=0.15)
    assert filled.confidence < 0.4


def test_a_gap_without_support_of_its_own_stays_empty() -> None:
    strong = disk(48, 48, 14)
    assert [len(one) for one in decided([strong, strong, EMPTY, strong, strong])] == [1, 1, 0, 1, 1]
    assert [len(one) for one in decided([strong, disk(48, 48, 14, top=0.35), EMPTY])][1:] == [0, 0]
    elsewhere = decided([strong, strong, disk(15, 80, 9, top=0.45), strong, strong])
    assert elsewhere[2] == []


def test_boundaries_are_steadied_and_identical_frames_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    radii = 16 + rng.normal(0, 0.5, 12)
    alone = [float((disk(48, 48, radius, width=3) >= 0.5).sum()) for radius in radii]
    found = decided([disk(48, 48, radius, width=3) for radius in radii])
    together = [float((one[0].probability >= 0.5).sum()) for one in found]
    assert np.std(np.diff(together)) < 0.85 * np.std(np.diff(alone))
    same = decided([disk(48, 48, 16)] * 3)
    np.testing.assert_allclose(same[1][0].probability, disk(48, 48, 16), atol=1e-6)


def test_a_moving_probe_does_not_blur_the_boundary() -> None:
    moving = [disk(48, 30 + 8 * step, 14) for step in range(4)]
    found = decided(moving)
    for one, own in zip(found, moving, strict=True):
        np.testing.assert_array_equal(one[0].probability, own)


def test_a_black_margin_of_the_screen_is_no_lumen() -> None:
    rng = np.random.default_rng(0)
    frame = np.zeros((200, 300), np.uint8)
    frame[20:180, 100:280] = rng.integers(60, 200, (160, 180))
    picture = find_picture(frame[None], [0], color=False, keep=None)
    assert picture is not None
    rows, columns = np.mgrid[:200, :300]
    margin, lumen = (np.hypot(rows - 100, columns - column) < 25 for column in (45, 190))
    assert not is_enclosed(margin, picture)
    assert is_enclosed(lumen, picture)
    assert is_enclosed(margin, None)
