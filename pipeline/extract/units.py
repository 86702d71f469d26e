"""What units do in a task: who acts, who joins, who gets the report.

What stands before or after a list of names tells its part: a verb after it makes it the agent, `phối hợp với` before it a partner, `gửi …
về` before it the receiver; units that are only told, helped or led are none of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extract.cues import cues
from pipeline.extract.kept import kept
from pipeline.extract.names import with_head
from pipeline.extract.phrases import Phrase, role
from pipeline.extract.unit_names import Name, ends, goes_on, joined, names_at, word_set
from pipeline.text import fold, one_blank, plain_dashes

_CLAUSE = re.compile(r"(?:^|[.;:]\s|,\s|\s[-–+]\s|\bthì\s)[\s“\"(]*(?:(?:[Cc]ác )?[Đđ]ồng chí |[Đđ]/[Cc] |Ông |Bà )?(?=[^\W\d_])")
_CONDITION = re.compile(r"(?:Khi|Sau khi|Trước khi|Nếu|Trường hợp|Trong trường hợp|Trên cơ sở|Căn cứ|Hằng|Hàng|Định kỳ)\s")


@dataclass(frozen=True, slots=True)
class Roles:
    """Units of one task, as printed, in order, each once."""

    responsible: tuple[str, ...]
    coordinating: tuple[str, ...]
    reports_to: tuple[str, ...]


# ------------------------------------------------------------------------------------------------ roles


@kept
def roles(text: str) -> Roles:
    """Who acts, who joins and who gets the report in the words of one task.

    `Giao Sở Nội vụ chủ trì, phối hợp với Sở Tài chính tham mưu UBND tỉnh` gives (Sở Nội vụ), (Sở Tài chính), ().
    """
    return _Roles(text).read()


class _Roles:
    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = plain_dashes(text)
        self.folded = fold(self.plain)
        self.c = cues(text)
        self.used: list[tuple[int, int]] = []

    def read(self) -> Roles:
        own: list[Name] = []
        joint: list[Name] = []
        told: list[Name] = []
        for p in role("tasks", "coordinating"):
            joint += self._after(p, lower=True, any_name=p.means == "any")
        for p in role("tasks", "reports_to"):
            told += self._after(p, lower=True, bare=True)
        for p in role("tasks", "responsible"):
            own += self._after(p, lower=True, any_name=p.means == "any", longer=True)
        for p in role("tasks", "bystander"):
            self._after(p, lower=True)
        for p in role("tasks", "of"):
            self._after(p, lower=True, first_only=True)
        subjects, partners = self._subjects(own)
        return Roles(self._texts(own + subjects), self._members(joint + partners), self._texts(told))

    def _after(
        self, phrase: Phrase, lower: bool, first_only: bool = False, any_name: bool = False, bare: bool = False, longer: bool = False
    ) -> list[Name]:
        out = []
        for m in phrase.finds(self.plain, self.folded):
            k = self.c.index.get(m.end())
            if k is None or not self._free(m.end()):
                continue
            thing = longer and self._is_thing(k)
            names = names_at(self.c, k, lower) or (self._named(k) if any_name and not thing else []) or (self._bare(k) if bare else [])
            if first_only:
                names = names[:1]
            if longer and len(names) == 1:
                names = [self._longer(names[0]) or names[0]]
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
        while j < len(self.c.tokens) and self.c.word(j)[0].isalnum() and not (self.c.word(j)[0].islower() and ends(self.c, k, j)):
            j = max(j + 1, self.c.at["allow"].get(j, 0))
        first = Name(self.c.start(k), self.c.end(j - 1), k, j)
        after = joined(self.c, j)
        return [first, *(names_at(self.c, after, True) if after is not None else [])]

    def _is_thing(self, k: int) -> bool:
        """Whether a word in capitals begins a verb, a connector or what is no body: `Kế hoạch`, `Hội nghị`."""
        return any(k in self.c.at[x] for x in ("verb", "adverb", "stop")) or fold(self.c.word(k)) in word_set("things")

    def _free(self, at: int) -> bool:
        return all(not a <= at < b for a, b in self.used)

    def _subjects(self, ordered: list[Name]) -> tuple[list[Name], list[Name]]:
        """Lists of names at the start of a clause with a verb after them: who acts, and who joins one that leads
        (`Thanh tra Bộ chủ trì, các Vụ phối hợp thực hiện`)."""
        own: list[Name] = []
        partners: list[Name] = []
        last = 0
        for m in _CLAUSE.finditer(self.text):
            at = m.end()
            k = self.c.index.get(at)
            if k is None or at < last or not self._free(at):
                continue
            before = self.text[: m.start() + 1].rstrip()
            first = m.start() == 0 or before[-1:] in ".;:"
            after_condition = not first and bool(_CONDITION.match(self.text))
            lower = before[-1:] == ";" or after_condition or (not first and fold(self.c.word(k)) == "cac")
            names = names_at(self.c, k, lower) or (self._unknown(k) if first and not own else [])
            if not names:
                continue
            after = names[-1].last
            if any(p.regex.match(self.plain, self.c.start(after)) for p in role("tasks", "orders")) and any(
                n.first > after for n in ordered
            ):
                last = names[-1].end  # `Sở Y tế đề nghị các đơn vị …`: only the latter act
                continue
            if own and not first and self.c.word(after) == "phối" and self.c.word(after + 2) not in ("với", "cùng"):
                partners += names
            elif self._acts(names, after, first or after_condition):
                own += names
            elif first and len(names) == 1 and (longer := self._longer(names[0])):
                own.append(longer)
                names = [longer]
            last = names[-1].end
        return own, partners

    def _unknown(self, k: int) -> list[Name]:
        """A subject whose head word we do not know, but which is printed as a name: `Kíp trực Hồi sức 2 tiếp nhận …`."""
        names = [] if self._is_thing(k) else self._named(k)
        words = self.text[names[0].start : names[0].end].split() if names else []
        proper = len(words) > 2 and any(w[:1].isupper() or w.isdigit() for w in words[1:])
        return names if proper and names[-1].last in self.c.at["verb"] else []

    def _longer(self, n: Name) -> Name | None:
        """The name with what follows a comma or `và` in lower case, where a verb comes after that:
        `Phòng Quản lý, bảo vệ rừng phát bản tin`."""
        c, k = self.c, n.last
        if c.word(k) not in (",", "và") or not c.word(k + 1)[:1].islower() or k + 1 in c.at["adverb"]:
            return None
        j = max(k + 2, c.at["verb"].get(k + 1, 0))
        while j < min(k + 9, len(c.tokens)) and (
            goes_on(c, j + 1) if c.word(j) == "," else c.word(j)[0].isalnum() and j not in c.at["verb"] and j not in c.at["stop"]
        ):
            j += 1
        if j not in c.at["verb"] or not c.word(j - 1)[0].isalnum():
            return None
        return Name(n.start, c.end(j - 1), n.first, j)

    def _acts(self, names: list[Name], k: int, first: bool) -> bool:
        """Whether what follows a list of names, at token `k`, makes it an agent."""
        c = self.c
        w = c.word(k)
        size = any(c.word(j).lower() == "có" and any(c.word(i).isdigit() for i in range(j + 1, j + 4)) for j in range(k, k + 4))
        if fold(c.word(names[-1].first)) in ("moi", "tung") and (size or c.word(k - 1).isdigit()):
            return False  # `Mỗi đoàn có 07 thành viên` tells its size
        if w == "(":  # `Sở Nội vụ (cơ quan thường trực) chủ trì`
            depth = k
            while depth < len(c.tokens) and c.word(depth) != ")":
                depth += 1
            return depth - k < 25 and depth + 1 < len(c.tokens) and self._acts(names, depth + 1, first)
        if w == ":":
            return first
        if w == "," and first:  # `Các đơn vị, trong phạm vi nhiệm vụ, tổ chức …`
            return k + 1 in c.at["adverb"]
        if any(p.regex.match(self.plain, c.start(k)) for p in role("tasks", "announces")):
            return False
        if k in c.at["verb"]:
            return True
        unknown = not any(k in c.at[x] for x in ("stop", "adverb", "allow"))
        if first and unknown and w[:1].islower() and c.word(k - 1) in word_set("places"):
            return True
        return k in c.at["adverb"] and first and bool(self._later_verb(k))

    def _later_verb(self, k: int) -> bool:
        return any(j in self.c.at["verb"] for j in range(k, min(k + 40, len(self.c.tokens))))

    def _texts(self, names: list[Name]) -> tuple[str, ...]:
        out: dict[str, str] = {}
        for n in sorted(names, key=lambda n: n.start):
            words = with_head(one_blank(self.text[n.start : n.end]))
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


@kept
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
            # a heading without a predicate is all name: `Phòng Quản lý xây dựng công trình`
            longer = not title.rstrip().endswith(":") and len(rest.split()) <= 5 and not re.search(r"[.,;:()]", rest)
            if (
                not longer
                or c.word(names[-1].first + 1)[:1].islower()
                or any(k in c.at["head"] for k in range(names[-1].last, len(c.tokens)))
            ):
                return ()
            names[-1] = Name(names[-1].start, len(words), names[-1].first, len(c.tokens))
    return tuple(dict.fromkeys(with_head(one_blank(words[n.start : n.end])) for n in names))
