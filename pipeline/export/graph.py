"""Who cites whom as GraphML, for Gephi, yEd, Cytoscape and networkx.

A node is a document: one of the corpus, or a cited one. Plans share the node of a cited document only where it is certainly the same:
by URI, or by symbol, date and issuer where the issuer is a central body or the plans come from one body (every province has its own
`12/QĐ-UBND`). Else the node belongs to its plan.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import networkx
from networkx.readwrite.graphml import GraphMLWriter

from pipeline.corpus.links import body, central_bodies, symbol
from pipeline.corpus.tables import Tables, to_arrow
from pipeline.text import fold, old_tone, one_blank

_PLAN = ("number", "doc_type", "title", "issue_date", "issuing_authority", "uri", "is_plan")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

Row = dict[str, Any]


def graphml(tables: Tables) -> bytes:
    """The graph as GraphML (UTF-8)."""
    # The writer itself and not write_graphml: that one changes its bytes where lxml is installed.
    writer = GraphMLWriter(encoding="utf-8", prettyprint=True)
    writer.add_graph_element(graph(tables))
    return ElementTree.tostring(writer.xml, encoding="utf-8", xml_declaration=True) + b"\n"


def graph(tables: Tables) -> Any:
    """A networkx MultiDiGraph: an edge from each citing document to the cited one, with relation, mentions, page and line.

    What a cited document cites in its turn (`relation_subject`) is an edge of that one, told by `told_by`.
    """
    made = networkx.MultiDiGraph()
    plans = to_arrow("plans", tables.plans).to_pylist()
    for plan in plans:
        told = {name: plan[name] for name in _PLAN}
        made.add_node(plan["plan_id"], **_filled(told | {"label": plan["number"] or plan["title"] or plan["plan_id"], "in_corpus": True}))
    owners = {plan["plan_id"]: body(plan["issuing_authority"] or "") for plan in plans}
    citations = to_arrow("citations", tables.citations).to_pylist()
    nodes = {(c["plan_id"], c["citation_no"]): _node(c, owners[c["plan_id"]]) for c in citations}
    by_symbol: dict[tuple[str, str], str] = {}
    for citation in citations:
        key = nodes[citation["plan_id"], citation["citation_no"]]
        if citation["cited_id"]:
            by_symbol.setdefault((citation["plan_id"], symbol(citation["cited_id"])), key)
        if key not in made:
            label = citation["cited_id"] or citation["subject"] or citation["cited_type"] or key
            told = {"number": "cited_id", "doc_type": "cited_type", "title": "subject", "issue_date": "cited_date", "uri": "cited_uri"}
            row = {name: citation[column] for name, column in told.items()} | {"issuing_authority": citation["cited_issuer"]}
            made.add_node(key, **_filled(row | {"label": label, "in_corpus": False}))
    for citation in citations:
        subject, plan_id = citation["relation_subject"], citation["plan_id"]
        source = plan_id if subject == "this" else by_symbol.get((plan_id, symbol(subject)), plan_id)
        told = {name: citation[name] for name in ("relation", "mentions", "page", "line", "confidence")}
        # The key becomes the edge's id in the file, which must be its own in the whole graph (Gephi drops a second one).
        key = f"{plan_id}:{citation['citation_no']}"
        made.add_edge(source, nodes[plan_id, citation["citation_no"]], key, **_filled(told | {"told_by": plan_id}))
    return made


def _node(citation: Row, owner: str) -> str:
    """The id of the cited document's node; `owner` is the body that cites it."""
    number, date, uri = citation["cited_id"], citation["cited_date"], citation["cited_uri"]
    if citation["cited_plan_id"]:
        return str(citation["cited_plan_id"])
    if uri and "/0000/" not in uri:  # 0000: a year that extraction did not know
        return str(uri)
    if date and len(date) == len("2020-11-17"):
        issuer = body(citation["cited_issuer"] or "")
        if number and issuer in central_bodies(number):
            return f"{symbol(number)} · {date} · {issuer}"
        if number and issuer and owner:  # `Ủy ban nhân dân tỉnh` means the same only in plans of one body
            return f"{symbol(number)} · {date} · {issuer} · {owner}"
        if not number and citation["subject"]:
            return f"{fold(old_tone(one_blank(citation['subject'])))} · {date}"
    return f"{citation['plan_id']}:{citation['citation_no']}"


def _filled(row: Row) -> Row:
    """What is known, in characters that XML takes."""
    return {k: _NOT_XML.sub("\ufffd", v) if isinstance(v, str) else v for k, v in row.items() if v is not None}
