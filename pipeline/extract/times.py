"""Time words as dates, recurrence rules and anchor clauses: a pure function over a string.

Steps: what is no deadline is masked (dates of citations, anniversaries, periods, year words that qualify a noun); then lengths of time
with an anchor, events and guidance; then days and spans with what stands before and after them; then what repeats. All patterns stand in
rules/deadlines.toml.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from pipeline.extract.calendar import add_working_days
from pipeline.extract.durations import anchor_start, duration, shift
from pipeline.extract.expressions import Moment, TimeExpression, in_range, single, yearly
from pipeline.extract.kept import kept
from pipeline.extract.moments import Span, resolve
from pipeline.extract.numerals import number
from pipeline.extract.phrases import Phrase, phrase, role
from pipeline.extract.recurrence import FIXED, fixed_rule, listed_rules, plain_rule
from pipeline.text import fold, plain_dashes

RULES = "deadlines"
_TO = re.compile(r"\s?,?\s?(?:đến|tới|den|toi|-)(?:\s(?:hết|het|(?P<before>trước|truoc)(?: ngày)?))?\s?")
_AND = re.compile(r"\s?(?:,|;|và|va|, và|hoặc)\s?")
_CLAUSE_START = re.compile(r"(?:^|[.;:,(\n“\"-])\s*(?:và |va )?$")


_INSIDE = re.compile(r",?\s(?:trong )?giai đoạn (\d{4})\s?-\s?(\d{4})")  # `hằng năm, giai đoạn 2023-2025`
_HORIZON = re.compile(r"(?:phấn đấu|hoàn thành|xong|đạt|%|\d)\s?$", re.IGNORECASE)  # what may stand before `đến năm 2030` of a task


@kept
def read(text: str, ref: date | None, period: tuple[date, date] | None = None, due: bool = False) -> tuple[TimeExpression, ...]:
    """The time expressions of `text` in order of print, e.g. `trước ngày 25/4` with `ref` 2023-03-30 is by 2023-04-25, `<`.

    `ref` is the document's issue date; `period` the plan's own, which is no deadline; `due` says that the text is a cell under a
    heading such as `Thời hạn hoàn thành`, where a bare day is the last one.
    """
    return _Reader(_ROMAN.sub(_roman, plain_dashes(text)), ref, period, due).read()


_ROMAN = re.compile(r"(?<=\bquý )[IVl1|\]!]{2,3}(?=[\s/,;.]|$)", re.IGNORECASE)


def _roman(m: re.Match[str]) -> str:
    """A quarter in Roman figures of which strokes were misread (`II]` for III, `11` for II); anything else as it is. The length stays."""
    read = re.sub(r"[l1|\]!]", "I", m[0])
    return read if read in ("II", "III", "IV") else m[0]


_MEMBER = re.compile(r"\b(?:[IVX]+|\d+)\b", re.IGNORECASE)


def _members(moment: Moment) -> list[Moment]:
    """The members of `các tháng 6, 7 và 8`, each a moment of its own; [] where the words are no list."""
    groups = moment.match.groupdict()
    which = next((k for k in ("list", "list2") if groups.get(k)), None)
    if which is None:
        return []
    noun = "tháng" if moment.means == "month" else "quý"
    regex = phrase(RULES, f"moment.{moment.means}").regex
    year = groups.get("y") or groups.get("y2")
    found = list(_MEMBER.finditer(moment.match[which]))
    out: list[Moment] = []
    for k, n in enumerate(found):
        last = k == len(found) - 1
        one = regex.fullmatch(f"{noun} {n.group()}" + (f"/{year}" if year and last else ""))
        if one is None:
            return []
        begin, base = moment.start if k == 0 else moment.match.start(which) + n.start(), moment.match.start(which)
        end = moment.end if last else base + n.end()
        out.append(
            Moment(begin, moment.at if k == 0 else begin, end, moment.means, moment.lead if k == 0 else "", one, moment.rule, listed=k > 0)
        )
    return out


@cache
def _leads() -> tuple[tuple[Phrase, re.Pattern[str]], ...]:
    return tuple((p, re.compile(rf"(?<!\w)(?:{p.regex.pattern.removeprefix('(?i)')})\s?$", re.IGNORECASE)) for p in role(RULES, "lead"))


class _Reader:
    """One reading of one text; holds what is already spoken for."""

    def __init__(self, text: str, ref: date | None, period: tuple[date, date] | None, due: bool) -> None:
        self.text, self.ref, self.period, self.due = text, ref, period, due
        self.folded = fold(text)
        self.taken: list[tuple[int, int]] = []
        self.found: list[TimeExpression] = []

    def read(self) -> tuple[TimeExpression, ...]:
        if not self.text.strip():
            return ()
        whole = phrase(RULES, "guidance.whole").regex.fullmatch(self.text.strip())
        if whole:
            a = len(self.text) - len(self.text.lstrip())
            end = a + len(self.text.strip().rstrip(".;"))
            return (TimeExpression(a, end, "by_guidance", "guidance.whole", anchor=self.text[a:end]),)
        for p in role(RULES, "none"):
            for m in p.finds(self.text, self.folded):
                self._take(*m.span())
        self._guidance()
        self._offsets()
        self._events()
        self._fixed_repetitions()
        self._moments()
        self._repetitions()
        return tuple(sorted((t for t in self.found if not self._is_period(t)), key=lambda t: (t.start, t.end)))

    # -------------------------------------------------------------------------------------------- small things

    def _free(self, a: int, b: int) -> bool:
        """Whether nothing of `text[a:b]` is spoken for."""
        k = bisect.bisect_left(self.taken, (b,))
        return all(a >= y for _, y in self.taken[max(0, k - 1) : k])

    def _take(self, a: int, b: int) -> None:
        """`text[a:b]` is spoken for; spans that touch a taken one are joined with it, so that `taken` stays sorted and disjoint."""
        lo = bisect.bisect_left(self.taken, (a,))
        if lo and self.taken[lo - 1][1] >= a:
            lo -= 1
        hi = lo
        while hi < len(self.taken) and self.taken[hi][0] <= b:
            a, b = min(a, self.taken[hi][0]), max(b, self.taken[hi][1])
            hi += 1
        self.taken[lo:hi] = [(a, b)]

    def _begins(self, a: int, b: int) -> bool:
        """Whether the words are free and begin at the start of a word."""
        return not (a and self.text[a - 1].isalnum()) and self._free(a, b)

    def _add(self, t: TimeExpression) -> None:
        self.found.append(t)
        self._take(t.start, t.end)

    def _is_period(self, t: TimeExpression) -> bool:
        """The plan's own period however worded, and what was over before the year of the document."""
        own = self.period and (t.first, t.last) == (self.period[0].isoformat(), self.period[1].isoformat())
        if own and t.kind in ("window", "range", "exact"):
            return True
        past = t.kind in ("by", "window", "exact") and t.last is not None and self.ref is not None and t.last < f"{self.ref.year:04d}"
        return past and t.rule != "moment.enforcement_year"

    def _lead(self, at: int) -> tuple[int, str]:
        """Where the words before `at` begin that say how a day is meant, and what they mean; `(at, "")` for none."""
        before = self.text[max(0, at - 60) : at]
        best = (at, "")
        for p, regex in _leads():
            m = regex.search(before)
            if m and m.start() < len(before):
                begin = at - (len(before) - m.start())
                if begin < best[0] and self._free(begin, at):
                    best = (begin, p.means)
        return best

    def _clause(self, a: int, b: int) -> str:
        return self.text[a:b].strip(" ,")

    # -------------------------------------------------------------------------------------------- events

    def _guidance(self) -> None:
        for p in role(RULES, "guidance"):
            for m in p.finds(self.text, self.folded):
                if self._free(*m.span()):
                    end = m.start() + len(m.group().rstrip(" ,"))
                    self._add(TimeExpression(m.start(), end, "by_guidance", p.id, anchor=self._clause(m.start(), end)))

    def _offsets(self) -> None:
        for p in role(RULES, "offset"):
            for m in p.finds(self.text, self.folded):
                if not self._free(*m.span()):
                    continue
                n, unit = number(m["n"]), fold(m["u"])
                a = m.start() + len(m.group()) - len(m.group().lstrip())
                end = m.start() + len(m.group().rstrip(" ,"))
                anchor_words = self._clause(anchor_start(m), end)
                ahead = p.means == "ahead"
                day = self._anchor_day(m["anchor"])
                op = "<="
                if day is not None and unit != "gio":
                    last = shift(day, n, unit, -1 if ahead else 1)
                    next_day = add_working_days(day, 1) if "lam viec" in unit else day + timedelta(days=1)
                    first = None if ahead else next_day.isoformat()
                    self._add(TimeExpression(a, end, "relative", p.id, first, last.isoformat(), op))
                else:
                    length = f"anchor{'-' if ahead else '+'}{duration(n, unit)}"
                    self._add(TimeExpression(a, end, "relative", p.id, None, length, op, None, anchor_words))

    def _anchor_day(self, anchor: str) -> date | None:
        if self.ref and phrase(RULES, "anchor.issue").regex.fullmatch(anchor.strip(" ,.")):
            return self.ref
        for rule_id in ("moment.day", "moment.day_words"):
            m = phrase(RULES, rule_id).regex.match(anchor.strip())
            if m:
                span = resolve("day", m, self.ref, None)
                return span.first if span else None
        return None

    def _events(self) -> None:
        for p in role(RULES, "event"):
            for m in p.finds(self.text, self.folded):
                if not self._begins(*m.span()):
                    continue
                end = m.start() + len(m.group().rstrip(" ,"))
                op = "<" if p.means == "before" else None
                self._add(TimeExpression(m.start(), end, "conditional", p.id, None, None, op, None, self._clause(m.start(), end)))

    # -------------------------------------------------------------------------------------------- days and spans

    def _moments(self) -> None:
        hits: list[tuple[int, int, Phrase, re.Match[str]]] = []
        for p in role(RULES, "moment"):
            for m in p.finds(self.text, self.folded):
                if self._begins(*m.span()):
                    hits.append((m.start(), -m.end(), p, m))
        chain: list[Moment] = []
        at = 0
        for start, _, p, m in sorted(hits, key=lambda h: h[:2]):
            if start < at:
                continue
            at = m.end()
            lead_at, lead = self._lead(start)
            moment = Moment(lead_at, start, m.end(), p.means, lead, m, p.id)
            members = _members(moment)
            if members:
                if chain:
                    self._chain(chain)
                self._chain(members)
                chain = []
                continue
            if chain:
                between = self.text[chain[-1].end : start]
                to, listed = _TO.fullmatch(between), bool(_AND.fullmatch(between))
                if to or listed:
                    chain.append(replace(moment, start=start, lead="", to=bool(to), listed=listed, before=bool(to and to["before"])))
                    continue
                again = lead and lead == chain[0].lead and p.means == chain[0].means
                if again and _AND.fullmatch(self.text[chain[-1].end : lead_at]):  # `trước ngày 15/6 và trước ngày 15/12 hằng năm`
                    chain.append(replace(moment, listed=True))
                    continue
                self._chain(chain)
            chain = [moment]
        if chain:
            self._chain(chain)

    def _chain(self, chain: list[Moment]) -> None:
        """Days and spans that belong together: `từ ngày A đến ngày B`, `20/6 và 20/12 hằng năm`."""
        head, last = chain[0], chain[-1]
        tail = self._tail(last.end)
        words = {m.means for m in chain}
        dated = any("y" in m.match.groupdict() and m.match["y"] for m in chain)
        repeats = tail is not None and (tail[1].id == "tail.yearly" or not dated)
        headed = not dated and self._report_before(head.start)
        if not (repeats or headed) and not self._stands_alone(chain, words):
            return
        spans = self._resolve(chain)
        end = last.end + (tail[0] if repeats and tail else 0)
        k = 0
        while k < len(chain):
            this, span = chain[k], spans[k]
            after = chain[k + 1] if k + 1 < len(chain) else None
            lead = this.lead or (head.lead if this.listed else "")
            stop = end if k == len(chain) - 1 or (after and after.to and k + 1 == len(chain) - 1) else this.end
            if after is not None and after.to:
                other = spans[k + 1]
                if span and other and span.first <= other.last:
                    if repeats:
                        self._add(yearly(this.start, stop, other, "by", this.rule))
                    else:
                        self._add(in_range(this, after, span, other))
                k += 2
                continue
            if repeats or headed:
                if span or this.means in ("day_short", "day", "month", "quarter", "part"):
                    anyway = span or resolve(this.means, this.match, date(2000, 1, 1), None)
                    if anyway:
                        self._add(yearly(this.start, stop if k == len(chain) - 1 else this.end, anyway, lead, this.rule))
            elif span and span.unit == "day_list":  # each printed day is a row
                cut = this.match.start("d2")
                for day, a, b in ((span.first, this.start, this.match.end("d")), (span.last, cut, this.end)):
                    self._add(single(replace(this, start=a, end=b), replace(span, first=day, last=day, unit="day"), lead, self.due))
            elif span:
                self._add(single(this, span, lead, self.due, self.ref))
            k += 1

    def _tail(self, at: int) -> tuple[int, Phrase] | None:
        for p in role(RULES, "tail"):
            m = p.regex.match(self.text, at)
            if m:
                return m.end() - at, p
        return None

    def _report_before(self, at: int) -> bool:
        """Whether a periodic report stands before the day: `báo cáo 6 tháng trước ngày 10/6`; its words are then spoken for."""
        for m in phrase(RULES, "head.report").regex.finditer(self.text, max(0, at - 90), at):
            if m.end() == at and not (m.start() and self.text[m.start() - 1].isalnum()):
                self._take(*m.span())
                return True
        return False

    def _stands_alone(self, chain: list[Moment], words: set[str]) -> bool:
        """Whether the words are a time and not part of a name or of a noun phrase."""
        head = chain[0]
        if head.lead == "by" and words == {"year"}:  # `Chương trình … đến năm 2030` is a programme's horizon
            before = self.text[: head.start]
            return (
                bool(_CLAUSE_START.search(before[-8:]))
                or bool(_HORIZON.search(before[-24:]))
                or "het" in fold(self.text[head.start : head.at])
            )
        if head.lead:
            return True
        start = bool(_CLAUSE_START.search(self.text[max(0, head.at - 8) : head.at]))
        opened = start and self.text[max(0, head.at - 3) : head.at].rstrip()[-1:] in ("", ":", "(")
        if head.means in ("day_short", "month_short"):
            return opened or (head.means == "day_short" and bool(head.match["noun"]))
        if head.means == "day":
            return opened or "ng" in head.match.group()[:12].lower()
        if head.means in ("year", "near"):
            return start or len(chain) > 1
        if head.means == "tet":
            return "dip" in fold(head.match.group())
        return True

    def _resolve(self, chain: list[Moment]) -> list[Span | None]:
        """Spans of a chain; a year printed at its end serves those before it that have none, and the year before where
        they would come later."""
        out: list[Span | None] = []
        year: int | None = None
        following: Span | None = None
        for m in reversed(chain):
            groups = m.match.groupdict()
            own = number(groups["y"]) if groups.get("y") else None
            span = resolve(m.means, m.match, self.ref, own or year)
            if span and following and own is None and year is not None and span.first > following.last:
                span = resolve(m.means, m.match, self.ref, year - 1)
            if span and own is None and year is None and following is not None and span.first > following.last:
                span = resolve(m.means, m.match, self.ref, span.first.year - 1)
            if own is not None:
                year = own
            out.append(span)
            following = span or following
        return out[::-1]

    # -------------------------------------------------------------------------------------------- repetition

    def _fixed_repetitions(self) -> None:
        """A day of each month, quarter or week."""
        for p in role(RULES, "recur"):
            if p.means not in FIXED:
                continue
            for m in p.finds(self.text, self.folded):
                if not self._begins(*m.span()):
                    continue
                start, lead = self._lead(m.start())
                if p.means == "month_days":  # `ngày 01 và ngày 15 hằng tháng`: each printed day is a row
                    for day, a, b in ((m["d"], start, m.end("d")), (m["d2"], m.start("d2"), m.end())):
                        self._add(TimeExpression(a, b, "periodic", p.id, rrule=f"FREQ=MONTHLY;BYMONTHDAY={number(day)}"))
                    continue
                rule = fixed_rule(p.means, m)
                if rule:
                    inner = fold(m.groupdict().get("lead") or "")  # `hằng tháng trước ngày 20`
                    before, by = lead == "before" or inner == "truoc", lead in ("by", "due") or inner.startswith("cham")
                    op = "<" if before else "<=" if by else None
                    self._add(TimeExpression(start, m.end(), "periodic", p.id, end_op=op, rrule=rule))

    def _repetitions(self) -> None:
        for p in role(RULES, "recur"):
            if p.means in FIXED:
                continue
            for m in p.finds(self.text, self.folded):
                if not self._begins(*m.span()):
                    continue
                if p.means == "list":
                    for a, b, rule in listed_rules(m):
                        self._add(TimeExpression(a, b, "periodic", p.id, rrule=rule))
                    continue
                plain = plain_rule(p.means, m)
                if not plain:
                    continue
                first: str | None = None
                last: str | None = None
                op: str | None = None
                inside = _INSIDE.match(self.text, m.end())
                if inside:
                    first, last, op = f"{inside[1]}-01-01", f"{inside[2]}-12-31", "<="
                self._add(TimeExpression(m.start(), m.end(), "periodic", p.id, first, last, op, plain))
