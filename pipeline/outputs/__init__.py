"""A reading in other people's formats: hOCR, ALTO, and the searchable PDF ("PDF 2 lớp")."""

from pipeline.outputs.alto import alto
from pipeline.outputs.archival import make_archival
from pipeline.outputs.hocr import hocr
from pipeline.outputs.searchable import joined_pdf, searchable_pdf

__all__ = ["alto", "hocr", "joined_pdf", "make_archival", "searchable_pdf"]
