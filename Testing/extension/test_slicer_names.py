"""Every name of Slicer, Qt, CTK and VTK that is used exists: a misspelled one would fail only when it is reached."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from extension.known_names import KnownNames, vtk_names
from extension.names_used import Connection, NamesUsed, Use, invented_properties, ui_connections, widgets

MODULES = ("Speckle2Self", "Speckle2SelfTraining")
# a parameter's name, which Slicer reads, and what Qt Designer writes for a spacer
INVENTED = {"SlicerParameterName", "sizeHint"}
# classes of other libraries that are called through their module
OTHERS = {"ArgumentParser", "TemporaryDirectory", "PyTorchUtilsLogic"}
OTHERS |= {f"{name}{part}" for name in MODULES for part in ("Logic", "Widget")}
OF_DESIGNER = {"buddy"}  # of a label: the loader calls setBuddy


@functools.cache
def known() -> KnownNames:
    return KnownNames()


@functools.cache
def ui_files() -> tuple[Path, ...]:
    root = Path(__file__).resolve().parents[2]
    return tuple(file for name in MODULES for file in sorted((root / name / "Resources" / "UI").glob("*.ui")))


@functools.cache
def widget_classes() -> dict[str, set[str]]:
    """Name of each widget of the .ui files, and its classes (two panels may use a name for different widgets)."""
    classes: dict[str, set[str]] = {}
    for file in ui_files():
        for widget in widgets(file):
            classes.setdefault(widget.name, set()).add(widget.class_name)
    return classes


def python_files(repository: Path) -> list[Path]:
    """The code that meets Slicer: module files, the desktop and scene folders, and the scripts for the real desktop."""
    files = [*(repository / "Testing" / "desktop").glob("*.py")]
    for name in MODULES:
        files += [repository / name / f"{name}.py", *(repository / name).glob("*Lib/desktop/*.py")]
        files += (repository / name).glob("*Lib/scene/*.py")
    return sorted(files)


def problems_of(used: NamesUsed) -> list[str]:
    """Return what a file uses that does not exist."""
    problems = [f"{use.where}: {use.name}" for use in used.uses if not exists(use)]
    problems += [
        f"{use.where}: no class of VTK or MRML has {use.name}"
        for use in used.vtk_methods
        if use.name not in vtk_names() | used.own | known().of_python | OTHERS
    ]
    problems += [f"{use.where}: {use.name}" for use in used.vtk_classes if not known().has(f"slicer.{use.name}")]
    problems += [f"{at.where}: {at.signature}" for at in used.connections if not signal_exists(at)]
    return problems


def exists(use: Use) -> bool:
    first, *rest = use.name.split(".")
    if first != "ui":
        return known().has(use.name)
    if not rest:
        return True
    classes = widget_classes().get(rest[0], set())
    if len(rest) == 1 or not classes:
        return bool(classes)
    return any(known().member(name, rest[1]) for name in classes)


def signal_exists(connection: Connection) -> bool:
    first, *rest = connection.sender.split(".")
    if first == "ui" and len(rest) == 1:
        return any(known().signal(name, connection.signature) for name in widget_classes().get(rest[0], set()))
    if connection.sender == "slicer.app":
        return known().signal("qSlicerApplication", connection.signature)
    return known().signal_of_any(connection.signature)


def test_every_name_in_the_python_code_exists(repository: Path) -> None:
    problems = []
    for file in python_files(repository):
        problems += problems_of(NamesUsed(file.read_text(encoding="utf-8"), str(file.relative_to(repository))))
    assert problems == [], f"not in Slicer {known().version}"


@pytest.mark.parametrize("file", ui_files(), ids=lambda file: file.name)
def test_every_class_and_property_in_a_ui_file_exists(file: Path) -> None:
    found = list(widgets(file))
    assert [f"{widget.name}: {widget.class_name}" for widget in found if not known().is_class(widget.class_name)] == []
    wrong = [
        f"{widget.name}: {widget.class_name} has no property {name}"
        for widget in found
        for name in set(widget.properties) - OF_DESIGNER
        if not known().property(widget.class_name, name)
    ]
    assert wrong == []
    assert invented_properties(file) <= INVENTED


@pytest.mark.parametrize("file", ui_files(), ids=lambda file: file.name)
def test_every_connection_in_a_ui_file_fits(file: Path) -> None:
    classes = {widget.name: widget.class_name for widget in widgets(file)}
    for sender, signal, receiver, slot in ui_connections(file):
        assert known().signal(classes[sender], signal), (sender, signal)
        assert known().member(classes[receiver], slot.partition("(")[0]), (receiver, slot)


MADE_UP = [
    "import slicer; slicer.util.loadUserInterface('x')",
    "import slicer; slicer.app.processAllEvents()",
    "import slicer; slicer.mrmlScene.AddNodeByClass('vtkMRMLScalarVolumeNode')",
    "import slicer; slicer.vtkMRMLUltrasoundNode()",
    "import slicer; slicer.vtkMRMLScene.BeginCloseEvent",
    "import slicer; slicer.qMRMLFancyWidget",
    "import slicer; slicer.modules.ultrasoundmagic.logic()",
    "import slicer; slicer.somethingElse",
    "import qt; qt.QMagicButton()",
    "import qt; qt.Qt.Key_Nonsense",
    "import qt; qt.QTimer.manyShots(1, f)",
    "import ctk; ctk.ctkMagicWidget()",
    "import ctk; ctk.ctkPathLineEdit.Folders",
    "from slicer.i18n import translateAll",
    "from slicer.packaging import pip_upgrade",
    "node.SetAndObserveMagicID('x')",
    "scene.AddNewNodeByClass('vtkMRMLMagicNode')",
    "self.ui.applyButton.active = True",
    "self.ui.magicButton.enabled = True",
    "self.ui.applyButton.connect('pressedTwice()', f)",
    "self.ui.inputSelector.connect('currentNodeChanged(int)', f)",
    "button.connect('clicked(QString)', f)",
    "scene.MagicEvent",
]


@pytest.mark.parametrize("code", MADE_UP)
def test_a_made_up_name_is_found(code: str) -> None:
    assert problems_of(NamesUsed(code, "made up")) != []


REAL = [
    "self.ui.applyButton.connect('clicked(bool)', f); self.ui.applyButton.enabled = True",
    "self.ui.inputSelector.connect('currentNodeChanged(vtkMRMLNode*)', f); self.ui.inputSelector.currentNode()",
    "import ctk; ctk.ctkPathLineEdit.Dirs",
    "import qt; qt.QTimer.singleShot(1, f); qt.Qt.Checked",
    "import slicer; slicer.app.testingEnabled(); slicer.app.layoutManager(); slicer.util.loadUI('x')",
    "node.GetDisplayNode(); scene.EndCloseEvent",
]


@pytest.mark.parametrize("code", REAL)
def test_a_real_name_is_not_found_fault_with(code: str) -> None:
    assert problems_of(NamesUsed(code, "real")) == []


def test_the_list_says_which_slicer_it_is_of_and_stays_small() -> None:
    from extension.known_names import NAMES

    assert known().version.split(".")[0] == "5"
    assert NAMES.stat().st_size < 200_000
