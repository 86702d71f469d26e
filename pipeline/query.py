"""Questions to a corpus: full text (`search`) and SQL (`query`), both over OUT/corpus.sqlite, which is only read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from pipeline.aligned import GAP, aligned
from pipeline.corpus.database import FILE, exact, folded
from pipeline.errors import UsageError
from pipeline.messages import Lang, say

SNIPPET, NARROW = 120, 24  # characters of a found line where nothing bounds it, and at least
RANKED = 2_000  # pages that are put in order of how well they fit; a word that more pages hold tells none of them from the others
_TERM = re.compile(r'"([^"]*)"|(\S+)')  # a phrase in quotes, or a run without blanks
_WORD = re.compile(r"\w+")
# The file is opened so that nothing can change it; these would reach other files or steer the connection. FTS5 asks data_version itself.
_REFUSED = (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_CREATE_TEMP_TABLE, sqlite3.SQLITE_CREATE_TEMP_VIEW)
_PRAGMAS = ("data_version", "table_info", "table_list")


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that holds the words: its plan, the printed line with most of them, and that line's words."""

    plan_id: str
    number: str | None
    title: str | None
    issuing_authority: str | None
    issue_date: str | None
    source_path: str
    page: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a SQL query: names of columns, and rows of None, int, float and str."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """A dict a row; a column name that is there twice (a join) gets `_2`, so that no column is lost."""
        names: list[str] = []
        for name in self.columns:
            number, own = 1, name
            while own in names:
                number += 1
                own = f"{name}_{number}"
            names.append(own)
        return [dict(zip(names, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class _Term:
    """One word or phrase of a search, as the index holds it with and without diacritics."""

    exact: str
    folded: str
    prefix: bool

    @property
    def marked(self) -> bool:
        """Whether it was typed with diacritics (or đ), so that it is looked for with them."""
        return self.exact != self.folded

    def match(self, loosely: bool) -> str:
        """The term in the words of FTS5."""
        column, text = ("exact", self.exact) if self.marked and not loosely else ("folded", self.folded)
        return f'{column} : "{text}"' + ("*" if self.prefix else "")


def search(out: Path, words: str, limit: int = 50, include_secret: bool = False) -> list[Hit]:
    """The pages of the corpus that hold all `words`, best first; in order of the plans where more than `RANKED` pages do.

    A word typed without diacritics finds every spelling (`ke hoach`, `uy ban`: `kế hoạch`, `ủy ban`, `uỷ ban`; `d` finds `đ`); one typed
    with them finds only itself, in NFC or NFD and with the tone mark in either place. Where nothing holds them so, diacritics are
    left out of account. `"…"` holds a phrase together, as do the signs inside `78/KH-STP`; `thi*` is the beginning of a word.
    Documents with a secrecy mark stay out unless `include_secret`.

    Raises UsageError `no_words` where nothing can be looked for, `no_corpus` where OUT has no database.
    """
    terms = _terms(words)
    if not terms:
        raise UsageError("no_words", words=words)
    with _database(out) as db:
        found = _hits(db, terms, limit, include_secret, loosely=False)
        if not found and any(term.marked for term in terms):
            found = _hits(db, terms, limit, include_secret, loosely=True)
    return found


def snippet(text: str, words: str, room: int) -> str:
    """At most `room` characters of a line where most of `words` stand together, cut at blanks, with `…` for what is left out."""
    if len(text) <= room:
        return text
    bare, lead = folded(text), room // 3  # as long as the text
    ends = [(token, "" if term.prefix else r"(?!\w)") for term in _terms(words) for token in term.folded.split()]
    places = [(m.start(), token) for token, end in ends for m in re.finditer(rf"(?<!\w){re.escape(token)}{end}", bare)]
    # The window that holds most different words; of several the first.
    held = {at: len({token for place, token in places if at <= place < at + room - lead}) for at, _ in places}
    best = max(held, key=lambda at: (held[at], -at), default=0)
    start = max(0, best - lead)
    if start:
        start = text.find(" ", start) + 1 or start
    end = min(len(text), start + room - 2)
    if end < len(text):
        blank = text.rfind(" ", start, end)
        end = blank if blank > start + room // 2 else end
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def render(hits: Sequence[Hit], words: str, lang: Lang, width: int | None = None) -> str:
    """Hits for the screen: plan, number, page, line, and as much of the line around the words as `width` leaves room for."""
    heading = [say(f"label.{name}", lang) for name in ("plan_id", "number", "page", "line", "text")]
    lead = [(h.plan_id, h.number, h.page, h.line) for h in hits]
    room = SNIPPET
    if width is not None:
        taken = sum(max(cell_len("" if v is None else str(v)) for v in column) + len(GAP) for column in zip(heading, *lead, strict=False))
        room = max(NARROW, width - taken)
    return aligned(heading, [(*row, snippet(h.text, words, room)) for row, h in zip(lead, hits, strict=True)], width)


def query(out: Path, sql: str, limit: int | None = None) -> Answer:
    """The answer to one SELECT over the tables of the corpus; `fold(text)` drops diacritics and case there.

    Raises UsageError `bad_query` for SQL that is wrong or would change anything, `no_corpus` where OUT has no database.
    """
    with _database(out) as db:
        db.set_authorizer(_may)
        try:
            cursor = db.execute(sql)
            rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit)
        except (sqlite3.Error, sqlite3.Warning) as e:
            raise UsageError("bad_query", reason=e) from e
        return Answer(tuple(name for name, *_ in cursor.description or ()), tuple(rows))


def _may(action: int, first: str | None, *_: str | None) -> int:
    """Whether SQLite may do `action`, which it asks for each step of a query."""
    refused = action in _REFUSED or (action == sqlite3.SQLITE_PRAGMA and first not in _PRAGMAS)
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def _terms(words: str) -> list[_Term]:
    terms = []
    for match in _TERM.finditer(words):
        text = match[1] if match[1] is not None else match[2]
        tokens = " ".join(_WORD.findall(exact(text)))
        if tokens:
            terms.append(_Term(tokens, folded(tokens), text.endswith("*")))
    return terms


@contextmanager
def _database(out: Path) -> Iterator[sqlite3.Connection]:
    path = (out / FILE).resolve()
    if not path.is_file():
        raise UsageError("no_corpus", path=out)
    db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)  # replaced as a whole, never changed in place
    try:
        db.create_function("fold", 1, lambda text: None if text is None else folded(str(text)), deterministic=True)
        yield db
    except sqlite3.DatabaseError as e:
        if e.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise  # a bug of ours
        raise UsageError("no_corpus", path=out) from e
    finally:
        db.close()


_PAGES = """
SELECT p.plan_id, p.number, p.title, p.issuing_authority, p.issue_date, p.source_path, t.page
FROM full_text JOIN page_texts AS t ON t.id = full_text.rowid JOIN plans AS p ON p.plan_id = t.plan_id
WHERE full_text MATCH ? AND (p.secrecy IS NULL OR ?)
ORDER BY {order} full_text.rowid LIMIT ?
"""
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM full_text WHERE full_text MATCH ? LIMIT {RANKED + 1})"


def _hits(db: sqlite3.Connection, terms: list[_Term], limit: int, include_secret: bool, loosely: bool) -> list[Hit]:
    wanted = " AND ".join(term.match(loosely) for term in terms)
    (pages,) = db.execute(_COUNT, (wanted,)).fetchone()
    sql = _PAGES.format(order="full_text.rank," if pages <= RANKED else "")
    hits = []
    for plan_id, number, title, authority, date, path, page in db.execute(sql, (wanted, include_secret, limit)).fetchall():
        lines = db.execute(
            "SELECT line, text FROM lines WHERE plan_id = ? AND page = ? AND text IS NOT NULL ORDER BY line", (plan_id, page)
        )
        line, text = _best(lines.fetchall(), terms, loosely)
        hits.append(Hit(plan_id, number, title, authority, date, path, page, line, text))
    return hits


def _best(lines: Sequence[tuple[int, str]], terms: list[_Term], loosely: bool) -> tuple[int, str]:
    """The line that holds most words of a search, the first of several; a phrase that runs over its end counts by its words."""
    asked = [(term.exact if (marked := term.marked and not loosely) else term.folded, marked) for term in terms]
    page = "\n".join(text for _, text in lines)
    kept = exact(page).split("\n") if any(marked for _, marked in asked) else []
    bare = folded(page).split("\n")
    scores = [0] * len(lines)
    for words, marked in asked:
        for word in words.split():
            whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
            for k, text in enumerate(kept if marked else bare):
                scores[k] += word in text and whole.search(text) is not None
    return lines[scores.index(max(scores))]
