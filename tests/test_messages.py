"""The message catalogue: both languages whole, every key and code that the program uses is there with what fills it."""

import ast
from functools import cache
from pathlib import Path

import pytest

import pipeline
from pipeline import messages
from pipeline.corpus import dictionary
from pipeline.corpus.tables import SCHEMAS
from pipeline.errors import InputError, UsageError
from pipeline.messages import LANGUAGES, catalogue, explain, language, placeholders, problem, retold, say

ERRORS = ("KehoachError", "UsageError", "MissingError", "InputError")


def test_every_message_speaks_both_languages_with_the_same_placeholders():
    for key, texts in catalogue().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(text.strip() for text in texts.values()), key
        assert placeholders(texts["en"]) == placeholders(texts["vi"]), key


def test_problems_and_errors_end_a_sentence_and_say_what_to_do():
    for key, texts in catalogue().items():
        if key.startswith(("problem.", "error.")):
            assert all(text.rstrip().endswith(".") for text in texts.values()), key
        if key.startswith("problem."):
            assert placeholders(texts["en"]) <= {"detail"}, key
            assert len([s for s in texts["en"].replace("{detail}", "").split(". ") if s.strip()]) + texts["en"].count(";") >= 2, key


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every call in the package with the file and line it stands in."""
    found = []
    for path in sorted(Path(pipeline.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.append((f"{path.name}:{node.lineno}", node))
    return tuple(found)


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def constant(call: ast.Call, position: int, name: str) -> str | None:
    node = call.args[position] if len(call.args) > position else next((k.value for k in call.keywords if k.arg == name), None)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def lacking(names: tuple[str, ...], position: int, prefixes: tuple[str, ...]) -> tuple[list[str], int]:
    """What calls of `names` say without words for it, or without all that fills the words; and how many calls were looked at."""
    found, seen = [], 0
    for where, call in calls():
        key = constant(call, position, "code" if names == ("Problem",) else "key") if called(call) in names else None
        if key is None:
            continue
        seen += 1
        texts = next((catalogue()[p + key] for p in prefixes if messages.known(p + key)), None)
        given = {k.arg for k in call.keywords}
        if texts is None:
            found.append(f"{where}: no message {' or '.join(p + key for p in prefixes)} in rules/messages.toml")
        elif None not in given and names != ("Problem",):  # no **args
            unfilled = placeholders(texts["en"]) - {"detail"} - given
            found += [f"{where}: {key}: nobody fills {unfilled}"] if unfilled else []
    return found, seen


def test_every_error_that_is_raised_has_its_message_and_what_fills_it():
    found, seen = lacking(ERRORS, 0, ("error.", "problem."))
    assert not found and seen >= 5


def test_every_problem_that_is_made_has_its_message():
    found, seen = lacking(("Problem",), 2, ("problem.",))
    assert not found and seen >= 1


def test_every_key_that_is_said_is_known():
    found, seen = lacking(("say", "_say"), 0, ("",))
    assert not found and seen >= 5


def test_every_table_and_column_is_labelled_and_described():
    for name, schema in SCHEMAS.items():
        for lang in LANGUAGES:
            assert say(f"table.{name}", lang)
            for column in schema.columns:
                assert say(f"label.{column}", lang) and dictionary.description(name, column, lang)


def test_no_column_is_described_that_is_not_there():
    for key in catalogue():
        if key.startswith("column."):
            _, table, column = key.split(".")
            assert any(column in s.columns for s in SCHEMAS.values()) if table == "any" else column in SCHEMAS[table].columns, key


def test_an_unknown_key_or_an_unfilled_placeholder_is_a_bug():
    with pytest.raises(KeyError):
        say("error.never_heard_of", "en")
    with pytest.raises(KeyError):
        say("error.no_corpus", "vi")


def test_errors_are_said_in_either_language():
    error = UsageError("unknown_setting", key="ocr.pms", near="ocr.psm")
    assert "ocr.psm" in explain(error, "en") and "ocr.psm" in explain(error, "vi") and explain(error, "en") != explain(error, "vi")
    assert explain(InputError("empty_file"), "en") == say("problem.empty_file", "en")
    assert explain(InputError("password", path="x.pdf"), "vi") == "x.pdf: " + problem("password", lang="vi")
    assert "(width 1, height 2)" in explain(InputError("too_small_image", path="x.png", width=1, height=2), "en")


@pytest.mark.parametrize("text", ["", "It begins with “MZ”."])
@pytest.mark.parametrize("code", ["unsupported", "blank_page", "duplicate_file", "bad_record"])
def test_a_row_of_problems_is_told_in_the_language_of_the_screen(code, text):
    assert retold(code, problem(code, text), "vi") == problem(code, text, "vi")
    assert retold(code, problem(code, text), "en") == problem(code, text)


def test_a_code_without_words_does_not_stop_the_night():
    assert "odd_code: why" in problem("odd_code", "why") and problem("odd_code").startswith(problem("internal").split(".")[0])


def test_a_row_of_another_version_stays_as_it_is():
    assert retold("blank_page", "Words of old.", "vi") == "Words of old." and retold("never_heard_of", "Words.", "vi") == "Words."


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        (None, {}, "en"),
        (None, {"LANG": "vi_VN.UTF-8"}, "vi"),
        (None, {"LANG": "vi"}, "vi"),
        (None, {"LANG": "en_US.UTF-8"}, "en"),
        (None, {"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "C", "LC_ALL": "", "LC_MESSAGES": "vi_VN"}, "vi"),
        (None, {"LANG": "vie"}, "en"),
        ("vi", {"LANG": "C"}, "vi"),
        ("EN", {"LANG": "vi_VN"}, "en"),
    ],
)
def test_language(option, environ, expected):
    assert language(option, environ) == expected


def test_a_language_that_is_none_is_refused():
    with pytest.raises(UsageError, match="unknown_language"):
        language("fr", {})
