"""Drawings of the pages: each is a Picture with a name, a sentence and its numbers as a table."""

from heldout.report.draw.bars import Bar, bars, columns, histogram
from heldout.report.draw.grids import heat, places, small
from heldout.report.draw.lines import Point, Series, lines, scatter
from heldout.report.draw.picture import Picture, table
from heldout.report.draw.scale import Scale, around

__all__ = [
    "Bar", "Picture", "Point", "Scale", "Series", "around", "bars", "columns", "heat", "histogram",
    "lines", "places", "scatter", "small", "table",
]  # fmt: skip
