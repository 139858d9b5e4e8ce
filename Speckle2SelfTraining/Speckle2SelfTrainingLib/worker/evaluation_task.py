"""A comparison with other filters as the application sees it."""

from __future__ import annotations

from typing import Any

from Speckle2SelfLib.worker.frames_task import FramesTask
from Speckle2SelfLib.worker.protocol import Message

from ..evaluation.boxes import Boxes
from ..evaluation.measuring import MeasuredMethod


class EvaluationTask(FramesTask):
    """One comparison of a worker, whose order is ``order``; its results are pictures, uint8 (H, W).

    Attributes
    ----------
    method, frame : int
        Number of the method that runs, from 0, and how many of its frames are done.
    rows : list of MeasuredMethod
        What was measured; the input comes first. Empty until done, like what follows.
    boxes : list of Boxes
        Where each frame was measured.
    not_measured : dict of str to str
        Why, by method.
    table : str
        Everything as CSV.
    figure : bytes or None
        The methods side by side, a PNG file.
    """

    kind = "evaluate"
    cancel_text = "The comparison was cancelled."
    patience = 0.5  # a filter may be at a frame for minutes

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.method = self.frame = 0
        self.rows: list[MeasuredMethod] = []
        self.boxes: list[Boxes] = []
        self.not_measured: dict[str, str] = {}
        self.table = ""
        self.figure: bytes | None = None

    def _receive(self) -> list[Message]:
        messages = super()._receive()
        for message in messages:
            if message["type"] == "method":
                self.method, self.frame = int(message["number"]), 0
            elif message["type"] == "step":
                self.frame += 1
            elif message["type"] == "done":
                self._take(message)
        return messages

    def _take(self, message: Message) -> None:
        self.rows = [MeasuredMethod(**row) for row in message["rows"]]
        self.boxes = [
            Boxes(*(None if box is None else (box[0], box[1], box[2], box[3]) for box in both))
            for both in message["boxes"]
        ]
        self.not_measured, self.table = message["not_measured"], message["table"]
        if message["figure"] is not None:
            self.figure = (self.folder / message["figure"]).read_bytes()
