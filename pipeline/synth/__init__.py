"""Sample plans typeset and degraded: for training pairs, tests and benchmarks. `python -m pipeline.synth SOURCES OUT` makes the samples."""

from pipeline.synth.degrade import Damage, Level, Marks, degrade
from pipeline.synth.garble import garble, garble_lines
from pipeline.synth.lines import render_lines
from pipeline.synth.scan import pages_of, produce, scanned
from pipeline.synth.source import Annex, Document, Sample, load, plain_text
from pipeline.synth.typeset import typeset

__all__ = [
    "Annex",
    "Damage",
    "Document",
    "Level",
    "Marks",
    "Sample",
    "degrade",
    "garble",
    "garble_lines",
    "load",
    "pages_of",
    "plain_text",
    "produce",
    "render_lines",
    "scanned",
    "typeset",
]
