"""Stand-in for the layout manager's slice views: the MRML nodes and logics of views that nobody sees.

Imitates what qMRMLLayoutSliceViewFactory (Libs/MRML/Widgets/qMRMLLayoutManager.cxx) and vtkMRMLSliceViewInteractor's
owner qMRMLSliceControllerWidget make for each view: a slice node, a composite node under the same singleton tag, and a
vtkMRMLSliceLogic that the application logic knows. All of these are the real ones of `slicer-core`.
"""

from __future__ import annotations

from typing import Any

SIZE = (300, 200)


def add_slice_views(application: Any, scene: Any) -> dict[str, Any]:
    """Add layout node and the three slice views to a scene, and return their logics by name."""
    import slicer
    import vtk

    layout = slicer.vtkMRMLLayoutNode()
    layout.SetSingletonTag("vtkMRMLLayoutNode")
    scene.AddNode(layout).SetViewArrangement(layout.SlicerLayoutFourUpView)
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene)
    logics, collection = {}, vtk.vtkCollection()
    for name, orientation in {"Red": "Axial", "Yellow": "Sagittal", "Green": "Coronal"}.items():
        logic = slicer.vtkMRMLSliceLogic()
        logic.SetMRMLScene(scene)
        node = logic.AddSliceNode(name)
        node.SetDefaultOrientation(orientation)
        node.SetOrientationToDefault()
        node.SetDimensions(*SIZE, 1)
        logics[name] = logic
        collection.AddItem(logic)
    application.applicationLogic().SetSliceLogics(collection)
    slicer.modules.standin_slice_logics = collection  # keeps them alive
    return logics
