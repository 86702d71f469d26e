"""ALTO 4.4, the library world's XML for a page's text and layout: every word with its place, confidence and other readings.

Schema: https://www.loc.gov/standards/alto/v4/alto-4-4.xsd. Places are pixels of the upright page image.
"""

from __future__ import annotations

from pipeline.document import Box, Line, LineKind, Page, Reading, Word
from pipeline.outputs.blocks import as_xml, blocks, raw_word

_KINDS: tuple[LineKind, ...] = ("overlay", "stamp", "footnote", "page_number", "table")


def alto(reading: Reading, source_name: str, lang: str = "vi") -> str:
    """The reading as one ALTO document; `source_name` is the file it was read from.

    ALTERNATIVE holds the word before repair (PURPOSE `raw`) and the recogniser's other readings (`reading 0.31`). What a line is
    (overlay, stamp, footnote, page_number, table) is a tag. Lines without a place (text inputs) are left out.
    """
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"'
        ' SCHEMAVERSION="4.4">',
        " <Description>",
        "  <MeasurementUnit>pixel</MeasurementUnit>",
        f"  <sourceImageInformation><fileName>{as_xml(source_name)}</fileName></sourceImageInformation>",
        '  <Processing ID="made_by">',
        "   <processingCategory>contentGeneration</processingCategory>",
        *(f"   <processingStepDescription>{as_xml(made)}</processingStepDescription>" for made in reading.made_by),
        "   <processingSoftware><softwareName>kehoach</softwareName></processingSoftware>",
        "  </Processing>",
        " </Description>",
    ]
    used = {line.kind for page in reading.pages for line in page.lines}
    tags = [f'  <LayoutTag ID="{kind}" LABEL="{kind}"/>' for kind in _KINDS if kind in used]
    out += [" <Tags>", *tags, " </Tags>"] if tags else []
    out.append(" <Layout>")
    for page in reading.pages:
        out += _page(page, lang)
    return "\n".join([*out, " </Layout>", "</alto>", ""])


def _page(page: Page, lang: str) -> list[str]:
    n = page.number
    size = f'WIDTH="{page.width}" HEIGHT="{page.height}"'
    out = [f'  <Page ID="page_{n}" PHYSICAL_IMG_NR="{n}" {size} LANG="{as_xml(lang)}" PROCESSINGREFS="made_by">']
    out.append(f'   <PrintSpace ID="space_{n}" HPOS="0" VPOS="0" {size}>')
    for b, lines in enumerate(blocks(page), 1):
        kind = lines[0].kind
        tag = f' TAGREFS="{kind}"' if kind in _KINDS else ""
        out.append(f'    <TextBlock ID="block_{n}_{b}"{tag} {_place(Box.around([x.box for x in lines if x.box is not None]))}>')
        for line in lines:
            out += _line(n, line)
        out.append("    </TextBlock>")
    return [*out, "   </PrintSpace>", "  </Page>"]


def _line(page: int, line: Line) -> list[str]:
    name = f"{page}_{line.number}"
    out = [f'     <TextLine ID="line_{name}" {_place(line.box)}>']
    placed = [(k, word) for k, word in enumerate(line.words, 1) if word.box is not None]
    for at, (k, word) in enumerate(placed):
        out += (["      <SP/>"] if at else []) + _string(f"word_{name}_{k}", line, word)
    return [*out, "     </TextLine>"]


def _string(name: str, line: Line, word: Word) -> list[str]:
    sure = "" if word.confidence is None else f' WC="{min(1.0, max(0.0, word.confidence)):.2f}"'
    head = f'      <String ID="{name}" {_place(word.box)}{sure} CONTENT="{as_xml(word.text)}"'
    others = [("raw", raw)] if (raw := raw_word(line, word)) else []
    others += [(f"reading {a.confidence:.2f}", a.text) for a in word.alternatives]
    if not others:
        return [head + "/>"]
    return [head + ">", *(f'       <ALTERNATIVE PURPOSE="{why}">{as_xml(text)}</ALTERNATIVE>' for why, text in others), "      </String>"]


def _place(box: Box | None) -> str:
    assert box is not None
    return f'HPOS="{box.left}" VPOS="{box.top}" WIDTH="{box.right - box.left}" HEIGHT="{box.bottom - box.top}"'
