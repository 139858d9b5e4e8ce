"""The nodes that a segmentation goes to: checked before the work begins."""

from __future__ import annotations

from typing import Any

from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.outputs import OutputNodes
from Speckle2SelfLib.scene.sequences import SEQUENCE_CLASS, find_sequence

from .lumen_segment import SEGMENTATION_CLASS


def check_segmentation_output(environment: SceneEnvironment, node: Any, as_sequence: bool) -> OutputNodes:
    """Return the nodes that an output node stands for.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    node : vtkMRMLNode or None
        What the user chose; None creates new nodes.
    as_sequence : bool
        Whether the result is a sequence.

    Raises
    ------
    OutputError
        If the node is of another class than the result, or not in the scene.
    """
    if node is None:
        return OutputNodes()
    if not hasattr(node, "IsA") or not environment.holds(node):
        raise OutputError(f"The output must be a node of this scene, got {node!r}; choose one or None.")
    is_sequence = as_sequence and node.IsA(SEQUENCE_CLASS)
    if not is_sequence and not node.IsA(SEGMENTATION_CLASS):
        raise OutputError(
            f"Output {node.GetName()!r} is a {node.GetNodeTagName()} node; choose a segmentation"
            f"{', a sequence of them' if as_sequence else ''} or None."
        )
    return _sequence_output(environment, node) if as_sequence else _single_output(environment, node)


def _single_output(environment: SceneEnvironment, node: Any) -> OutputNodes:
    if find_sequence(environment, node) is not None:
        raise OutputError(
            f"Output {node.GetName()!r} shows the frames of a sequence and would be overwritten; choose another node."
        )
    return OutputNodes(volume=node)


def _sequence_output(environment: SceneEnvironment, node: Any) -> OutputNodes:
    if node.IsA(SEQUENCE_CLASS):
        first = node.GetNthDataNode(0) if node.GetNumberOfDataNodes() else None
        if first is not None and not first.IsA(SEGMENTATION_CLASS):
            raise OutputError(
                f"Output {node.GetName()!r} is a sequence of {first.GetNodeTagName()} nodes, which would be lost; "
                "choose a sequence of segmentations or None."
            )
        return OutputNodes(sequence=node)
    found = find_sequence(environment, node)
    if found is None and node.GetSegmentation().GetNumberOfSegments() > 0:
        raise OutputError(
            f"Output {node.GetName()!r} is a single segmentation but the result is one for each frame; choose a "
            "sequence, an empty segmentation (to show it), or None."
        )
    return OutputNodes(volume=node, sequence=found[0] if found else None)
