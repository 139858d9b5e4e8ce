"""Short words that the scene tests share."""

from __future__ import annotations

from typing import Any

import numpy as np
from scene_stand_ins import InvertingRunner, inverted
from Speckle2SelfLib.scene import SceneDespeckler

__all__ = ["InvertingRunner", "despeckler", "inverted", "matrix_of", "pixels_of", "scene_text", "speckled"]


def despeckler(runner: Any = None) -> SceneDespeckler:
    """A despeckler of the current scene that computes with the stand-in."""
    return SceneDespeckler(runner=runner or InvertingRunner())


def pixels_of(volume: Any) -> np.ndarray:
    import slicer.util

    return np.array(slicer.util.arrayFromVolume(volume))


def matrix_of(volume: Any) -> np.ndarray:
    import slicer
    import slicer.util
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return np.array(slicer.util.arrayFromVTKMatrix(matrix))


def speckled(shape: tuple[int, ...], dtype: Any = np.uint8, seed: int = 0) -> np.ndarray:
    """Frames with speckle-like noise in the range 0 to 200."""
    rng = np.random.default_rng(seed)
    return np.minimum(rng.rayleigh(40.0, shape), 200).astype(dtype)


def scene_text(scene: Any) -> str:
    """The whole scene as MRML, with the pixels of its volumes and the frames of its sequences."""
    import hashlib

    scene.SetSaveToXMLString(1)
    scene.Commit()
    lines = [scene.GetSceneXMLString()]
    for node in _nodes(scene):
        lines.append(f"{node.GetID()} {node.GetName()} {node.GetMTime()}")
        for frame in [node, *_frames(node)]:
            image = frame.GetImageData() if frame.IsA("vtkMRMLVolumeNode") else None
            if image is not None:
                lines.append(hashlib.sha256(pixels_of(frame).tobytes()).hexdigest())
    return "\n".join(lines)


def _nodes(scene: Any) -> list[Any]:
    return [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]


def _frames(node: Any) -> list[Any]:
    if not node.IsA("vtkMRMLSequenceNode"):
        return []
    return [node.GetNthDataNode(index) for index in range(node.GetNumberOfDataNodes())]
