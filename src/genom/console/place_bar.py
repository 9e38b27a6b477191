"""The bar that pages draw hundreds of times."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from genom.console.genome import level

__all__ = ["place_bar"]


def place_bar(place: float) -> Markup:
    """A thin bar for a share of its lane; the figure stands beside it in the table.

    >>> "q4" in place_bar(0.5), 'width="50.0"' in place_bar(0.5)
    (True, True)
    """
    return _bar(round(place, 3))


@lru_cache(maxsize=2_048)
def _bar(place: float) -> Markup:
    lane = '<rect class="lane" width="100" height="8"/>'
    bar = f'<rect class="q{level(place)}" width="{round(max(1.0, place * 100), 1)}" height="8"/>'
    attributes = 'viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return Markup(f'<svg class="place" {attributes}>{lane}{bar}</svg>')  # noqa: S704 - numbers only
