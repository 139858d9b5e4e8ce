"""Where frames lie along a sweep: from tracked transforms, or from the slice spacing of a volume."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from shape_support import a_disc
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfTrainingLib.measurement import measure_mask, positions_along, sweep_positions
from Speckle2SelfTrainingLib.measurement.centers import FrameMatrices
from Speckle2SelfTrainingLib.segmentation.files import pixel_spacing
from Speckle2SelfTrainingLib.segmentation.files.tracked_transforms import calibrated_spacing, tracked_transforms

AWAY = np.array([0.6, 0.0, 0.8])


def transforms(steps: list[float], *, scale: tuple[float, float] = (1.0, 1.0), turn: float = 0.0) -> np.ndarray:
    """One matrix per frame: columns and rows of that many mm, moved along one direction."""
    matrices = np.tile(np.eye(4), (len(steps), 1, 1))
    matrices[:, :2, 0] = scale[0] * np.array([math.cos(turn), math.sin(turn)])
    matrices[:, :2, 1] = scale[1] * np.array([-math.sin(turn), math.cos(turn)])
    matrices[:, :3, 3] = np.outer(steps, AWAY)
    return matrices


def fields(name: str, matrices: np.ndarray, failed: tuple[int, ...] = ()) -> dict[str, str]:
    """Header entries as tracked sequences hold them."""
    entries = {}
    for frame, matrix in enumerate(matrices):
        entries[f"Seq_Frame{frame:04d}_{name}Transform"] = " ".join(f"{value:.9g}" for value in matrix.ravel())
        entries[f"Seq_Frame{frame:04d}_{name}TransformStatus"] = "INVALID" if frame in failed else "OK"
    return entries


def a_tracked_file(path: Path, count: int, entries: dict[str, str]) -> Path:
    header = [
        "ObjectType = Image",
        "NDims = 3",
        f"DimSize = 40 30 {count}",
        "Kinds = domain domain list",
        "ElementSpacing = 1 1 1",
        "ElementType = MET_UCHAR",
        *(f"{name} = {value}" for name, value in entries.items()),
        "ElementDataFile = LOCAL",
    ]
    path.write_bytes("\n".join(header).encode() + b"\n" + bytes(40 * 30 * count))
    return path


def test_positions_are_distances_along_the_main_direction() -> None:
    steps = [0.0, 1.0, 2.5, 2.0, 4.0]
    np.testing.assert_allclose(positions_along(transforms(steps)).positions, steps, atol=1e-9)
    np.testing.assert_allclose(positions_along(np.outer(steps, AWAY) + 7).positions, steps, atol=1e-9)


def test_the_jitter_of_tracking_does_not_add_up() -> None:
    rng = np.random.default_rng(0)
    steps = np.linspace(0, 20, 200)
    places = np.outer(steps, AWAY) + rng.normal(0, 0.2, (200, 3))
    found = positions_along(places)
    assert found.positions[-1] - found.positions[0] == pytest.approx(20, abs=1)
    assert found.notes == ()


def test_frames_that_were_not_tracked_have_no_position_and_are_counted() -> None:
    places = np.outer([0.0, 1.0, 2.0, 3.0], AWAY)
    places[2] = math.nan
    found = positions_along(places)
    assert math.isnan(found.positions[2])
    assert found.positions[3] == pytest.approx(3)
    assert found.notes == ("1 frames were not tracked and have no position.",)


def test_a_curved_sweep_is_said_to_be_curved() -> None:
    angles = np.linspace(0, 2, 30)
    found = positions_along(np.stack([20 * np.cos(angles), 20 * np.sin(angles), 0 * angles], axis=1))
    assert any("curved" in note for note in found.notes)


def test_places_of_another_shape_or_none_at_all_are_refused() -> None:
    with pytest.raises(InputError, match="Places must be"):
        positions_along(np.zeros((5, 2)))
    with pytest.raises(InputError, match="Fewer than two frames"):
        positions_along(np.full((5, 3), np.nan))


def test_a_probe_and_a_reference_are_combined() -> None:
    reference = transforms([3.0, 1.0, 5.0], turn=0.7)
    probe = transforms([0.0, 1.0, 2.0], turn=0.2)
    entries = fields("ReferenceToTracker", reference) | fields("ProbeToTracker", reference @ probe)
    found = tracked_transforms(entries, 3)
    assert found is not None
    assert found[1] == "ProbeToReference"
    np.testing.assert_allclose(found[0], probe, atol=1e-6)


def test_a_calibrated_image_is_preferred_and_holds_the_size_of_its_pixels(tmp_path: Path) -> None:
    steps = [0.0, 1.0, 2.0, 4.0]
    entries = fields("ImageToReference", transforms(steps, scale=(0.2, 0.3), turn=0.4))
    entries |= fields("ProbeToTracker", transforms([9.0, 2.0, 3.0, 1.0]))
    sweep = open_sweep(a_tracked_file(tmp_path / "tracked.igs.mha", 4, entries))
    assert sweep.spacing is None
    assert calibrated_spacing(sweep) == pytest.approx((0.3, 0.2))
    found = sweep_positions(sweep)
    assert found is not None
    assert found.origin == "tracked transforms ImageToReference"
    np.testing.assert_allclose(found.positions, steps, atol=1e-6)


def test_a_turned_image_of_pixels_without_a_size_has_none(tmp_path: Path) -> None:
    for scale, size in (((1.0, 1.0), None), ((0.1, 0.1), (0.1, 0.1)), ((200.0, 200.0), None)):
        entries = fields("ImageToReference", transforms([0.0, 1.0, 2.0, 3.0], scale=scale, turn=0.4))
        spacing = pixel_spacing(open_sweep(a_tracked_file(tmp_path / "tracked.igs.mha", 4, entries)))
        assert spacing == (None if size is None else pytest.approx(size))


def test_centers_of_a_calibrated_image_follow_its_transforms() -> None:
    matrices = transforms([0.0, 1.0, 2.0], scale=(0.2, 0.3), turn=0.4)
    matrices[1] = np.nan
    placed = FrameMatrices(matrices, "Reference")
    lumen = measure_mask(a_disc(30))
    expected = matrices[2] @ [lumen.center_column, lumen.center_row, 0, 1]
    assert placed.center(2, lumen) == pytest.approx(tuple(expected[:3]))
    assert placed.center(1, lumen) is None
    assert placed.center(2, measure_mask(np.zeros((9, 9)))) is None


def test_transforms_that_failed_do_not_count(tmp_path: Path) -> None:
    entries = fields("ProbeToTracker", transforms([0.0, 50.0, 2.0, 3.0]), failed=(1,))
    found = sweep_positions(open_sweep(a_tracked_file(tmp_path / "tracked.igs.mha", 4, entries)))
    assert found is not None
    assert math.isnan(found.positions[1])
    assert found.positions[3] == pytest.approx(3, abs=1e-6)


def test_a_sequence_without_transforms_has_no_positions(tmp_path: Path) -> None:
    entries = {f"Seq_Frame{frame:04d}_Timestamp": str(frame / 20) for frame in range(4)}
    assert sweep_positions(open_sweep(a_tracked_file(tmp_path / "cine.igs.mha", 4, entries))) is None


def test_a_real_tracked_sweep_has_a_length_in_millimeters(shared: Path) -> None:
    (path,) = (shared / "data" / "liver-sweep").glob("*.igs.mha")
    sweep = open_sweep(path)
    found = sweep_positions(sweep)
    assert found is not None
    assert len(found.positions) == len(sweep)
    assert 1 < np.ptp(found.positions) < 100
