"""Stand-ins for the few parts of the Slicer desktop that the panels use, for tests without the desktop.

Widgets stand on PySide6, nodes and logics are the real ones of `slicer-core`. Each docstring names the Slicer (CTK,
PythonQt) source whose behavior is imitated. Nothing here is shipped.
"""
