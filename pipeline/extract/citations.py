"""Citations: one row for each distinct document that is cited, with all its mentions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spacy.tokens import Doc

from pipeline.document import Citation, Evidence
from pipeline.extract import authority, scanned, spelling, uris
from pipeline.extract.laws import of_name
from pipeline.extract.mentions import Mention, mentions, official_issuer
from pipeline.extract.relations import relate
from pipeline.extract.shortforms import Short, short_forms
from pipeline.text import fold, one_blank


@dataclass
class _Cited:
    """One document while its mentions are gathered."""

    key: str
    mentions: list[Mention]
    date: str | None
    issuer: str | None


def find(doc: Doc) -> tuple[Citation, ...]:
    """The cited documents in order of print. The same symbol of two dates or two issuers is two documents."""
    found = mentions(doc)
    relate(found, doc.text, doc._.folded)
    where = _localities(doc)
    gathered: list[_Cited] = []
    by_key: dict[str, list[_Cited]] = {}
    of_mention: dict[int, _Cited] = {}
    for k, m in enumerate(found):
        issuer = official_issuer(m, doc.text, where)
        key = m.identifier.canonical if m.identifier else of_name(m.name or "")
        home = next((c for c in reversed(by_key.get(key, [])) if _same(c, m.date, issuer)), None)
        if home is None:
            home = _Cited(key, [], None, None)
            gathered.append(home)
            by_key.setdefault(key, []).append(home)
        home.mentions.append(m)
        home.date = home.date or m.date
        home.issuer = home.issuer or issuer
        of_mention[k] = home
    short: dict[int, list[Short]] = {}
    for s in short_forms(doc.text, doc._.folded, found):
        short.setdefault(id(of_mention[s.of]), []).append(s)
    return tuple(_row(doc, n, c, found, short.get(id(c), [])) for n, c in enumerate(gathered, 1))


def _same(cited: _Cited, date: str | None, issuer: str | None) -> bool:
    if cited.date and date and cited.date != date:
        return False
    if cited.issuer and issuer:
        a, b = fold(cited.issuer), fold(issuer)
        return a == b or a in b or b in a
    return True


def _localities(doc: Doc) -> tuple[str, ...]:
    """The localities that the document's own letterhead tells: `huyện Tri Tôn`, `tỉnh An Giang`."""
    who: authority.Authority | None = doc._.authority
    if who is None:
        return ()
    return tuple(dict.fromkeys(w for w in (who.locality, who.province.typed if who.province else None) if w))


def _row(doc: Doc, number: int, cited: _Cited, found: list[Mention], short: list[Short]) -> Citation:
    """The row of a document; `mentions` counts its symbol or name, the evidence of mentions holds the `short` forms too."""
    first = cited.mentions[0]
    spans = [(m.start, m.end) for m in cited.mentions]
    proofs = tuple(_proof(doc, a, b, m) for (a, b), m in zip(spans, cited.mentions, strict=True))
    further = [(s.start, doc._.prose.evidence(s.start, s.end, s.rule, 0.9)) for s in short]
    in_order = sorted([*zip([a for a, _ in spans], proofs, strict=True), *further], key=lambda x: x[0])
    noun = next((m.noun for m in cited.mentions if m.noun), None)
    subject: str | None = next((m.name for m in cited.mentions if m.name), None)
    if subject is None:
        span = next((m.subject for m in cited.mentions if m.subject), None)
        subject = text_of(doc, *span) if span else None
    citing = "this"
    if first.citing is not None:
        outer = found[first.citing]
        citing = outer.identifier.canonical if outer.identifier else "this"
    uri = None
    if first.identifier:
        term = next((m.term for m in cited.mentions if m.term), None)
        province, below = _place(doc, cited)
        uri = uris.key(first.identifier, cited.date, noun, province, term, below)
    return Citation(
        number,
        first.identifier.canonical if first.identifier else None,
        noun,
        cited.date,
        cited.issuer,
        subject,
        first.relation,
        citing,
        len(cited.mentions),
        uri,
        None,
        proofs[0],
        tuple(e for _, e in in_order),
    )


def _proof(doc: Doc, start: int, end: int, m: Mention) -> Evidence:
    """The evidence of a mention; a symbol is no surer than its digits."""
    e = doc._.prose.evidence(start, end, m.rule, m.identifier.confidence if m.identifier else 0.95)
    if m.identifier is None or e.confidence is None:
        return e
    return replace(e, confidence=min(e.confidence, max(scanned.digits_confidence(doc._.prose, start, end), 0.05)))


def _place(doc: Doc, cited: _Cited) -> tuple[spelling.Province | None, tuple[str, ...] | None]:
    """The province, and the district and commune, of the body that issued a cited document.

    A body of the document's own district or commune is in its province; of any other one the province stays open.
    """
    who: authority.Authority | None = doc._.authority
    below = uris.below(cited.issuer or "", None, cited.date)
    if not below:
        return _province(cited.issuer), below
    ours = who is not None and below[-1] in (authority.locality(who.name), authority.locality(who.parent or ""))
    return (who.province if who and ours else None), below


def _province(issuer: str | None) -> spelling.Province | None:
    """The province that a cited body's own name tells."""
    if not issuer:
        return None
    where = authority.locality(issuer)
    if where and not fold(where).startswith(("tinh", "thanh pho")):
        return None
    return spelling.province(where) if where else None


def text_of(doc: Doc, start: int, end: int) -> str:
    """Words of the running text as a record holds them."""
    return one_blank(doc.text[start:end])
