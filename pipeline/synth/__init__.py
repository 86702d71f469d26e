"""Sample plans typeset and degraded: for training pairs, tests and benchmarks. `python -m pipeline.synth SOURCES OUT` makes the samples."""

from pipeline.synth.degrade import Damage, Level, Marks, degrade
from pipeline.synth.lines import render_lines

__all__ = ["Damage", "Level", "Marks", "degrade", "render_lines"]
