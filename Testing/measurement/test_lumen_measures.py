"""One mask: sizes in the right unit, without bias, alike however the mask lies, and doubts where there is reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shape_support import a_disc, an_ellipse
from Speckle2SelfLib.errors import InputError
from Speckle2SelfTrainingLib.measurement import LumenMeasures, measure_mask
from Speckle2SelfTrainingLib.measurement import plausibility as doubts

PLACES = st.floats(-0.5, 0.5)


def sizes(measures: LumenMeasures) -> tuple[float, ...]:
    return measures.area, measures.equivalent_diameter, measures.minor_axis, measures.major_axis


def test_an_empty_mask_is_a_frame_without_a_lumen() -> None:
    measures = measure_mask(np.zeros((40, 50), np.uint8), (0.1, 0.1), 0.2)
    assert not measures.found
    assert not measures.plausible
    assert measures.unit == "mm"
    assert measures.confidence == 0.2
    assert all(math.isnan(value) for value in (*sizes(measures), measures.center_row, measures.center_column))


def test_lengths_are_in_pixels_where_the_pixel_size_is_not_known() -> None:
    known, unknown = measure_mask(a_disc(50), (0.1, 0.1)), measure_mask(a_disc(50))
    assert (known.unit, unknown.unit) == ("mm", "px")
    np.testing.assert_allclose(sizes(unknown)[1:], np.array(sizes(known)[1:]) * 10)
    assert unknown.area == pytest.approx(known.area * 100)


def test_the_area_of_discs_at_random_places_has_no_bias() -> None:
    rng = np.random.default_rng(3)
    for diameter in (20, 50, 120):
        shares = []
        for _ in range(150):
            side = int(diameter + 12)
            place = (side / 2 + rng.uniform(), side / 2 + rng.uniform())
            area = measure_mask(a_disc(diameter, (side, side), place)).area
            shares.append(area / (math.pi * diameter**2 / 4) - 1)
        assert abs(np.mean(shares)) < 0.003
        assert np.std(shares) < 0.9 / diameter


def test_a_rectangle_has_the_second_moments_of_its_sides() -> None:
    mask = np.zeros((40, 40), bool)
    mask[10:16, 5:25] = True
    measures = measure_mask(mask, (0.2, 0.1))
    assert measures.area == pytest.approx(6 * 0.2 * 20 * 0.1)
    assert measures.minor_axis == pytest.approx(4 * 6 * 0.2 / math.sqrt(12))
    assert measures.major_axis == pytest.approx(4 * 20 * 0.1 / math.sqrt(12))
    assert (measures.center_row, measures.center_column) == (12.5, 14.5)


def test_one_pixel_has_the_size_of_a_pixel() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[3, 4] = 1
    measures = measure_mask(mask)
    assert measures.area == 1
    assert measures.minor_axis == pytest.approx(4 / math.sqrt(12))
    assert (measures.center_row, measures.center_column) == (3, 4)


@settings(max_examples=40, deadline=None)
@given(ratio=st.floats(0.6, 1.6), angle=st.floats(0, math.pi), down=PLACES, across=PLACES)
def test_axes_of_an_ellipse_are_found_at_every_angle_and_with_oblong_pixels(
    ratio: float, angle: float, down: float, across: float
) -> None:
    spacing, axes = (0.1, 0.06), (6 * math.sqrt(ratio), 6 / math.sqrt(ratio))
    mask = an_ellipse((120, 190), (60 + down, 95 + across), axes, angle, spacing)
    measures = measure_mask(mask, spacing)
    assert measures.equivalent_diameter == pytest.approx(6, rel=0.01)
    assert measures.minor_axis == pytest.approx(min(axes), rel=0.015)
    assert measures.major_axis == pytest.approx(max(axes), rel=0.015)
    assert measures.center_row == pytest.approx(60 + down, abs=0.3)
    assert measures.center_column == pytest.approx(95 + across, abs=0.3)
    assert measures.plausible


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), flips=st.tuples(st.booleans(), st.booleans()), turns=st.integers(0, 3))
def test_mirrored_and_turned_masks_measure_the_same(seed: int, flips: tuple[bool, bool], turns: int) -> None:
    rng = np.random.default_rng(seed)
    axes = (rng.uniform(8, 40), rng.uniform(8, 40))
    mask = an_ellipse((60, 70), (rng.uniform(22, 38), rng.uniform(22, 48)), axes, rng.uniform(0, 3))
    moved = np.rot90(mask[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1], turns)
    first, second = measure_mask(mask, (0.1, 0.1)), measure_mask(moved, (0.1, 0.1))
    np.testing.assert_allclose(sizes(second), sizes(first), rtol=1e-9)
    assert second.doubts == first.doubts


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.1, 10), rows=st.floats(0.02, 0.3), columns=st.floats(0.02, 0.3))
def test_lengths_scale_with_the_pixel_size_and_areas_with_its_square(
    factor: float, rows: float, columns: float
) -> None:
    mask = an_ellipse((60, 70), (30, 36), (22, 31), 0.4)
    first, second = measure_mask(mask, (rows, columns)), measure_mask(mask, (rows * factor, columns * factor))
    assert second.area == pytest.approx(first.area * factor**2)
    np.testing.assert_allclose(sizes(second)[1:], np.array(sizes(first)[1:]) * factor)


def test_swapping_rows_and_columns_with_their_spacing_measures_the_same() -> None:
    mask = an_ellipse((60, 70), (30, 36), (22, 31), 0.4)
    np.testing.assert_allclose(
        sizes(measure_mask(mask.T, (0.05, 0.2))), sizes(measure_mask(mask, (0.2, 0.05))), rtol=1e-9
    )


def test_masks_of_any_type_measure_the_same() -> None:
    mask = a_disc(30)
    expected = measure_mask(mask, 0.1)
    for kind in (bool, np.int8, np.uint16, np.int64, np.float32, np.float64):
        assert measure_mask(mask.astype(kind), 0.1) == expected


def test_the_border_of_a_probability_is_found_between_pixels() -> None:
    distance = np.hypot(np.arange(80)[:, None] - 39.3, np.arange(90)[None] - 45.8)
    exact = 2 * 20.37
    probability = np.clip(20.37 - distance + 0.5, 0, 1).astype(np.float32)
    measures = measure_mask(probability)
    assert measures.equivalent_diameter == pytest.approx(exact, rel=0.001)
    assert measures.center_row == pytest.approx(39.3, abs=0.02)
    assert measures.center_column == pytest.approx(45.8, abs=0.02)


def test_of_several_regions_the_largest_is_measured_and_the_others_are_stated() -> None:
    mask = a_disc(30)
    alone = measure_mask(mask)
    speck = mask.copy()
    speck[2:4, 2:4] = 1
    measured = measure_mask(speck)
    assert sizes(measured) == sizes(alone)
    assert (measured.regions, measured.doubts) == (2, ())
    mask |= an_ellipse(mask.shape, (20, 90), (18, 18))
    twice = measure_mask(mask)
    assert sizes(twice) == sizes(alone)
    assert twice.doubts == (doubts.SEVERAL,)


def test_a_lumen_that_the_border_of_the_frame_cuts_is_doubted() -> None:
    cut = measure_mask(a_disc(40, center=(50, 10)), (0.1, 0.1))
    assert cut.doubts == (doubts.CUT,)
    assert not cut.plausible


def test_what_is_no_oval_a_ring_too_long_too_small_or_too_large_is_doubted() -> None:
    corner = np.zeros((80, 80), bool)
    corner[10:60, 10:20] = corner[50:60, 10:60] = True
    assert doubts.IRREGULAR in measure_mask(corner, 0.1).doubts
    ring = a_disc(40) - a_disc(15)
    assert doubts.HOLES in measure_mask(ring, 0.1).doubts
    long = an_ellipse((60, 200), (30, 100), (30, 150))
    assert measure_mask(long, 0.1).doubts == (doubts.ELONGATED,)
    assert measure_mask(a_disc(40), 0.03).doubts == (doubts.SMALL,)
    assert measure_mask(a_disc(40), 0.5).doubts == (doubts.LARGE,)
    assert measure_mask(a_disc(6)).doubts == (doubts.TINY,)
    assert measure_mask(a_disc(40)).doubts == ()


@pytest.mark.parametrize(
    "mask",
    [np.zeros((3, 4, 5)), np.zeros((0, 4)), np.full((4, 4), 2), np.full((4, 4), -1), np.full((4, 4), np.nan), "text"],
)
def test_what_is_no_mask_is_refused_in_a_sentence(mask: object) -> None:
    with pytest.raises(InputError, match="mask must"):
        measure_mask(mask)


@pytest.mark.parametrize("spacing", [0, -0.1, (0.1, 0), (0.1, math.nan), (1, 2, 3), (math.inf, 1)])
def test_what_is_no_pixel_size_is_refused_in_a_sentence(spacing: object) -> None:
    with pytest.raises(InputError, match="pixel size must be two positive numbers"):
        measure_mask(a_disc(20), spacing)


def test_a_confidence_beyond_one_is_refused() -> None:
    with pytest.raises(InputError, match="from 0 to 1, got 80"):
        measure_mask(a_disc(20), None, 80)


def test_expert_outlines_of_carotids_raise_no_doubts(shared) -> None:  # type: ignore[no-untyped-def]
    from Speckle2SelfLib.files import open_sweep

    masks = sorted((shared / "data" / "carotid-transverse").glob("S0*/*_mask.png"))[::60]
    measured = [measure_mask(np.asarray(open_sweep(path).frames[0]) > 0, 0.055) for path in masks]
    assert len(measured) == 10
    assert all(measures.plausible for measures in measured)
