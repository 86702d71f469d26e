"""Quantities that a task is to reach: `ít nhất 02 mô hình`, `100% các văn bản`, `02 lần/năm`.

A number counts before a percent sign or a noun in lower case that is no measure of time (rules/tasks.toml, `not_counted`); figures that
OCR is known to make of short words (`13` for `là`) only before the commonest of them. Anniversaries, sizes of bodies, unit values and the
period are none.
"""

from __future__ import annotations

import re
from functools import cache

from pipeline.document import Target
from pipeline.extract.kept import kept
from pipeline.extract.numerals import WORDS, quantity
from pipeline.extract.phrases import role
from pipeline.extract.rules import alternatives, load, table
from pipeline.text import fold, one_blank, plain_dashes

_PER = re.compile(r"/(?:01 |1 )?(?:ngày|tuần|tháng|quý|năm học|năm|đơn vị|xã|người|hộ|chi đoàn|trường|đợt)", re.IGNORECASE)
_RELATIVE = re.compile(r"\scó(?:\s(?:từ|trên|dưới|ít nhất|tối thiểu|quy mô|diện tích|trên|hơn))+\s")
_RANGE = re.compile(r"[%\s]*(?:-|đến|tới|xuống|lên)\s?(?:còn\s)?\d")
_MONEY = re.compile(r"(?:(?:nghìn|ngàn|triệu|tỷ)\s)*(?:đồng|(?<=(?:nghìn|triệu|.ngàn)\s)đông|(?<=tỷ\s)đông)(?!\w)")
_SCALES = {"chuc": 10, "tram": 100, "nghin": 1_000, "ngan": 1_000, "trieu": 1_000_000}
_SCALE = re.compile(r"(chục|trăm|nghìn|ngàn|triệu)\s(?=[^\W\d_])", re.IGNORECASE)
_MINUTES = re.compile(r"phút(?!\w)")
_PER_WORDS = re.compile(r"\s(?:một|mỗi|hằng|hàng)\s(?:01 |1 )?(ngày|tuần|tháng|quý|năm học|năm)(?!\w)", re.IGNORECASE)


@cache
def _counted() -> re.Pattern[str]:
    whole = r"(?<![\w.,/%-])(?:(?P<whole>\d{1,4})/(?=(?P=whole)\s))?"  # `10/10 xã`
    figures = r"\d{1,3}(?:\.\d{3})+|\d{1,7}(?:,\d{1,2})?"
    n = rf"{whole}(?P<n>{figures}|(?<![A-ZĐ]){WORDS.pattern}(?=\s))"
    return re.compile(rf"(?i:{n})(?:\s?(?P<share>%)(?P<of>\s)?|\s(?=(?P<noun>[^\W\d_A-ZĐ][^\W\d_]*\d?)(?!\w)))")


@cache
def _ends() -> re.Pattern[str]:
    words = alternatives(load("tasks").words("phrase_ends"))
    more = alternatives(load("tasks").words("phrase_goes_on"))
    return re.compile(rf"\s(?:{words})(?!\w)|[.;:()\n“”\"/–]|\s-\s|,(?!\s(?:{more})(?!\w))|$")


@cache
def _verb_ends() -> frozenset[str]:
    """Last syllables of verbs, and what else a number in words follows in a duty."""
    verbs = {r["words"].split()[-1].lower() for r in table("cues") if r["label"] == "verb"}
    return frozenset(verbs | {"có", "được", "đủ", "thành", "và", "với", "thêm", "mới", "mỗi", "các"})


@cache
def _starts_with(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(load('tasks').words(name))})(?!\w)", re.IGNORECASE)


@cache
def _before(which: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (p.means, re.compile(rf"(?<!\w)(?:{p.regex.pattern.removeprefix('(?i)')})\s$", re.IGNORECASE)) for p in role("tasks", which)
    )


@kept
def read(text: str, clean: bool = False) -> tuple[Target, ...]:
    """The targets in the words of one task, in order of print; `clean` where no digit can be a short word misread."""
    plain = plain_dashes(text)
    out: list[Target] = []
    reached = 0  # end of the words of the target before
    for m in _counted().finditer(plain):
        if m.start() < reached or _RELATIVE.fullmatch(plain, reached, m.start()) and out:
            continue  # `thùng rác ba ngăn`, `100% doanh nghiệp có từ 50 lao động trở lên`
        before = plain[max(0, m.start() - 40) : m.start()]
        if any(regex.search(before) for _, regex in _before("untarget")):
            continue
        target = _target(plain, m, before, clean)
        if target is not None:
            out.append(target)
            reached = plain.find(plain_dashes(target.raw), max(0, m.start() - 60)) + len(target.raw)
    return tuple(out)


def _is_counted(text: str, m: re.Match[str], limited: bool, clean: bool) -> bool:
    """Whether the word after the number is a thing to count; minutes only where they are `limited`."""
    after = text[m.end() : m.end() + 30]
    if _starts_with("not_counted").match(after):
        return limited and bool(_MINUTES.match(after))
    if _MONEY.match(after):
        return bool(_starts_with("money_after").search(text[max(0, m.start() - 50) : m.start()]))
    doubtful = not clean and not limited and m["n"] in ("13", "14", "46", "1", "4", "11")
    return not doubtful or bool(_starts_with("count_nouns").match(after))


def _target(text: str, m: re.Match[str], before: str, clean: bool) -> Target | None:
    op, start = "=", m.start()  # `10/10 xã` counts all ten
    for means, regex in _before("limit"):
        hit = regex.search(before)
        if hit and m.start() - (len(before) - hit.start()) < start:
            op, start = means, m.start() - (len(before) - hit.start())
    value = quantity(m["n"])
    if not m["share"] and not _is_counted(text, m, op != "=", clean):
        return None
    in_words = not m["n"][0].isdigit()
    if in_words and op == "=" and not before.strip():
        return None  # `Hai ngành luân phiên chủ trì` names who acts
    if in_words and value == 1 and op == "=":
        return None  # `một mô hình` is an article as often as a number
    before_word = before.split()[-1:] or [""]
    if in_words and op == "=" and before_word[0].islower() and before_word[0] not in _verb_ends():
        return None  # `thùng chứa ba ngăn` names a kind of thing
    if m["n"].lower() == "năm" and op == "=":
        return None  # the year, as in `năm công tác`
    if re.search(r"(?:\d\s?-\s?|\d\s(?:đến|tới)\s)$", before):
        return None  # a span of numbers has no one quantity
    if _RANGE.match(text, m.end("n")):
        return None
    reach = min(len(text), m.end() + 200)
    end_phrase = _ends().search(text, m.end(), reach)
    phrase_end = end_phrase.start() if end_phrase else reach
    phrase = one_blank(text[m.end() : phrase_end])
    words = phrase.split()
    if m["share"]:
        of = " ".join(words[:12]) if m["of"] and words and words[0][0].isalpha() and not _starts_with("phrase_ends").match(phrase) else None
        if of and fold(of).startswith(("kinh phi", "chi phi", "gia ", "hoc phi", "muc ", "von")):
            return None
        unit, end = "%", m.end() - (1 if m["of"] else 0)
        if of:
            end = m.end() + len(of)
        else:
            per = _PER.match(text, end)
            if per:
                unit, end = "%" + per.group(), per.end()
        unit = "%"
    else:
        phrase = " ".join(words[:8])
        unit, of, end = phrase, None, m.end() + len(phrase)
        scale = _SCALE.match(phrase)
        if scale and not _MONEY.match(phrase):  # `3 nghìn tờ rơi`
            value, unit = value * _SCALES[fold(scale[1])], phrase[scale.end() :]
        per = _PER.match(text, end) or _PER_WORDS.match(text, end)
        if per:
            said = per.group()
            unit += said if said.startswith("/") else "/" + per[1]
            end = per.end()
            if value == 1 and fold(m["noun"]) in ("lan", "ky", "dot"):
                return None  # once in a period is a periodic deadline
    for p in role("tasks", "limit_after"):
        hit = p.regex.match(text, end)
        if hit:
            op, end = p.means, hit.end()
            from_word = re.search(r"(?<!\w)từ\s$", before, re.IGNORECASE)
            if from_word:
                start = m.start() - (len(before) - from_word.start())
    if not unit:
        return None
    return Target(value, op, unit, of, one_blank(text[start:end]))
