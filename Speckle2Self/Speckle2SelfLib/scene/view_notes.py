"""What views showed before we showed something else in them, noted on their nodes.

Slicer tells nobody that a scene is about to be saved (vtkMRMLScene declares StartSaveEvent and never invokes it), so a
scene that is saved meanwhile has our views. It has these notes as well, and is put right when it is opened.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from .environment import SceneEnvironment
from .modify import one_change

NOTE = "Speckle2Self.ViewBefore"
LAYERS = ("Background", "Foreground", "Label")
VIEW_CLASSES = ("vtkMRMLSliceCompositeNode", "vtkMRMLSliceNode", "vtkMRMLLayoutNode")

Layers = Mapping[str, str | None]


def take_note(node: Any, values: Mapping[str, Any], layers: Layers | None = None) -> None:
    """Note on a view's node what it had before.

    Parameters
    ----------
    node : vtkMRMLNode
        A composite node, a slice node or the layout node.
    values : mapping
        JSON-ready values by the name of what sets them, see :func:`put_back`.
    layers : mapping of str to (str or None), optional
        IDs of the volumes in the layers of a composite node; scenes that are added to others keep these right.
    """
    with one_change(node):
        node.SetAttribute(NOTE, json.dumps({"values": dict(values), "layers": list(layers or {})}))
        for layer, volume in (layers or {}).items():
            node.SetNodeReferenceID(_role(layer), volume)


def drop_note(node: Any) -> None:
    """Take the note off a node, if there is one."""
    with one_change(node):
        node.RemoveAttribute(NOTE)
        for layer in LAYERS:
            if node.GetNodeReferenceID(_role(layer)) is not None:
                node.SetNodeReferenceID(_role(layer), None)


def put_back(environment: SceneEnvironment, node: Any, values: Mapping[str, Any], layers: Layers | None = None) -> None:
    """Give a node back what it had; volumes that have left the scene meanwhile leave their layer empty.

    Parameters
    ----------
    environment : SceneEnvironment
    node, values, layers
        As :func:`take_note` takes them: ``{"ViewGroup": 0}`` calls ``SetViewGroup(0)``, a list gives several
        arguments; ``SliceToRAS`` is a matrix, row after row.
    """
    with one_change(node):
        for layer, volume in (layers or {}).items():
            known = volume is not None and environment.scene.GetNodeByID(volume) is not None
            getattr(node, f"Set{layer}VolumeID")(volume if known else None)
        for name, value in values.items():
            if name == "SliceToRAS":
                node.GetSliceToRAS().DeepCopy(value)
            else:
                getattr(node, f"Set{name}")(*(value if isinstance(value, (list, tuple)) else [value]))
        if "SliceToRAS" in values:
            node.UpdateMatrices()


def put_back_as_noted(environment: SceneEnvironment) -> None:
    """Put right all views that a scene brought in the state that we had given them."""
    for class_name in VIEW_CLASSES:
        for node in environment.nodes(class_name):
            note = _read(node.GetAttribute(NOTE))
            if note is not None:
                layers = {layer: node.GetNodeReferenceID(_role(layer)) for layer in note["layers"] if layer in LAYERS}
                with contextlib.suppress(TypeError, ValueError):  # values that somebody else wrote
                    put_back(environment, node, note["values"], layers)
            drop_note(node)


def _read(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    from .view_state import NOTED

    try:
        note = json.loads(text)
        values = {name: value for name, value in note["values"].items() if name in NOTED}
        return {"values": values, "layers": list(note["layers"])}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # somebody else wrote it


def _role(layer: str) -> str:
    return f"{NOTE}.{layer}"
