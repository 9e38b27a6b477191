"""The catalogue of products; events that name a product alone get their categories from it."""

from __future__ import annotations

from typing import Final

from genom.collect.typed_sources.reading import Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, product

__all__ = ["PRODUCTS"]

_NAMES: Final = {"department": "category_1", "category": "category_2", "brand": "brand", "name": "name"}


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A product as `POST /v1/products` takes it; the last row of a product counts."""
    del reading
    record = records[0]
    said = {name: record[column] for column, name in _NAMES.items() if column in record}
    return [product(product_id=record["product"], **said, art9=record.get("special"))]


_SAMPLE: Final = """\
product;name;department;category;brand;special
4711;Assam 250 g;DRINKS;TEA;Own;no
4713;Darjeeling 250 g;DRINKS;TEA;Own;no
1805;Oat biscuits;BAKERY;BISCUITS;Example;no
3300;Blood pressure monitor;HEALTH;DEVICES;Example;yes
"""

PRODUCTS: Final = SourceType(
    name="products",
    en="The catalogue of products: a row for each product.",
    de="Der Produktkatalog: eine Zeile je Produkt.",
    columns=(
        Column("product", "id", "Product number, as in receipts.", "Artikelnummer, wie in Bons.",
               required=True,
               also=("product_id", "sku", "article", "item", "id", "artikel", "artikelnummer",
                     "artikel_nr", "ean", "gtin")),
        Column("name", "text", "What it is called.", "Bezeichnung.",
               also=("title", "product_name", "bezeichnung", "artikelbezeichnung", "description")),
        Column("department", "text", "The wider category.", "Die weitere Warengruppe.",
               also=("category_1", "abteilung", "bereich")),
        Column("category", "text", "The narrower category.", "Die engere Warengruppe.",
               also=("category_2", "warengruppe", "kategorie", "product_type")),
        Column("brand", "text", "Brand.", "Marke.", also=("marke", "hersteller", "manufacturer")),
        Column("special", "yes_no", "Whether it tells of health, belief or the like (Art. 9 GDPR).",
               "Ob es etwas über Gesundheit, Glauben oder dergleichen verrät (Art. 9 DSGVO).", also=("art9",)),
    ),
    translate=_translate,
    sample=_SAMPLE,
)  # fmt: skip
