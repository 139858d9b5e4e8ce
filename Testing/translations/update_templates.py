"""Write the translation templates of the modules: `Resources/Translations/NAME_en-US.ts`.

    python Testing/translations/update_templates.py

Goes the way of Utilities/Scripts/update_translations.py of Slicer's sources: in a copy of the module, `_("text")`
becomes `translate("context", "text")`, and Qt's `lupdate` gathers the texts of code and panels. Translators copy the
template to `NAME_fr.ts` (or another language), fill it in with Qt Linguist and add it to SlicerLanguageTranslations.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from translations.source_texts import MODULES, context_of, python_files

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    for module in MODULES:
        path = template_path(module)
        path.parent.mkdir(exist_ok=True)
        path.write_text(template(module), encoding="utf-8", newline="\n")
        print(f"Wrote {path.relative_to(REPOSITORY)}")


def template_path(module: str) -> Path:
    """Return the file of a module's template."""
    return REPOSITORY / module / "Resources" / "Translations" / f"{module}_en-US.ts"


def template(module: str) -> str:
    """Return the template of a module as it should be now."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / module
        shutil.copytree(REPOSITORY / module, copy, ignore=shutil.ignore_patterns("__pycache__", "*.ts"))
        for file in python_files(copy):
            file.write_text(with_contexts(file), encoding="utf-8")
        return _run_lupdate(Path(folder), module)


def with_contexts(file: Path) -> str:
    """Return the code of a file with the context written into every `_()`, which `lupdate` understands."""
    code = file.read_text(encoding="utf-8")
    lines = [line.encode() for line in code.splitlines(keepends=True)]  # columns of the tree count bytes
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and _is_marker(node.func)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset), reverse=True):
        line, start = lines[call.lineno - 1], call.col_offset
        opening = f'translate("{context_of(file)}", '.encode()
        lines[call.lineno - 1] = line[:start] + opening + line[start + len("_(") :]
    return b"".join(lines).decode()


def compiled(file: Path) -> Path:
    """Compile a translation, as Slicer's build does, and return the file that applications load."""
    output = file.with_suffix(".qm")
    _run("pyside6-lrelease", "-silent", str(file), "-qm", str(output))
    return output


def _is_marker(function: ast.AST) -> bool:
    return isinstance(function, ast.Name) and function.id == "_"


def _run_lupdate(folder: Path, module: str) -> str:
    files = sorted(str(path) for path in folder.rglob("*") if path.suffix in (".py", ".ui"))
    output = folder / f"{module}_en-US.ts"
    _run("pyside6-lupdate", "-silent", "-locations", "none", *files, "-ts", str(output))
    return output.read_text(encoding="utf-8")


def _run(program: str, *arguments: str) -> None:
    executable = shutil.which(program, path=str(Path(sys.executable).parent))
    if executable is None:
        raise SystemExit(f"{program} is missing: pip install PySide6-Essentials")
    done = subprocess.run([executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
