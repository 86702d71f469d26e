"""The notebooks run from top to bottom on a corpus, and git holds them without outputs."""

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from pipeline.corpus import store, tabulate
from pipeline.document import Citation, Deadline, Evidence, Plan, Problem, Record, Task

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "samples"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def evidence(raw: str | None) -> Evidence:
    """A place on page 1; where the samples' facts really stand is for a build to find."""
    return Evidence(1, 1, 1, None, raw or "", 0.9, "gold")


def records_of(path: Path) -> list[Record]:
    """The hand-made truth of one sample as the records of a perfect reader."""
    name = path.name.removesuffix(".gold.json")
    plan_id = hashlib.sha256(name.encode()).hexdigest()[:12]
    records = []
    for k, gold in enumerate(json.loads(path.read_text(encoding="utf-8"))["documents"], 1):
        record_id = plan_id if k == 1 else f"{plan_id}-{k}"
        facts: dict[str, Any] = {t: gold.get(t, []) for t in ("citations", "tasks", "deadlines")}
        records.append(
            Record(
                Plan(record_id, name, needs_review=gold["plan"]["number"] is None, review_reasons=("number_missing",), **gold["plan"]),
                citations=tuple(
                    Citation(**c, cited_uri=None, cited_plan_id=None, evidence=evidence(c["cited_id"])) for c in facts["citations"]
                ),
                tasks=tuple(
                    Task(
                        **{**t, "targets": ()} | {k: tuple(t[k]) for k in ("responsible", "coordinating", "reports_to")},
                        evidence=evidence(t["text"]),
                    )
                    for t in facts["tasks"]
                ),
                deadlines=tuple(
                    Deadline(**{k: v for k, v in d.items() if k != "raw"}, evidence=evidence(d["raw"])) for d in facts["deadlines"]
                ),
                problems=(Problem("warning", "extract", "number_missing"),) if gold["plan"]["number"] is None else (),
            )
        )
    return records


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of the ten samples, as their truth says."""
    out = tmp_path_factory.mktemp("corpus")
    store.write(tabulate([r for path in sorted(SAMPLES.glob("*.gold.json")) for r in records_of(path)], {}, ()), out)
    return out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs(path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHOACH_CORPUS", str(corpus))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": path.parent}}).execute()
    shown = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    assert not [o for o in shown if o.output_type == "stream" and o.name == "stderr"]
    text = "\n".join(str(o.get("text", "")) + str(o.get("data", {}).get("text/plain", "")) for o in shown)
    if path.stem == "corpus_at_a_glance":
        assert "11 văn bản" in text and "42/KH-UBND" in text and "FREQ=WEEKLY" in text
        assert sum("image/png" in o.get("data", {}) for o in shown) == 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
