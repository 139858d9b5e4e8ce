"""Where this code runs: the one place that finds the scene and tells the desktop from ``slicer-core``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import InputError

IDLE_SECONDS = 0.01


@dataclass
class SceneEnvironment:
    """The scene and what surrounds it.

    Parameters
    ----------
    scene : vtkMRMLScene
        The scene that holds the inputs and gets the outputs.
    application : qSlicerApplication or None
        ``slicer.app`` in the desktop, None on ``slicer-core``.
    """

    scene: Any
    application: Any = None

    @property
    def is_desktop(self) -> bool:
        """Whether a user looks at this scene."""
        return self.application is not None

    def idle(self, wait: bool) -> None:
        """Keep the desktop's windows alive, and wait a little where there is nothing else to do."""
        if self.application is not None:
            self.application.processEvents()
        if wait:
            time.sleep(IDLE_SECONDS)

    def holds(self, node: Any) -> bool:
        """Say whether a node is (still) in the scene."""
        return node is not None and node.GetID() is not None and self.scene.GetNodeByID(node.GetID()) is node

    def nodes(self, class_name: str) -> Iterator[Any]:
        """Iterate over the nodes of a class."""
        for index in range(self.scene.GetNumberOfNodesByClass(class_name)):
            yield self.scene.GetNthNodeByClass(index, class_name)

    def new_node(self, class_name: str) -> Any:
        """Return a node that is not in the scene yet."""
        import slicer

        return getattr(slicer, class_name)()

    def slice_logic(self, slice_node: Any) -> Any:
        """Return what fits a slice view to its volumes, or None where nothing is shown."""
        logic = self.application.applicationLogic() if self.application is not None else None
        return logic.GetSliceLogic(slice_node) if logic is not None else None

    def subject_hierarchy(self) -> Any:
        """Return the subject hierarchy node of the scene."""
        import slicer

        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)


def current_environment() -> SceneEnvironment:
    """Find the scene of the desktop, or the one that a ``slicer-core`` script put at ``slicer.mrmlScene``.

    Raises
    ------
    InputError
        If there is no scene.
    """
    try:
        import slicer
    except ImportError as error:
        raise InputError("There is no MRML scene here: run this inside 3D Slicer, or install slicer-core.") from error
    scene = getattr(slicer, "mrmlScene", None)
    if scene is None:
        raise InputError("There is no MRML scene here: set slicer.mrmlScene = slicer.vtkMRMLScene() first.")
    return SceneEnvironment(scene, getattr(slicer, "app", None))
