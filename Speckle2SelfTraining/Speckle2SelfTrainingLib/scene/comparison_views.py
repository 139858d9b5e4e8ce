"""A layout with one frame by every method, in views that move together, and the table below."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.translation import tr as _

from .own_layout import OwnLayout, slice_item, view_item

LAYOUT = 50720
"""Number of the layout with one view; that with n views is n - 1 more."""

TABLE_VIEW = "Speckle2SelfComparisonTable"
VIEW_GROUP = 508
"""Links the views to each other and not to the user's."""

WIDER = 1.8
"""How much wider than high the place for the views is, about."""

COLOR, TABLE_COLOR = "#8C8C8C", "#C7A76C"


class ComparisonViews(OwnLayout):
    """Shows methods side by side, and gives the user's layout back.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    count : int
        Number of methods, of which the views of the layout are made.
    """

    def __init__(self, environment: SceneEnvironment, count: int) -> None:
        self.count = count
        super().__init__(environment, LAYOUT + count - 1, _description(count))

    @property
    def view_names(self) -> list[str]:
        """Names of the slice views, in order."""
        return [_name(number) for number in range(self.count)]

    def show(self, volumes: Mapping[str, Any], table: Any) -> None:
        """Switch to the layout and show a frame by every method.

        Parameters
        ----------
        volumes : mapping of str to vtkMRMLScalarVolumeNode
            By method.
        table : vtkMRMLTableNode
        """
        if not self.switch():
            return
        for name, (method, volume) in zip(self.view_names, volumes.items(), strict=True):
            self._link(name)
            self.show_volume(name, volume, method)
        self.show_table(TABLE_VIEW, table)

    def _link(self, view_name: str) -> None:
        composite = self._named("vtkMRMLSliceCompositeNode", view_name)
        if composite is not None:
            composite.SetLinkedControl(True)
            composite.SetHotLinkedControl(True)


def _name(number: int) -> str:
    return f"Speckle2SelfComparison{number + 1}"


def _description(count: int) -> str:
    lines_wanted = max(1, round(math.sqrt(count / WIDER)))
    columns = math.ceil(count / lines_wanted)
    items = [slice_item(_name(number), str(number + 1), COLOR, VIEW_GROUP) for number in range(count)]
    lines = [items[first : first + columns] for first in range(0, count, columns)]
    views = "".join(f'<item><layout type="horizontal">{"".join(line)}</layout></item>' for line in lines)
    table = view_item("vtkMRMLTableViewNode", TABLE_VIEW, _("Comparison"), TABLE_COLOR)
    return (
        f'<layout type="vertical" split="true"><item splitSize="700"><layout type="vertical">{views}</layout></item>'
        f'<item splitSize="300">{table}</item></layout>'
    )
