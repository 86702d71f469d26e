"""How the tables and the search grow with the corpus: `python tests/bench_corpus.py PICTURE.svg COUNT…` (invented plans of `bulk_records`).

For each count, in a process of its own: wall and CPU seconds and peak memory of the tables, from stored records to Parquet, CSV and
corpus.sqlite with its full text; then the times of 100 searches, rare and frequent. A line of JSON a count, and a picture of all.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bulk_records import WORDS, Bulk

from pipeline.corpus import rows, store
from pipeline.query import search

QUERIES = 100


def tables(count: int, out: Path) -> dict[str, float]:
    """Writes the tables of `count` plans to `out`, and what it cost."""
    shelf = Bulk(count)
    shelf.stored(0, 0)  # draws the templates
    wall, cpu = time.perf_counter(), time.process_time()
    rows.without_bad(shelf, (), lambda parts: store.write_parts(parts, out))
    told = {"plans": count, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told["written_mb"] = sum(p.stat().st_size for p in out.rglob("*") if p.is_file()) / 1e6
    return told


def searches(count: int, out: Path) -> dict[str, float]:
    """Milliseconds of searches for words from the most frequent to names that one plan holds."""
    dice = random.Random(3)
    asked = [WORDS[int(len(WORDS) ** (k / (QUERIES // 2)))] for k in range(QUERIES // 2)]
    bulk = Bulk(count)
    asked += [bulk.own(dice.randrange(count))[b"R0"].decode() for _ in range(QUERIES - len(asked))]
    times = []
    for word in asked:
        start = time.perf_counter()
        search(out, word)
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return {"search_median_ms": statistics.median(times), "search_90_ms": times[9 * QUERIES // 10], "search_worst_ms": times[-1]}


def picture(told: list[dict[str, float]], path: Path) -> None:
    """CPU seconds, wall seconds and memory over the number of plans."""
    from matplotlib.figure import Figure

    plans = [t["plans"] for t in told]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, mark in (("wall", "o-"), ("cpu", "s--")):
        left.plot(plans, [t[name] for t in told], mark, label=f"{name}, s")
    right.plot(plans, [t["peak_mb"] for t in told], "o-", color="tab:green", label="peak memory, MB")
    for axes in (left, right):
        axes.set(xlabel="plans", xlim=0, ylim=0)
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def measure(count: int) -> dict[str, float]:
    """One count in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        for what in ("tables", "searches"):
            told = subprocess.run([sys.executable, __file__, what, str(count), out], check=True, stdout=subprocess.PIPE).stdout
            (Path(out) / f"{what}.json").write_bytes(told)
        return json.loads((Path(out) / "tables.json").read_bytes()) | json.loads((Path(out) / "searches.json").read_bytes())


if __name__ == "__main__":
    if sys.argv[1] in ("tables", "searches"):
        work = tables if sys.argv[1] == "tables" else searches
        print(json.dumps({k: round(v, 2) for k, v in work(int(sys.argv[2]), Path(sys.argv[3])).items()}))
    else:
        made = []
        for number in sys.argv[2:]:
            made.append(measure(int(number)))
            print(json.dumps(made[-1]), flush=True)
            picture(made, Path(sys.argv[1]))
