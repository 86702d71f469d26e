"""Names of units in a task: who acts, who joins, who gets the report.

A unit's name begins with a head word (`Sở`, `Các`, `Thủ trưởng`) and runs to the first verb, connector or mark that cannot be part
of it; names follow one another with `,`, `;` or `và`. What stands before or after a list tells its part: a verb after it makes it the
agent, `phối hợp với` before it a partner, `gửi … về` before it the receiver; units that are only told, helped or led are none of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.extract.cues import Cues, cues
from pipeline.extract.phrases import role
from pipeline.extract.rules import load
from pipeline.text import fold, one_blank, plain_dashes

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


@dataclass(frozen=True, slots=True)
class Roles:
    """Units of one task, as printed, in order, each once."""

    responsible: tuple[str, ...]
    coordinating: tuple[str, ...]
    reports_to: tuple[str, ...]


def names_at(c: Cues, k: int, lower: bool = False, limit: int | None = None) -> list[Name]:
    """The list of names that begins at token `k`; [] where none does. `lower` lets the first begin in lower case (`các phòng`)."""
    out: list[Name] = []
    while k < len(c.tokens) and (limit is None or c.start(k) < limit):
        end = _name_end(c, k, lower or bool(out))
        if end is None:
            break
        end = _with_members(c, k, end)
        out.append(Name(c.start(k), c.end(end - 1), k, end))
        after = _joined(c, end)
        if after is None:
            break
        k = after
    return out


def _joined(c: Cues, k: int) -> int | None:
    """The token after `,`, `;`, `và` or `, và`, where another name begins."""
    w = c.word(k).lower()
    if w not in _JOINERS:
        return None
    k += 1
    if c.word(k).lower() in ("và", "va"):
        k += 1
    return k if _begins(c, k, True) else None


def _begins(c: Cues, k: int, lower: bool) -> bool:
    if k >= len(c.tokens):
        return False
    if k in c.at["head"]:
        verb = c.at["verb"].get(k, 0)
        return verb <= c.at["head"][k] or c.word(c.at["head"][k])[:1].isupper()
    if k in c.at["named_head"]:
        after = c.at["named_head"][k]
        w = c.word(after)
        named = w[:1].isupper() or w.isdigit() or after in c.at["allow"]
        if fold(c.word(k)) in ("cac", "moi", "tung", "toan", "tat"):
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
    if not _begins(c, k, lower):
        return None
    j = max(c.at[x].get(k, 0) for x in _STARTS)
    while j < len(c.tokens):
        w = c.word(j)
        if not (w[0].isalnum() or w in "-–&/'’.“”\""):
            if w == "," and _name_goes_on(c, j + 1):
                j += 2
                continue
            break
        if w in ".":
            abbreviated = j and c.start(j) == c.end(j - 1) and c.word(j - 1) in ("TP", "Tp", "TX", "TT", "Q", "P", "H")
            if not abbreviated:
                break
        if w in "-–" and not (j + 1 < len(c.tokens) and c.word(j + 1)[:1].isalpha()):
            break
        if w in ("và", "va") and _and_goes_on(c, j + 1):
            j += 2
            continue
        if w[0].islower() and _ends(c, k, j):
            break
        j = max(j, c.at["allow"].get(j, 0) - 1) if j > k else j
        j += 1
    while j > k and c.word(j - 1) in '-–&/“"':
        j -= 1
    return j if j > k else None


def _and_goes_on(c: Cues, k: int) -> bool:
    """`Giáo dục và Đào tạo`, `nông nghiệp và môi trường`: what follows `và` begins no other name and is no verb."""
    w = c.word(k)
    if not w[:1].isalpha() or _begins(c, k, True):
        return False
    return w[:1].isupper() or not any(k in c.at[x] for x in ("verb", "stop", "adverb", "generic", "member"))


def _ends(c: Cues, k: int, j: int) -> bool:
    """Whether the word in lower case at token `j` ends the name that begins at `k`."""
    cue = max(c.at["verb"].get(j, 0), c.at["stop"].get(j, 0), c.at["adverb"].get(j, 0))
    before = c.word(j - 1)
    if c.word(j) == "của" and _begins(c, j + 1, False):
        return False  # `các Ban của Hội đồng nhân dân tỉnh`
    if not cue:
        # `UBND cấp xã` / `chấp thuận`: after a level or place in lower case, a word that names do not hold
        cooperative = c.word(j - 2) == "tác"  # `hợp tác xã`
        ahead = [i for i in range(j + 1, j + 4) if c.word(i)[:1].isupper()]
        if ahead and not any(i in c.at["verb"] for i in range(j, ahead[0])):
            return False  # `các xã ven sông Giăng`
        return before in _word_set("places") and j - 1 > k and not cooperative and not any(j in c.at[x] for x in _NOUNS)
    if c.at["allow"].get(j, 0) > cue:
        return False  # `Phòng Tư pháp cấp huyện`
    if j in c.at["generic"] and j == max(c.at[x].get(k, 0) for x in ("head", "named_head", "generic")):
        return False  # `tập thể lãnh đạo Sở`
    if c.at["allow"].get(j, 0) >= cue and fold(before) in ("cac", "moi", "tung", ","):
        return False  # `các tổ chức chính trị - xã hội`
    second = c.word(j) in _word_set("second_syllables") and before[:1].isupper() and not before.isupper() and not _ends_head(c, k, j)
    # `Giáo dục và Đào tạo`, but `huyện Quy Nhơn mở lớp`
    return not (second and cue == j + 1 and (c.word(j - 2)[:1].islower() or _ends_head(c, k, j - 1)))


@cache
def _comma_pairs() -> frozenset[tuple[str, ...]]:
    """Last and first word of what a comma joins inside a name."""
    return frozenset((fold(a.split()[-1]), fold(b.split()[0])) for a, b in (w.split(", ") for w in load("tasks").words("comma_pairs")))


@cache
def _word_set(name: str) -> frozenset[str]:
    return frozenset(load("tasks").words(name))


def _ends_head(c: Cues, k: int, j: int) -> bool:
    """Whether a head word inside the name ends before token `j`: `Chi đoàn Sở` / `tạo`."""
    return any(c.at[x].get(i) == j for x in ("head", "named_head") for i in range(max(k, j - 4), j))


def _name_goes_on(c: Cues, k: int) -> bool:
    """`Sở Văn hóa, Thể thao và Du lịch`: a capital after the comma that begins no other name."""
    w = c.word(k)
    if (fold(c.word(k - 2)), fold(w)) in _comma_pairs():
        return True  # `Ban Chỉ đạo phòng, chống dịch`
    if not w[:1].isupper() or _begins(c, k, False) or k in c.at["verb"]:
        return False
    return not (k in c.at["head"] or k in c.at["named_head"])


def _with_members(c: Cues, k: int, end: int) -> int:
    """`các cơ quan, ban ngành, chính quyền địa phương`: what stands under one `các` is one entry."""
    words = {fold(c.word(j)) for j in range(k, end)}
    if not words & {"cac", "moi", "tung"}:
        while c.word(end) == "," and c.word(end - 1) in _word_set("places") and c.word(end + 1) in _word_set("places"):
            end += 2  # `Ủy ban nhân dân phường, xã`
        return end
    while c.word(end).lower() in (",", "và", "va"):  # what follows stands under the same `các`
        nxt = end + 1
        if c.word(nxt).lower() in ("và", "va"):
            nxt += 1
        if nxt not in c.at["member"] and nxt not in c.at["generic"]:
            break
        if c.word(max(c.at["member"].get(nxt, 0), c.at["generic"].get(nxt, 0)))[:1].isupper():
            break  # a name of its own
        if fold(c.word(nxt)) in ("cac", "moi", "tung", "toan", "tap", "thu", "lanh") or c.word(nxt)[:1].isupper():
            break
        stop = max(c.at["member"].get(nxt, 0), c.at["generic"].get(nxt, 0))
        if c.at["verb"].get(nxt, 0) >= stop and c.word(end) == "," and not _is_noun(c, stop):
            break  # `các phòng, tổ chức hội nghị` is a verb
        j = stop
        while j < len(c.tokens) and c.word(j)[0].isalnum() and not (c.word(j)[0].islower() and _ends(c, k, j)):
            j = max(j + 1, c.at["allow"].get(j, 0))
        end = j
    return end


def _is_noun(c: Cues, k: int) -> bool:
    """Whether a word such as `tổ chức` before token `k` is a noun: a list goes on, or what follows only follows nouns."""
    return c.word(k).lower() in (",", ";", ".", "và", "") or any(k in c.at[x] for x in _NOUNS) or k in c.at["stop"]


# ------------------------------------------------------------------------------------------------ roles


def roles(text: str) -> Roles:
    """Who acts, who joins and who gets the report in the words of one task.

    `Giao Sở Nội vụ chủ trì, phối hợp với Sở Tài chính tham mưu UBND tỉnh` gives (Sở Nội vụ), (Sở Tài chính), ().
    """
    return _Roles(text).read()


class _Roles:
    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = plain_dashes(text)
        self.c = cues(text)
        self.used: list[tuple[int, int]] = []

    def read(self) -> Roles:
        own: list[Name] = []
        joint: list[Name] = []
        told: list[Name] = []
        for p in role("tasks", "coordinating"):
            joint += self._after(p.regex, lower=True, any_name=p.means == "any")
        for p in role("tasks", "reports_to"):
            told += self._after(p.regex, lower=True, bare=True)
        for p in role("tasks", "responsible"):
            own += self._after(p.regex, lower=True)
        for p in role("tasks", "bystander"):
            self._after(p.regex, lower=True)
        for p in role("tasks", "of"):
            self._after(p.regex, lower=True, first_only=True)
        own += self._subjects()
        return Roles(self._texts(own), self._members(joint), self._texts(told))

    def _after(
        self, regex: re.Pattern[str], lower: bool, first_only: bool = False, any_name: bool = False, bare: bool = False
    ) -> list[Name]:
        out = []
        for m in regex.finditer(self.plain):
            k = self.c.index.get(m.end())
            if k is None or not self._free(m.end()):
                continue
            names = names_at(self.c, k, lower) or (self._named(k) if any_name else []) or (self._bare(k) if bare else [])
            if first_only:
                names = names[:1]
            for n in names:
                self.used.append((n.start, n.end))
            out += names
        return out

    def _bare(self, k: int) -> list[Name]:
        """A head word alone: `báo cáo Bộ chậm nhất ngày …`."""
        end = self.c.at["named_head"].get(k)
        if end and self.c.word(end)[:1].islower() and not any(end in self.c.at[x] for x in ("verb", "stop", "adverb")):
            return []
        return [Name(self.c.start(k), self.c.end(end - 1), k, end)] if end else []

    def _named(self, k: int) -> list[Name]:
        """A proper name that begins with no head word known to us: `phối hợp với Kiểm dịch y tế cảng`."""
        if not self.c.word(k)[:1].isupper():
            return []
        j = k + 1
        while j < len(self.c.tokens) and self.c.word(j)[0].isalnum() and not (self.c.word(j)[0].islower() and _ends(self.c, k, j)):
            j = max(j + 1, self.c.at["allow"].get(j, 0))
        first = Name(self.c.start(k), self.c.end(j - 1), k, j)
        after = _joined(self.c, j)
        return [first, *(names_at(self.c, after, True) if after is not None else [])]

    def _free(self, at: int) -> bool:
        return all(not a <= at < b for a, b in self.used)

    def _subjects(self) -> list[Name]:
        """Lists of names at the start of a clause with a verb after them."""
        out: list[Name] = []
        starts = [m.end() for m in re.finditer(r"(?:^|[.;:]\s|,\s|\s[-–+]\s|\bthì\s)[\s“\"(]*", self.text)]
        last = 0
        for at in starts:
            k = self.c.index.get(at)
            if k is None or at < last or not self._free(at):
                continue
            first = at == 0 or self.text[:at].rstrip()[-1:] in ".;:"
            lower = not first and fold(self.c.word(k)) == "cac"
            names = names_at(self.c, k, lower)
            if not names:
                continue
            if self._acts(names[-1].last, first):
                out += names
            elif first and len(names) == 1 and (longer := self._longer(names[0])):
                out.append(longer)
                names = [longer]
            last = names[-1].end
        return out

    def _longer(self, n: Name) -> Name | None:
        """The name with what follows a comma or `và` in lower case, where a verb comes after that:
        `Phòng Quản lý, bảo vệ rừng phát bản tin`."""
        c, k = self.c, n.last
        if c.word(k) not in (",", "và") or not c.word(k + 1)[:1].islower() or k + 1 in c.at["adverb"]:
            return None
        j = max(k + 2, c.at["verb"].get(k + 1, 0))
        while j < min(k + 9, len(c.tokens)) and (
            _name_goes_on(c, j + 1) if c.word(j) == "," else c.word(j)[0].isalnum() and j not in c.at["verb"] and j not in c.at["stop"]
        ):
            j += 1
        if j not in c.at["verb"] or not c.word(j - 1)[0].isalnum():
            return None
        return Name(n.start, c.end(j - 1), n.first, j)

    def _acts(self, k: int, first: bool) -> bool:
        """Whether what follows a list of names makes it an agent."""
        c = self.c
        w = c.word(k)
        if w == "(":  # `Sở Nội vụ (cơ quan thường trực) chủ trì`
            depth = k
            while depth < len(c.tokens) and c.word(depth) != ")":
                depth += 1
            return depth - k < 25 and depth + 1 < len(c.tokens) and self._acts(depth + 1, first)
        if w == ":":
            return first
        if w == "," and first:  # `Các đơn vị, trong phạm vi nhiệm vụ, tổ chức …`
            return k + 1 in c.at["adverb"]
        if any(p.regex.match(self.plain, c.start(k)) for p in role("tasks", "announces")):
            return False
        if k in c.at["verb"]:
            return True
        unknown = not any(k in c.at[x] for x in ("stop", "adverb", "allow"))
        if first and unknown and w[:1].islower() and c.word(k - 1) in _word_set("places"):
            return True
        return k in c.at["adverb"] and first and bool(self._later_verb(k))

    def _later_verb(self, k: int) -> bool:
        return any(j in self.c.at["verb"] for j in range(k, min(k + 40, len(self.c.tokens))))

    def _texts(self, names: list[Name]) -> tuple[str, ...]:
        out: dict[str, str] = {}
        for n in sorted(names, key=lambda n: n.start):
            words = one_blank(self.text[n.start : n.end])
            out.setdefault(fold(words), words)
        return tuple(out.values())

    def _members(self, names: list[Name]) -> tuple[str, ...]:
        """Partners; where a collective is followed by its members in brackets, the members."""
        out: list[Name] = []
        for n in sorted(names, key=lambda n: n.start):
            if self.c.word(n.last) == "(":
                members = names_at(self.c, n.last + 1, lower=False)
                if members and fold(self.text[n.start : n.end]).startswith(("cac ", "to chuc", "doan the")):
                    out += members
                    continue
            out.append(n)
        return self._texts(out)


def names_in_title(title: str) -> tuple[str, ...]:
    """The units whose name a heading is (`Sở Tài chính`, `Trách nhiệm của các phòng chuyên môn`); () for any other heading."""
    words = one_blank(title).rstrip(" .:")
    for p in role("tasks", "title"):
        m = p.regex.match(words)
        if m:
            words = words[m.end() :]
            break
    c = cues(words)
    names = names_at(c, 0, lower=True)
    if not names:
        return ()
    if names[-1].last < len(c.tokens):
        rest = words[names[-1].end :]
        if not any(p.regex.fullmatch(rest) for p in role("tasks", "title_end")):
            return ()
    return tuple(dict.fromkeys(one_blank(words[n.start : n.end]) for n in names))
