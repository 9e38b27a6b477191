"""What pages draw hundreds of times: a bar, and the id of a gene; each is made once and kept."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape

from genom.console.genome import gene_page, level

__all__ = ["gene_id", "place_bar"]


def place_bar(place: float) -> Markup:
    """A thin bar for a share of its lane; the figure stands beside it in the table.

    >>> "q4" in place_bar(0.5), 'width="50.0"' in place_bar(0.5)
    (True, True)
    """
    return _bar(round(place, 3))


@lru_cache(maxsize=10_000)
def gene_id(name: str, *, link: bool = True) -> Markup:
    """An id of a gene, on one line; it leads to the gene's page unless it stands there already.

    >>> print(gene_id("value.<b>", link=False))
    <code class="id" title="value.&lt;b&gt;">value.&lt;b&gt;</code>
    """
    said = escape(name)
    code = Markup('<code class="id" title="{}">{}</code>').format(said, said)
    page = gene_page(name) if link else ""
    return Markup('<a class="gene" href="{}">{}</a>').format(page, code) if page else code


@lru_cache(maxsize=2_048)
def _bar(place: float) -> Markup:
    lane = '<rect class="lane" width="100" height="8"/>'
    bar = f'<rect class="q{level(place)}" width="{round(max(1.0, place * 100), 1)}" height="8"/>'
    attributes = 'viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return Markup(f'<svg class="place" {attributes}>{lane}{bar}</svg>')  # noqa: S704 -- numbers only
