"""Areas found from runs of rows are those of SciPy's labels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from Speckle2SelfLib.frame_path.runs import Areas


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(1, 30),
    columns=st.integers(1, 30),
    seed=st.integers(0, 999),
    share=st.sampled_from([0.0, 0.3, 0.5, 0.6, 0.9, 1.0]),
    diagonal=st.booleans(),
)
def test_areas_are_those_that_scipy_labels(rows: int, columns: int, seed: int, share: float, diagonal: bool) -> None:
    mask = np.random.default_rng(seed).random((rows, columns)) < share
    labels, count = ndimage.label(mask, np.ones((3, 3)) if diagonal else None)
    areas = Areas(mask, diagonal=diagonal)
    assert areas.count == count
    assert (areas.mask(np.ones(count, bool)) == mask).all()
    everywhere, numbers = areas.pixels(np.ones(count, bool))
    expected = labels.ravel()[everywhere]
    assert len(np.unique(np.stack([numbers, expected]), axis=1).T) == count  # the same areas, numbered in another way
    renumbered = np.zeros(count, int)
    renumbered[numbers] = expected
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    np.testing.assert_array_equal(areas.touching_border(), np.isin(renumbered, edge))
    np.testing.assert_array_equal(areas.sizes, np.bincount(labels.ravel(), minlength=count + 1)[renumbered])
    for number in range(min(count, 3)):
        chosen = np.arange(count) == number
        np.testing.assert_array_equal(areas.mask(chosen), labels == renumbered[number])
        np.testing.assert_array_equal(areas.pixels(chosen)[0], np.flatnonzero(labels == renumbered[number]))
