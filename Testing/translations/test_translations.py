"""Every text that a user sees can be translated."""

from __future__ import annotations

import ast
import re
import string
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from translations.source_texts import (
    MODULES,
    desktop_files,
    marked_texts,
    python_files,
    shown_literals,
    texts_in_f_strings,
    unmarked_texts,
)

WORDS = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}")
PATTERN = re.compile(r"[\\|^]")  # in expressions that messages of other programs are searched with
NAMES = {"Speckle2Self Training", "The SlicerSpeckle2Self developers"}


@pytest.fixture(params=MODULES)
def module_folder(repository: Path, request: pytest.FixtureRequest) -> Path:
    folder: Path = repository / request.param
    return folder


def _places(file: Path, texts: list[ast.Constant]) -> list[str]:
    return [f"{file.name}:{text.lineno}: {text.value!r}" for text in texts]


def test_no_sentence_for_the_user_is_left_without_translation(module_folder: Path) -> None:
    found = []
    for file in desktop_files(module_folder):
        texts = unmarked_texts(ast.parse(file.read_text(encoding="utf-8")))
        shown = [text for text in texts if WORDS.search(text.value) and not PATTERN.search(text.value)]
        found += _places(file, [text for text in shown if text.value not in NAMES])
    assert found == []


def test_no_word_is_put_into_a_widget_without_translation(module_folder: Path) -> None:
    found = []
    for file in desktop_files(module_folder):
        texts = shown_literals(ast.parse(file.read_text(encoding="utf-8")))
        found += _places(file, [t for t in texts if re.search("[A-Za-z]{2,}", t.value) and t.value not in NAMES])
    assert found == []


def test_the_two_checks_above_find_what_they_look_for() -> None:
    tree = ast.parse(
        'def f(ui):\n    """Not this."""\n    ui.a.text = "Word" if ui else _("Marked")\n'
        '    ui.b.addItem("Other", "data")\n    raise ValueError("not this one")\n    return f"{ui} of them are done"\n'
    )
    assert {text.value for text in shown_literals(tree)} == {"Word", "Other", "data"}
    assert [text.value for text in unmarked_texts(tree) if WORDS.search(text.value)] == [" of them are done"]


def test_only_plain_texts_are_marked(module_folder: Path) -> None:
    """A text that is put together inside of `_()` is in no translation."""
    texts = [text for file in python_files(module_folder) for text in marked_texts(file)]
    assert texts
    assert [f"{text.file.name}:{text.line}" for text in texts if not text.text] == []


def test_no_text_is_marked_inside_of_an_f_string(module_folder: Path) -> None:
    found = [f"{file.name}:{line}" for file in python_files(module_folder) for line in texts_in_f_strings(file)]
    assert found == [], "lupdate does not look there: take the text out of the f-string"


def test_placeholders_are_filled_by_their_names(module_folder: Path) -> None:
    for file in python_files(module_folder):
        for text in marked_texts(file):
            if text.format_names is not None and "**" not in text.format_names:
                names = {name for _, name, *_ in string.Formatter().parse(text.text or "") if name is not None}
                assert names == text.format_names, f"{file.name}:{text.line}"


def _template(module_folder: Path) -> dict[str, list[str]]:
    """Texts of the template by context."""
    path = module_folder / "Resources" / "Translations" / f"{module_folder.name}_en-US.ts"
    contexts = ElementTree.parse(path).getroot().iter("context")
    return {str(one.findtext("name")): [str(text.text) for text in one.iter("source")] for one in contexts}


def test_the_template_has_every_text_of_the_code_in_its_context(module_folder: Path) -> None:
    template = _template(module_folder)
    for file in python_files(module_folder):
        missing = [t.text for t in marked_texts(file) if t.text not in template.get(t.context, [])]
        assert missing == [], f"{file.name}: run make translations"


def test_the_template_has_every_text_of_the_panels_in_its_context(module_folder: Path) -> None:
    template = _template(module_folder)
    for file in (module_folder / "Resources" / "UI").glob("*.ui"):
        root = ElementTree.parse(file).getroot()
        private = {id(text) for strings in root.iter("stringlist") if strings.get("notr") for text in strings}
        marked = (text for text in root.iter("string") if id(text) not in private and not text.get("notr"))
        texts = [text.text for text in marked if text.text]
        assert texts
        missing = [text for text in texts if text not in template.get(str(root.findtext("class")), [])]
        assert missing == [], f"{file.name}: run make translations"


def test_the_template_is_what_lupdate_makes_of_the_module(module_folder: Path) -> None:
    pytest.importorskip("PySide6", reason="lupdate comes with PySide6")
    from translations.update_templates import template, template_path

    assert template_path(module_folder.name).read_text(encoding="utf-8") == template(module_folder.name), (
        "out of date: run make translations"
    )


def test_a_translation_is_found_by_the_names_that_slicer_looks_for(module_folder: Path, tmp_path: Path) -> None:
    """The template, filled in and compiled by Qt, translates under the context that slicer.i18n makes of a file."""
    core = pytest.importorskip("PySide6.QtCore")
    from translations.update_templates import compiled, template_path

    tree = ElementTree.parse(template_path(module_folder.name))
    for message in tree.getroot().iter("message"):
        translation = message.find("translation")
        assert translation is not None
        translation.text = f"<{message.findtext('source')}>"
        del translation.attrib["type"]
    tree.write(tmp_path / "filled.ts", encoding="utf-8", xml_declaration=True)
    translator = core.QTranslator()
    assert translator.load(str(compiled(tmp_path / "filled.ts")))
    texts = [text for file in desktop_files(module_folder) for text in marked_texts(file)]
    for text in texts:
        assert translator.translate(text.context, text.text or "") == f"<{text.text}>", f"{text.file.name}:{text.line}"
