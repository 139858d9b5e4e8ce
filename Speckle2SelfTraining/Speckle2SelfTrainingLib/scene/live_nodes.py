"""Nodes that show a running training: in the scene while it runs, and afterwards only if they are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from Speckle2SelfLib.scene.environment import SceneEnvironment

KIND_ATTRIBUTE = "Speckle2Self.training"


class LiveNodes:
    """Adds nodes to a scene that are removed again unless they are kept.

    Until then they are not saved with the scene, in which they would say nothing without the training.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    """

    def __init__(self, environment: SceneEnvironment) -> None:
        self._environment = environment
        self._nodes: list[Any] = []

    def add(self, class_name: str, name: str, kind: str, prepare: Callable[[Any], object] | None = None) -> Any:
        """Add a node.

        Parameters
        ----------
        class_name : str
            MRML class.
        name : str
            Made unique where needed.
        kind : str
            What it shows, kept as an attribute.
        prepare : callable or None
            Called with the node before it is in the scene, which then hears of it only once it is complete.
        """
        node = self._environment.new_node(class_name)
        node.SetName(self._environment.scene.GenerateUniqueName(name))
        node.SetAttribute(KIND_ATTRIBUTE, kind)
        node.SetSaveWithScene(False)
        if prepare is not None:
            prepare(node)
        return self.watch(self._environment.scene.AddNode(node))

    def watch(self, node: Any) -> Any:
        """Remove a node with the others, e.g. the display node of a volume."""
        self._nodes.append(node)
        return node

    def keep(self) -> None:
        """Leave the nodes in the scene for good."""
        for node in self._nodes:
            if self._environment.holds(node):
                node.SetSaveWithScene(True)
        self._nodes = []

    def remove(self) -> None:
        """Remove the nodes that are still there and not kept; those that use others first."""
        for node in reversed(self._nodes):
            if self._environment.holds(node):
                self._environment.scene.RemoveNode(node)
        self._nodes = []
