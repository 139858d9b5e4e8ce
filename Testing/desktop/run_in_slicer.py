"""Run the modules' self tests inside a real Slicer desktop, photograph their panels and follow the tutorial.

    python Testing/desktop/run_in_slicer.py /path/to/Slicer --screenshots FOLDER

Needs nothing but Python; the exit status is 0 if the self tests passed and all pictures were made.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# name of each module and the script that photographs its panel
MODULES = {"Speckle2Self": "photograph_panel.py", "Speckle2SelfTraining": "photograph_training_panel.py"}
SELF_TEST = "import slicer.testing; slicer.testing.runUnitTest({folders!r}, {name!r})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slicer", type=Path, help="Slicer executable")
    parser.add_argument("--screenshots", type=Path, default=Path("screenshots"), help="folder for the pictures")
    parser.add_argument("--timeout", type=float, default=900, help="seconds that each run may take")
    parser.add_argument("--module", choices=MODULES, action="append", help="only this one (may be repeated)")
    arguments = parser.parse_args()
    folder = arguments.screenshots.resolve()
    folder.mkdir(parents=True, exist_ok=True)

    results: dict[str, int] = {}
    for name in arguments.module or MODULES:
        results.update(check_module(arguments.slicer, name, folder, arguments.timeout))
    if not arguments.module:
        tutorial = ["--python-script", str(Path(__file__).with_name("follow_tutorial.py")), str(folder)]
        results["Tutorial of the README"] = run(arguments.slicer, tutorial, arguments.timeout)
    for name, status in results.items():
        print(f"{name}: {'passed' if status == 0 else f'failed with status {status}'}")
    print(f"pictures: {', '.join(sorted(path.name for path in folder.glob('*.png'))) or 'none'} in {folder}")
    return max(abs(status) for status in results.values())


def check_module(slicer: Path, name: str, folder: Path, timeout: float) -> dict[str, int]:
    """Run the self test of a module, without and with the main window, and photograph its panel."""
    self_test = ["--python-code", SELF_TEST.format(folders=module_folders(), name=name)]
    photographs = ["--python-script", str(Path(__file__).with_name(MODULES[name])), str(folder)]
    return {
        f"{name}: self test": run(slicer, ["--no-main-window", *self_test], timeout),
        f"{name}: self test with main window": run(slicer, self_test, timeout),
        f"{name}: photographs": run(slicer, photographs, timeout),
    }


def module_folders() -> list[str]:
    return [str(REPOSITORY / name) for name in MODULES]


def run(slicer: Path, options: list[str], timeout: float) -> int:
    """Start Slicer with the modules and return its exit status."""
    quiet = ["--testing", "--no-splash", "--ignore-slicerrc"]
    command = [str(slicer), *quiet, "--additional-module-paths", *module_folders(), *options]
    print("+", " ".join(command), flush=True)
    try:
        return subprocess.run(command, check=False, timeout=timeout).returncode
    except subprocess.TimeoutExpired:
        print(f"not done after {timeout} s", file=sys.stderr)
        return 124


if __name__ == "__main__":
    sys.exit(main())
