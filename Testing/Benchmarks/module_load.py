"""How many milliseconds the modules cost when Slicer starts: importing a script and making its module object.

    python Testing/Benchmarks/module_load.py [--runs 15] [--json FILE]

Every run is a fresh process in which the stand-ins for the desktop (Testing/standins) are in place already, so that
only what is ours counts. The first runs are not counted: they fill the file cache and write the compiled files.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = ("Speckle2Self", "Speckle2SelfTraining")
LIMIT_MS = 50
HEAVY = ("torch", "monai", "numpy", "scipy", "SimpleITK", "pydicom", "matplotlib", "skimage")
CODE = """
import json, sys, tempfile, time
from pathlib import Path
from types import SimpleNamespace
repository, name, heavy = Path(sys.argv[1]), sys.argv[2], sys.argv[3].split()
sys.path[:0] = [str(repository / part) for part in ("Testing", "Speckle2Self", "Speckle2SelfTraining")]
from standins import desktop
desktop.install(Path(tempfile.mkdtemp()))
before = set(sys.modules)
start = time.perf_counter()
script = __import__(name)
imported = time.perf_counter()
described = getattr(script, name)(SimpleNamespace(path=script.__file__))
getattr(described, "setup", lambda: None)()
made = time.perf_counter()
new = {module.partition(".")[0] for module in set(sys.modules) - before}
print(json.dumps({"import": 1000 * (imported - start), "construct": 1000 * (made - imported),
                  "loaded": sorted(new & set(heavy)), "files": len(set(sys.modules) - before)}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--warm-ups", type=int, default=2, help="runs before those that count")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    figures = {name: measure(name, arguments.warm_ups, arguments.runs) for name in MODULES}
    print("| module | import, ms | object, ms | fastest to slowest, ms | Python modules | heavy ones |")
    print("|---|---|---|---|---|---|")
    for name, one in figures.items():
        spread = f"{one['fastest']:.1f} to {one['slowest']:.1f}"
        loaded = ", ".join(one["loaded"]) or "none"
        print(f"| {name} | {one['import']:.1f} | {one['construct']:.1f} | {spread} | {one['files']} | {loaded} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return max(one["import"] > LIMIT_MS or bool(one["loaded"]) for one in figures.values())


def measure(name: str, warm_ups: int, runs: int) -> dict:
    """Return the medians of several fresh processes."""
    measured = [load_once(name) for _run in range(warm_ups + runs)][warm_ups:]
    imports = [one["import"] for one in measured]
    return {
        "import": statistics.median(imports),
        "construct": statistics.median(one["construct"] for one in measured),
        "fastest": min(imports),
        "slowest": max(imports),
        "files": measured[0]["files"],
        "loaded": measured[0]["loaded"],
    }


def load_once(name: str) -> dict:
    """Load one module in a fresh process and return what it cost."""
    command = [sys.executable, "-c", CODE, str(REPOSITORY), name, " ".join(HEAVY)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
