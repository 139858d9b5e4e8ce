"""The nodes that a result goes to: checked before the work begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import OutputError
from .environment import SceneEnvironment
from .sequences import SEQUENCE_CLASS, SequenceSweep, find_sequence
from .sweep import SceneSweep


@dataclass(frozen=True)
class OutputNodes:
    """Existing nodes to reuse, or None for those that are to be created.

    Parameters
    ----------
    volume : vtkMRMLVolumeNode or None
        Volume of the result, or proxy of the resulting sequence.
    sequence : vtkMRMLSequenceNode or None
        Resulting sequence.
    """

    volume: Any = None
    sequence: Any = None

    @property
    def existing(self) -> tuple[Any, ...]:
        """The nodes that are reused."""
        return tuple(node for node in (self.volume, self.sequence) if node is not None)


def check_output(environment: SceneEnvironment, node: Any, sweep: SceneSweep, as_sequence: bool) -> OutputNodes:
    """Return the nodes that an output node stands for.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    node : vtkMRMLNode or None
        What the user chose; None creates new nodes.
    sweep : SceneSweep
        The input.
    as_sequence : bool
        Whether the result is a sequence.

    Raises
    ------
    OutputError
        If the node is the input, of another class than the result, or not in the scene.
    """
    if node is None:
        return OutputNodes()
    if not hasattr(node, "IsA") or not environment.holds(node):
        raise OutputError(f"The output must be a node of this scene, got {node!r}; choose one or None.")
    if any(node is watched for watched in sweep.watched) or node is sweep.node:
        raise OutputError(
            f"Output {node.GetName()!r} is the input itself, which is never changed; choose another node or None."
        )
    return _sequence_output(environment, node, sweep) if as_sequence else _volume_output(environment, node, sweep)


def _volume_output(environment: SceneEnvironment, node: Any, sweep: SceneSweep) -> OutputNodes:
    _check_class(node, sweep.first_slab.node_class)
    if find_sequence(environment, node) is not None:
        raise OutputError(
            f"Output {node.GetName()!r} shows the frames of a sequence and would be overwritten; choose another node."
        )
    return OutputNodes(volume=node)


def _sequence_output(environment: SceneEnvironment, node: Any, sweep: SceneSweep) -> OutputNodes:
    assert isinstance(sweep, SequenceSweep)
    if node.IsA(SEQUENCE_CLASS):
        sequence, volume = node, None
    else:
        _check_class(node, sweep.first_slab.node_class, "vtkMRMLSequenceNode")
        found = find_sequence(environment, node)
        sequence, volume = (found[0] if found else None), node
    if sequence is sweep.sequence or node is sweep.shown:
        raise OutputError(
            f"Output {node.GetName()!r} belongs to the input sequence, which is never changed; choose another node."
        )
    if sequence is None and volume is not None and volume.GetImageData() is not None:
        raise OutputError(
            f"Output {node.GetName()!r} is a single volume but the result is a sequence of frames; choose a sequence, "
            f"an empty volume (to show it), or None."
        )
    return OutputNodes(volume, sequence)


def _check_class(node: Any, *accepted: str) -> None:
    if node.GetClassName() not in accepted:
        wanted = " or ".join(name.removeprefix("vtkMRML").removesuffix("Node") for name in accepted)
        raise OutputError(
            f"Output {node.GetName()!r} is a {node.GetNodeTagName()} node; the result needs a {wanted} node, or None."
        )
