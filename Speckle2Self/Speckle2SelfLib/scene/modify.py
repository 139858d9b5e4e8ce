"""Changing nodes in one step, as slicer.util.NodeModify does; observers hear of it once, at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_change(*nodes: Any) -> Iterator[None]:
    """Hold back the modified events of nodes until the block ends; None is accepted and does nothing."""
    held = [(node, node.StartModify()) for node in nodes if node is not None]
    try:
        yield
    finally:
        for node, state in reversed(held):
            node.EndModify(state)


def keep_hidden(node: Any) -> None:
    """Keep a node that is only looked at out of lists, of the subject hierarchy and of saved scenes."""
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    node.SetSelectable(False)


@contextmanager
def added_nodes(scene: Any) -> Iterator[list[Any]]:
    """Collect nodes (or None) added to a scene; if the block fails they are removed again."""
    added: list[Any] = []
    try:
        yield added
    except BaseException:
        # the sequence before its proxy: the browser would make a new proxy for a sequence that it still shows
        for node in added:
            if node is not None:
                scene.RemoveNode(node)
        raise
