"""placeholder"""

from spacy.tokens import Doc

from pipeline.document import Citation


def find(doc: Doc) -> tuple[Citation, ...]:
    return ()
