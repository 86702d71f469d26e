"""search, query, status, export as they are typed: what they print, in both languages, and their exit codes."""

import csv
import io
import json

import pytest
from export_records import OPEN, SECRET, corpus
from rich.cells import cell_len
from typer.testing import CliRunner

from pipeline import aligned, query, status
from pipeline.build import Request, build
from pipeline.cli import app
from pipeline.corpus import store
from pipeline.document import to_json
from pipeline.ledger import FileState, Intake
from pipeline.messages import LANGUAGES
from pipeline.progress import Progress
from pipeline.settings import Settings


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus")
    store.write(corpus(), out)
    return out


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


# ------------------------------------------------------------------------------------------------ aligned rows


def test_columns_line_up_whatever_stands_in_them():
    text = aligned.aligned(("a", "số"), [("Điều", 7), ("中文", 1234), (None, None), ("e\x1b[2J\u202e\n", 1)])
    lines = text.splitlines()
    assert {cell_len(line) for line in lines if line[-1:].isdigit()} == {cell_len(lines[1])} and len(lines) == 6
    assert not any(c in text for c in "\x1b\u202e") and lines[2].endswith("   7")


@pytest.mark.parametrize("width", [40, 60, 200])
def test_the_widest_columns_give_way_to_the_window(width):
    text = aligned.aligned(("id", "dài", "dài hơn"), [("1234567890", "x" * 90, "y" * 300), ("1", "x", "y")], width)
    assert max(map(cell_len, text.splitlines())) <= width and "1234567890" in text and text.count("…") in (1, 2)


@pytest.mark.parametrize(
    ("text", "words", "held"),
    [
        ("x " * 100 + "Ủy ban nhân dân tỉnh " + "y " * 100, "uy ban", "Ủy ban nhân dân"),
        ("x " * 100 + "đánh giá", "ĐÁNH", "đánh giá"),
        ("Kế hoạch " + "x " * 100, "hoach", "Kế hoạch"),
        ("x " * 100, "khong", "x x"),
    ],
)
def test_a_snippet_shows_the_words_that_were_looked_for(text, words, held):
    found = query.snippet(text, words, 60)
    assert held in found and len(found) <= 60 and found.replace("…", "").strip() in text
    assert query.snippet("ngắn", words, 60) == "ngắn"


# ------------------------------------------------------------------------------------------------ search, query


@pytest.mark.parametrize("words", ["trạm y tế", "tram y te", "TRẠM Y TẾ", "trạm y tế"])
def test_search_prints_number_page_line_and_words(out, words):
    result = run("search", words, "--corpus-dir", out, "--lang", "vi")
    heading, _, hit = result.stdout.splitlines()
    assert "Số, ký hiệu" in heading and "45/KH-SYT" in hit and "trạm y tế" in hit
    assert hit.split()[2:4] == ["1", "5"] and "Tìm thấy 1 trang" in result.stderr


@pytest.mark.parametrize("width", [70, 90])
def test_found_words_stay_in_sight_in_a_narrow_window(out, width):
    hits = query.search(out, "tram y te")
    text = query.render(hits, "tram y te", "vi", width)
    assert max(map(cell_len, text.splitlines())) <= width and "trạm y tế" in text


def test_search_as_json_with_a_limit_and_secret_documents_on_demand(out):
    assert json.loads(run("search", "hanh", "khô", "--json", "--corpus-dir", out).stdout) == []
    (hit,) = json.loads(run("search", "hanh", "khô", "--json", "--include-secret", "--corpus-dir", out).stdout)
    assert hit["plan_id"] == SECRET and hit["line"] == 1
    result = run("search", "ke hoach", "--limit", 1, "--corpus-dir", out, "--lang", "en")
    assert len(result.stdout.splitlines()) == 3 and "--limit" in result.stderr


def test_query_as_a_table_as_csv_and_as_json(out):
    sql = "SELECT number, issue_date, pages FROM plans WHERE number LIKE '%SYT' OR number IS NULL ORDER BY number DESC"
    lines = run("query", sql, "--corpus-dir", out).stdout.splitlines()
    assert lines[0].split() == ["number", "issue_date", "pages"] and "45/KH-SYT  2024-03-11" in lines[2]
    assert list(csv.reader(io.StringIO(run("query", sql, "--csv", "--corpus-dir", out).stdout)))[1] == ["45/KH-SYT", "2024-03-11", "2"]
    assert json.loads(run("query", sql, "--json", "--corpus-dir", out).stdout)[-1] == {"number": None, "issue_date": None, "pages": 2}
    assert json.loads(run("query", "SELECT 1 AS a, 2 AS a, 3 AS a", "--json", "--corpus-dir", out).stdout) == [{"a": 1, "a_2": 2, "a_3": 3}]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("query", "SELEC"), "docs/tables.md"),
        (("query", "DELETE FROM plans"), "docs/tables.md"),
        (("query", "SELECT 1", "--csv", "--json"), "--csv"),
        (("search", "--", "- /"), "- /"),
        (("search", "x", "--limit", "0"), "limit"),
    ],
)
def test_wrong_questions_end_with_code_2(out, arguments, told):
    assert told in run(arguments[0], "--corpus-dir", out, *arguments[1:], code=2).output


# ------------------------------------------------------------------------------------------------ export


@pytest.mark.parametrize("lang", LANGUAGES)
def test_export_writes_files_and_says_what_stayed_out(out, tmp_path, lang):
    target = tmp_path / "sâu" / "lịch.ics"
    result = run("export", out, "--to", "ics", "-o", target, "--lang", lang)
    assert target.read_bytes().startswith(b"BEGIN:VCALENDAR") and result.stdout == ""
    assert "--include-secret" in result.stderr and str(target) in result.stderr
    assert ("không có ngày cụ thể" in result.stderr) == (lang == "vi") and "khi có yêu cầu" in result.stderr
    run("export", out, "--to", "csv", "-o", tmp_path / "bảng")
    assert (tmp_path / "bảng" / "tasks.excel.csv").is_file()


def test_export_to_standard_output(out):
    assert run("export", out, "--to", "jsonl").stdout == run("export", out, "--to", "jsonl", "-o", "-").stdout != ""


@pytest.mark.parametrize("arguments", [("--to", "xlsx"), ("--to", "doc", "-o", "x"), ("-o", "x"), ("--to", "json", "-o", "OUT/x")])
def test_export_says_what_is_wrong(out, arguments):
    run("export", out, *(a.replace("OUT", str(out)) for a in arguments), code=2)
    assert not (out / "x").exists()


# ------------------------------------------------------------------------------------------------ status


@pytest.mark.parametrize("lang", LANGUAGES)
def test_status_shows_problems_and_the_review_queue_secret_first(out, lang):
    state = status.status(out)
    assert (state.documents, state.plans, state.next, state.raw) == (6, 4, None, None)
    assert [w.plan_id for w in state.review][0] == SECRET and OPEN not in [w.plan_id for w in state.review]
    assert state.problems[0].level == "error" and sum(c.count for c in state.problems) == len(store.read(out).problems)
    text = run("status", out, "--lang", lang).stdout
    assert ("Văn bản chờ xem lại: 2" if lang == "vi" else "wait for review: 2") in text and "number_unsure" in text
    assert ("lỗi" in text) == (lang == "vi") and "{" not in text
    _, kinds, _ = status.render(state, lang, 60).split("\n\n")
    assert max(map(len, kinds.splitlines())) <= 60 < len(kinds)


def test_status_as_json(out):
    told = json.loads(run("status", out, "--json").stdout)
    assert told["tasks"] == 44 and told["next"] is None and told["review"][0]["secrecy"] == "MẬT"


def test_status_says_what_a_build_would_do_and_changes_nothing(tmp_path):
    raw, made = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    text = "KẾ HOẠCH\nTuyên truyền pháp luật năm 2024\n\nI. NỘI DUNG\n- Phòng Tư pháp tổ chức 02 hội nghị trong quý II/2024.\n"
    (raw / "a.txt").write_text(text, encoding="utf-8")
    (raw / "rỗng.pdf").write_bytes(b"")
    build(Request(raw, made, Settings()), Progress(lambda key, **_: key, quiet=True))
    before = {p: p.stat().st_mtime_ns for p in made.rglob("*")}
    state = status.status(made)
    assert (state.inputs, state.unusable, state.gone, state.documents) == (2, 1, 0, 1) and state.raw == str(raw)
    assert state.next == status.Next(skip=2)
    (raw / "b.txt").write_text(text + "- Văn phòng theo dõi.\n", encoding="utf-8")
    assert status.status(made).next == status.Next(new=1, skip=2)
    assert {p: p.stat().st_mtime_ns for p in made.rglob("*")} == before
    run_file = made / "run.json"
    run_file.write_text(run_file.read_text().replace('"review_below": 0.6', '"review_below": 0.7'))
    state = status.status(made)
    assert state.next == status.Next(new=1, redo=1, skip=1, why="extract: settings") and "extract: settings" in status.render(state, "en")
    raw.rename(tmp_path / "elsewhere")
    gone = status.status(made)
    assert gone.next.refused.key == "raw_missing" and str(raw) in status.render(gone, "vi")
    run_file.write_text(run_file.read_text().replace('"dpi"', '"of_another_version"'))
    assert status.status(made).next.refused.key == "raw_missing"
    run_file.write_text("[broken")
    assert status.status(made).raw is None


def test_inputs_are_counted_from_the_ledger(out, tmp_path):
    store.write(corpus(), tmp_path)
    (tmp_path / ".work").mkdir()
    states = [FileState(f"{n}.pdf", 1, 1) for n in range(3)]
    intakes = (Intake((states[0],), "", None, "empty_file"), Intake((states[1],), "", None, gone=True), Intake((states[2],), "", None))
    (tmp_path / ".work" / "inputs.json").write_bytes(to_json(intakes))
    state = status.status(tmp_path, ask_build=False)
    assert (state.inputs, state.unusable, state.gone) == (3, 1, 1)


@pytest.mark.parametrize("command", [("search", "x", "--corpus-dir"), ("query", "SELECT 1", "--corpus-dir"), ("status",)])
def test_no_corpus_is_said_in_the_chosen_language(tmp_path, command):
    result = run(*command, tmp_path, "--lang", "vi", code=2)
    assert "Không có kho dữ liệu" in result.stderr and result.stdout == ""


REQUIRED = {"read": 1, "search": 1, "query": 1, "show": 1, "evaluate": 2}  # arguments without which a command is refused


@pytest.mark.parametrize("name", [command.name for command in app.registered_commands])
def test_every_command_takes_the_common_options(name):
    asked = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"})
    assert asked.exit_code == 0 and not {"--lang", "--log-json", "--settings", "--set"} - set(asked.output.split())
    arguments = [name, *["x"] * REQUIRED.get(name, 0), "--lang", "vi", "--log-json", "--set", "ocr.pms=4"]
    wrong = CliRunner().invoke(app, arguments)
    assert wrong.exit_code == 2 and wrong.stdout == ""
    told = json.loads(wrong.stderr)
    assert told["event"] == "error" and "ocr.psm" in told["text"] and "gần nhất" in told["text"]
