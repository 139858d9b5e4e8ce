"""Boxes: read from a file, or found where a sonographer would lay them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from Speckle2SelfLib.errors import InputError
from Speckle2SelfTrainingLib.evaluation.boxes import Boxes, BoxFile, box_inside, darkest_box, find_boxes, flattest_box


def a_vessel(rows: int = 160, columns: int = 160) -> np.ndarray:
    """Tissue that fades with depth, a round dark lumen at (70, 90), a shadow on the left."""
    down, across = np.indices((rows, columns))
    frame = 150.0 - 0.5 * down + np.random.default_rng(0).normal(0, 12, (rows, columns))
    frame[np.hypot(down - 70, across - 90) < 20] = 8
    frame[60:, :30] = 4
    return np.clip(frame, 0, 255).astype(np.uint8)


def test_the_flattest_box_lies_in_the_flat_part() -> None:
    frame = np.random.default_rng(0).normal(100, 5, (128, 128))
    frame[:, :64] += 60 * np.sin(np.arange(64) / 4)
    row, column, height, width = flattest_box(frame)
    assert column >= 56
    assert (height, width) == (24, 24)
    assert 0 <= row <= 104


def test_the_darkest_box_lies_in_the_lumen_and_not_in_the_darker_shadow() -> None:
    box = darkest_box(a_vessel())
    assert box is not None
    row, column, height, width = box
    assert np.hypot(row + height / 2 - 70, column + width / 2 - 90) < 14


def test_homogeneous_tissue_has_no_lumen_box() -> None:
    assert darkest_box(np.random.default_rng(0).normal(100, 10, (128, 128))) is None


def test_a_known_lumen_holds_its_box() -> None:
    mask = np.zeros((80, 80), bool)
    mask[30:44, 20:70] = True
    box = box_inside(mask, 14)
    assert box is not None
    row, column, height, width = box
    assert mask[row : row + height, column : column + width].all()
    assert min(height, width) >= 10
    assert box_inside(np.eye(20, dtype=bool), 14) is None


def test_boxes_are_found_inside_the_valid_area() -> None:
    valid = np.zeros((160, 160), bool)
    valid[10:150, 40:150] = True
    boxes = find_boxes(a_vessel(), valid)
    for box in (boxes.tissue, boxes.lumen):
        assert box is not None
        row, column, height, width = box
        assert valid[row : row + height, column : column + width].all()


def test_found_boxes_agree_with_those_laid_by_hand(shared: Path) -> None:
    from Speckle2SelfTrainingLib.evaluation.sets import file_set

    folder = shared / "data" / "published-carotid-comparison"
    files = [folder / f"Input_0{number}.gif" for number in (1, 2, 3)]
    by_hand = file_set(files, limit=3, boxes=BoxFile.read(folder / "boxes.json"), independent=True)
    lumens = 0
    for frame, given in zip(by_hand.frames, by_hand.boxes, strict=True):
        found = find_boxes(frame)
        if given.lumen is None or found.lumen is None or found.tissue is None:
            continue
        row, column, height, width = (int(part) for part in found.lumen)
        lumen_level = frame[row : row + height, column : column + width].mean()
        row, column, height, width = found.tissue
        assert frame[row : row + height, column : column + width].mean() > 2 * lumen_level
        lumens += 1
    assert lumens >= 6


def write(folder: Path, content: object) -> Path:
    path = folder / "boxes.json"
    path.write_text(json.dumps(content))
    return path


def test_boxes_are_read_as_x_y_width_height_by_file_and_frame(tmp_path: Path) -> None:
    content = {"about": "x", "tissue": {"1.0": [4, 2, 10, 6], "scan.1": [0, 0, 5, 5]}, "lumen": {"1": [8, 9, 3, 3]}}
    boxes = BoxFile.read(write(tmp_path, content))
    assert boxes.of(1, "scan", 0, (40, 40)) == Boxes((2, 4, 6, 10), (9, 8, 3, 3))
    assert boxes.of(1, "scan", 1, (40, 40)) == Boxes((0, 0, 5, 5), (9, 8, 3, 3))
    assert boxes.of(2, "other", 0, (40, 40)) == Boxes()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([1, 2], "must hold"),
        ({"tissue": {"1.0": [1, 2, 3, 4]}, "lumen": [1, 2, 3, 4]}, "must hold"),
        ({"tissue": {"1.0": [1, 2, 3]}}, "four whole numbers"),
        ({"tissue": {"1.0": [1, 2, 3, 4.5]}}, "four whole numbers"),
    ],
)
def test_a_file_that_holds_no_boxes_is_refused_in_one_sentence(tmp_path: Path, content: object, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        BoxFile.read(write(tmp_path, content))


def test_a_missing_file_and_a_box_outside_the_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        BoxFile.read(tmp_path / "none.json")
    boxes = BoxFile.read(write(tmp_path, {"tissue": {"1.0": [30, 2, 20, 6]}}))
    with pytest.raises(InputError, match="does not lie inside"):
        boxes.of(1, "scan", 0, (40, 40))


def test_boxes_that_belong_to_no_frame_are_refused(tmp_path: Path) -> None:
    from PIL import Image
    from Speckle2SelfTrainingLib.evaluation.sets import file_set

    Image.fromarray(np.full((64, 64), 90, np.uint8)).save(tmp_path / "frame.png")
    (tmp_path / "boxes.json").write_text(json.dumps({"tissue": {"typo.0": [4, 4, 20, 20]}, "lumen": {}}))
    with pytest.raises(InputError, match="None of the boxes"):
        file_set([tmp_path / "frame.png"], limit=1, boxes=BoxFile.read(tmp_path / "boxes.json"))
