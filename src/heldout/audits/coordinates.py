"""Which columns are places: a latitude and a longitude by name."""

from __future__ import annotations

from heldout.audits.wording import words
from heldout.tables.schema import Schema

LATITUDE, LONGITUDE = {"lat", "latitude"}, {"lon", "lng", "long", "longitude"}


def coordinates(schema: Schema) -> list[tuple[str, str]]:
    """Pairs (latitude, longitude) of number columns, in the order of the table.

    >>> from heldout.tables.read import read
    >>> coordinates(read({"pickup_lat": [1.5, 2.5], "pickup_lon": [3.5, 4.5]}).schema)
    [('pickup_lat', 'pickup_lon')]
    """
    numbers = [c.name for c in schema if c.kind == "number" and c.role != "target"]
    north = [n for n in numbers if words(n) & LATITUDE]
    east = [n for n in numbers if words(n) & LONGITUDE]
    return list(zip(north, east, strict=False))
