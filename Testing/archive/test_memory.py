"""Memory of long sweeps: input, output, and a rest that does not grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from archive.archive_support import write_sweep

MEASURE = """
import resource, sys
from Speckle2SelfLib.__main__ import main
for name in sys.argv[2:]:
    assert main(["despeckle", sys.argv[1] + name, sys.argv[1] + "out" + name, "--model", "live", "--threads", "2"]) == 0
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
FEW, MANY, SIZE = 64, 464, 128


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is in kB on Linux only")
def test_a_frame_more_takes_its_input_and_its_output_and_no_more(tmp_path: Path) -> None:
    for count in (FEW, MANY):
        write_sweep(tmp_path / f"{count}.nrrd", frames=count, size=SIZE)
    command = [sys.executable, "-c", MEASURE, f"{tmp_path}/", f"{FEW}.nrrd", f"{FEW}.nrrd", f"{MANY}.nrrd"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    _, before, after = map(int, said.split())
    grown = (after - before) * 1024 / (MANY - FEW) / SIZE**2
    assert grown < 4, f"{grown} bytes per pixel more; input and output take 2"
