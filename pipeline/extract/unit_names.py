"""Where names of units begin and end in running text.

A name begins with a head word (`Sở`, `Các`, `Thủ trưởng`; rules/cues.csv) and runs to the first verb, connector or mark that cannot be part
of it; names follow one another with `,`, `;` or `và`. What stands under one `các` is one name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.extract.cues import Cues
from pipeline.extract.rules import load, table
from pipeline.text import fold

_STARTS = ("head", "named_head", "generic", "generic_bare", "member")
_NOUNS = ("allow", "member", "generic")
_JOINERS = {",", ";", "và", "hoặc", "va"}


@dataclass(frozen=True, slots=True)
class Name:
    """A unit's name `text[start:end]`; `first`, `last` are its tokens (last exclusive)."""

    start: int
    end: int
    first: int
    last: int


def names_at(c: Cues, k: int, lower: bool = False, limit: int | None = None) -> list[Name]:
    """The list of names that begins at token `k`; [] where none does. `lower` lets the first begin in lower case (`các phòng`)."""
    out: list[Name] = []
    while k < len(c.tokens) and (limit is None or c.start(k) < limit):
        end = _name_end(c, k, lower or bool(out))
        if end is None:
            break
        end = _with_members(c, k, end)
        out.append(Name(c.start(k), c.end(end - 1), k, end))
        after = joined(c, end)
        if after is None:
            break
        k = after
    return out


def joined(c: Cues, k: int) -> int | None:
    """The token after `,`, `;`, `và` or `, và`, where another name begins."""
    w = c.word(k).lower()
    if w not in _JOINERS:
        return None
    k += 1
    if c.word(k).lower() in ("và", "va"):
        k += 1
    return k if begins(c, k, True) else None


def begins(c: Cues, k: int, lower: bool) -> bool:
    """Whether a name begins at token `k`; `lower` lets it begin in lower case."""
    if k >= len(c.tokens):
        return False
    if c.at["common"].get(k, 0) > max(c.at[x].get(k, 0) for x in _STARTS):
        return False  # `hội nghị`, `khoa học`
    if k in c.at["head"]:
        after, verb = c.at["head"][k], c.at["verb"].get(k, 0)
        w = c.word(after)
        if after == k + 1 and not c.word(k).isupper() and w[:1].islower() and not any(after in at for at in c.at.values()):
            return False  # `Sở hữu`, `Vụ việc`
        return verb <= after or w[:1].isupper()
    if k in c.at["named_head"]:
        after = c.at["named_head"][k]
        w = c.word(after)
        named = w[:1].isupper() or w.isdigit() or after in c.at["allow"]
        if fold(c.word(k)) in ("cac", "moi", "tung", "toan", "tat", "hai", "ba"):
            named = (
                after in c.at["allow"]
                or after in c.at["member"]
                or after in c.at["head"]
                or after in c.at["named_head"]
                or after in c.at["generic"]
            )
        verb = c.at["verb"].get(k, 0)
        # `Ban hành văn bản`, `Tổ chức hội nghị`, `Báo cáo` are verbs; `Thanh tra tỉnh` is none
        return named and (verb <= after or after in c.at["allow"] or w[:1].isupper()) and not (verb > after)
    if lower and k in c.at["generic_bare"]:
        return True
    if lower and k in c.at["member"] and c.word(c.at["member"][k])[:1].isupper():
        return True  # `các tổ chuyên môn, tổ Văn phòng`
    if lower and k in c.at["generic"]:
        after = c.at["generic"][k]
        w = c.word(after)
        return w[:1].isupper() or after in c.at["allow"] or after in c.at["member"] or after in c.at["generic"]
    return False


def _name_end(c: Cues, k: int, lower: bool) -> int | None:
    """Token index after the name that begins at token `k`."""
    if not begins(c, k, lower):
        return None
    j = max(c.at[x].get(k, 0) for x in _STARTS)
    while j < len(c.tokens):
        w = c.word(j)
        if not (w[0].isalnum() or w in "-–&/'’.“”\""):
            if w == "," and goes_on(c, j + 1):
                j = max(j + 2, c.at["allow"].get(j + 1, 0))
                continue
            break
        if w in ".":
            abbreviated = (
                j and j + 1 < len(c.tokens) and c.start(j) == c.end(j - 1) and c.word(j - 1) in ("TP", "Tp", "TX", "TT", "Q", "P", "H")
            )
            if not abbreviated:
                break
        if w in "-–" and not (j + 1 < len(c.tokens) and c.word(j + 1)[:1].isalpha()):
            break
        if (inner := c.at["head"].get(j, 0)) > j + 3:
            j = inner  # `Chánh` / `Văn phòng Hội đồng nhân dân và Ủy ban nhân dân`
            continue
        if w in ("và", "va") and _and_goes_on(c, j + 1):
            j += 2
            continue
        if w[0].islower() and (ends(c, k, j) or _counts(c, j + 1)):
            break
        j = max(j, c.at["allow"].get(j, 0) - 1) if j > k else j
        j += 1
    while j > k and c.word(j - 1) in '-–&/“"':
        j -= 1
    return j if j > k else None


def _counts(c: Cues, k: int) -> bool:
    """Whether things are counted at token `k`, so that a verb stands before them, known or not: `Trung tâm Khuyến nông` / `mời 08 lớp`."""
    return bool(re.fullmatch(r"0\d|\d{2,4}", c.word(k))) and c.word(k + 1) in word_set("count_nouns") and c.word(k - 1) not in ("số", "năm")


def _and_goes_on(c: Cues, k: int) -> bool:
    """`Giáo dục và Đào tạo`, `nông nghiệp và môi trường`: what follows `và` begins no other name and is no verb."""
    w = c.word(k)
    if not w[:1].isalpha() or begins(c, k, True):
        return False
    return w[:1].isupper() or not any(k in c.at[x] for x in ("verb", "stop", "adverb", "generic", "member"))


def ends(c: Cues, k: int, j: int) -> bool:
    """Whether the word in lower case at token `j` ends the name that begins at `k`."""
    cue = max(c.at["verb"].get(j, 0), c.at["stop"].get(j, 0), c.at["adverb"].get(j, 0))
    before = c.word(j - 1)
    if c.word(j) == "của" and begins(c, j + 1, False):
        return False  # `các Ban của Hội đồng nhân dân tỉnh`
    if not cue:
        # `UBND cấp xã` / `chấp thuận`: after a level or place in lower case, a word that names do not hold
        cooperative = c.word(j - 2) == "tác"  # `hợp tác xã`
        ahead = [i for i in range(j + 1, j + 4) if c.word(i)[:1].isupper()]
        if ahead and not any(i in c.at["verb"] for i in range(j, ahead[0])):
            return False  # `các xã ven sông Giăng`
        return before in word_set("places") and j - 1 > k and not cooperative and not any(j in c.at[x] for x in _NOUNS)
    if c.at["allow"].get(j, 0) > cue:
        return False  # `Phòng Tư pháp cấp huyện`
    if cue == j + 1 and j - 1 > k and (fold(before), fold(c.word(j))) in _words_of_two():
        return False  # `Phòng Hậu cần`, `Sở Xây dựng`
    field_verb = c.word(j).lower() + " " + c.word(j + 1).lower() in word_set("field_verbs")
    if field_verb and (_duty_follows(c, j + 2) or (c.word(j + 2) == "," and begins(c, j + 3, False))):
        return False  # `Phòng Kế hoạch tổng hợp` / `tham mưu`; `Khoa Nội tổng hợp, Khoa Ngoại`
    if c.at["generic"].get(j, 0) >= cue and j == max(c.at[x].get(k, 0) for x in ("head", "named_head", "generic")):
        return False  # `tập thể lãnh đạo Sở`
    if c.at["allow"].get(j, 0) >= cue and fold(before) in ("cac", "moi", "tung", ","):
        return False  # `các tổ chức chính trị - xã hội`
    second = c.word(j) in word_set("second_syllables") and before[:1].isupper() and not before.isupper() and not _ends_head(c, k, j)
    # `Giáo dục và Đào tạo`, but `huyện Quy Nhơn mở lớp`
    return not (second and cue == j + 1 and (c.word(j - 2)[:1].islower() or _ends_head(c, k, j - 1)))


@cache
def _comma_pairs() -> frozenset[tuple[str, ...]]:
    """Last and first word of what a comma joins inside a name."""
    return frozenset((fold(a.split()[-1]), fold(b.split()[0])) for a, b in (w.split(", ") for w in load("tasks").words("comma_pairs")))


@cache
def _words_of_two() -> frozenset[tuple[str, str]]:
    """Words of two syllables, folded, whose second one is a verb elsewhere: those of the bodies that we know, and verbs themselves."""
    names = [r["name_vi"] for r in table("authorities")] + [r["full"] for r in table("abbreviations")]
    pairs = {(a, b) for name in names for a, b in re.findall(r"(?=\b([^\W\d_]+) ([^\W\d_]+))", name) if a[0].isupper() and b.islower()}
    verbs = {tuple(r["words"].split()) for r in table("cues") if r["label"] == "verb"}
    pairs |= {v for v in verbs if len(v) == 2}
    pairs |= {(a, b) for a, b in (w.split() for w in load("tasks").words("words_of_two"))}
    return frozenset((fold(a), fold(b)) for a, b in pairs)


def _duty_follows(c: Cues, k: int) -> bool:
    """Whether at token `k`, without a comma, the verb of a duty stands: `chủ trì`, `tham mưu`."""
    end = c.at["verb"].get(k)
    return end is not None and " ".join(c.word(i).lower() for i in range(k, end)) in word_set("duty_verbs")


@cache
def word_set(name: str) -> frozenset[str]:
    """A word list of rules/tasks.toml."""
    return frozenset(load("tasks").words(name))


def _ends_head(c: Cues, k: int, j: int) -> bool:
    """Whether a head word inside the name ends before token `j`: `Chi đoàn Sở` / `tạo`."""
    return any(c.at[x].get(i) == j for x in ("head", "named_head") for i in range(max(k, j - 4), j))


def goes_on(c: Cues, k: int) -> bool:
    """`Sở Văn hóa, Thể thao và Du lịch`: a capital after the comma that begins no other name."""
    w = c.word(k)
    if (fold(c.word(k - 2)), fold(w)) in _comma_pairs():
        return True  # `Ban Chỉ đạo phòng, chống dịch`
    if not w[:1].isupper() or begins(c, k, False) or k in c.at["verb"]:
        return False
    return not (k in c.at["head"] or k in c.at["named_head"])


def _with_members(c: Cues, k: int, end: int) -> int:
    """`các cơ quan, ban ngành, chính quyền địa phương`: what stands under one `các` is one entry."""
    words = {fold(c.word(j)) for j in range(k, end)}
    if not words & {"cac", "moi", "tung"}:
        while c.word(end) == "," and c.word(end - 1) in word_set("places") and c.word(end + 1) in word_set("places"):
            end += 2  # `Ủy ban nhân dân phường, xã`
        return end
    while c.word(end).lower() in (",", "và", "va"):  # what follows stands under the same `các`
        nxt = end + 1
        if c.word(nxt).lower() in ("và", "va"):
            nxt += 1
        if nxt in c.at["allow"] and c.word(end) == "," and not any(nxt in c.at[x] for x in ("verb", "stop", "adverb", *_STARTS)):
            end = c.at["allow"][nxt]  # `các phòng chuyên môn, nghiệp vụ`
            continue
        if nxt not in c.at["member"] and nxt not in c.at["generic"]:
            break
        if c.word(max(c.at["member"].get(nxt, 0), c.at["generic"].get(nxt, 0)))[:1].isupper():
            break  # a name of its own
        bare = c.word(nxt)[:1].isupper() and c.word(nxt + 1).lower() in (",", "và", "thuộc", "trực")  # `Các Vụ, Cục, đơn vị thuộc Bộ`
        title = " ".join(c.word(i).lower() for i in range(nxt, c.at["generic"].get(nxt, nxt))) in word_set("titles")
        if title or fold(c.word(nxt)) in ("cac", "moi", "tung", "toan", "tap", "thu", "lanh") or (c.word(nxt)[:1].isupper() and not bare):
            break
        stop = max(c.at["member"].get(nxt, 0), c.at["generic"].get(nxt, 0))
        if c.at["verb"].get(nxt, 0) >= max(stop, c.at["allow"].get(nxt, 0)) and c.word(end) == "," and not _is_noun(c, stop):
            break  # `các phòng, tổ chức hội nghị` is a verb
        j = max(stop, c.at["allow"].get(nxt, 0))
        while j < len(c.tokens) and (c.word(j)[0].isalnum() and not (c.word(j)[0].islower() and ends(c, k, j)) or _hyphen(c, j)):
            j = max(j + 1, c.at["allow"].get(j, 0))
        end = j
    return end


def _hyphen(c: Cues, k: int) -> bool:
    """`chính trị - xã hội`."""
    return c.word(k) in ("-", "–") and c.word(k + 1)[:1].islower()


def _is_noun(c: Cues, k: int) -> bool:
    """Whether a word such as `tổ chức` before token `k` is a noun: a list goes on, or what follows only follows nouns."""
    return c.word(k).lower() in (",", ";", ".", "và", "") or any(k in c.at[x] for x in _NOUNS) or k in c.at["stop"]
