"""The result's place in the subject hierarchy: beside its input."""

from __future__ import annotations

from typing import Any

from .environment import SceneEnvironment


def place_beside(environment: SceneEnvironment, result: Any, source: Any) -> None:
    """Put a result under the parent of its input, e.g. the same study.

    The desktop's plugins make an item for a new volume, which is moved; ``slicer-core`` makes none, so it is created.
    Inputs that have no item (sequence nodes often have none) give their results none.
    """
    hierarchy = environment.subject_hierarchy()
    if hierarchy is None or source is None:
        return
    item = hierarchy.GetItemByDataNode(source)
    if item != hierarchy.GetInvalidItemID():
        hierarchy.CreateItem(hierarchy.GetItemParent(item), result)
