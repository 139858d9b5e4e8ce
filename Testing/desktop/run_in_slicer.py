"""Run the module's self test inside a real Slicer desktop and photograph its panel.

    python Testing/desktop/run_in_slicer.py /path/to/Slicer --screenshots FOLDER

Needs nothing but Python; the exit status is 0 if the self test passed and all pictures were made.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MODULE_FOLDER = REPOSITORY / "Speckle2Self"
PHOTOGRAPHER = Path(__file__).with_name("photograph_panel.py")
SELF_TEST = "import slicer.testing; slicer.testing.runUnitTest([{folder!r}], 'Speckle2Self')"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slicer", type=Path, help="Slicer executable")
    parser.add_argument("--screenshots", type=Path, default=Path("screenshots"), help="folder for the pictures")
    parser.add_argument("--timeout", type=float, default=900, help="seconds that each of the two runs may take")
    arguments = parser.parse_args()
    folder = arguments.screenshots.resolve()
    folder.mkdir(parents=True, exist_ok=True)

    self_test = ["--python-code", SELF_TEST.format(folder=str(MODULE_FOLDER))]
    photographs = ["--python-script", str(PHOTOGRAPHER), str(folder)]
    results = {
        "self test": run(arguments.slicer, ["--no-main-window", *self_test], arguments.timeout),
        "self test with main window": run(arguments.slicer, self_test, arguments.timeout),
        "photographs": run(arguments.slicer, photographs, arguments.timeout),
    }
    for name, status in results.items():
        print(f"{name}: {'passed' if status == 0 else f'failed with status {status}'}")
    print(f"pictures: {', '.join(sorted(path.name for path in folder.glob('*.png'))) or 'none'} in {folder}")
    return max(abs(status) for status in results.values())


def run(slicer: Path, options: list[str], timeout: float) -> int:
    """Start Slicer with the module and return its exit status."""
    quiet = ["--testing", "--no-splash", "--ignore-slicerrc"]
    command = [str(slicer), *quiet, "--additional-module-paths", str(MODULE_FOLDER), *options]
    print("+", " ".join(command), flush=True)
    try:
        return subprocess.run(command, check=False, timeout=timeout).returncode
    except subprocess.TimeoutExpired:
        print(f"not done after {timeout} s", file=sys.stderr)
        return 124


if __name__ == "__main__":
    sys.exit(main())
