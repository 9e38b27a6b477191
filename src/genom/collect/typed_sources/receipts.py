"""Receipts of a till: one row a line; what was sold, what came back, and how it was paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from genom.collect.money import micros, priced, thousandths
from genom.collect.rejected import Rejected
from genom.collect.typed_sources.messages import message_id
from genom.collect.typed_sources.people import CARD, CUSTOMER, about
from genom.collect.typed_sources.reading import BadCell, LeftOut, Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, event
from genom.words import MICROS

__all__ = ["RECEIPTS"]

_MOST: Final = 1_000  # lines of a receipt, as of an event
_SHOWN: Final = {"product": "product_id", "name": "name", "department": "category_1", "category": "category_2"}

_COLUMNS: Final = (
    Column(
        "receipt", "id", "Number of the receipt.", "Nummer des Bons.", required=True,
        also=("receipt_id", "receipt_no", "basket", "basket_id", "transaction", "transaction_id", "invoice", "bon",
              "bonnummer", "bon_nr", "bonnr", "beleg", "belegnummer", "beleg_nr"),
    ),
    Column(
        "time", "time", "When it was paid.", "Wann bezahlt wurde.", required=True,
        also=("timestamp", "date", "datetime", "sold_at", "datum", "zeit", "zeitpunkt", "bondatum", "verkaufsdatum"),
    ),
    Column("store", "id", "Store.", "Filiale.", also=("store_id", "shop", "branch", "filiale", "markt")),
    Column("till", "id", "Till.", "Kasse.", also=("till_id", "register", "pos", "terminal", "kasse", "kassennummer")),
    CARD,
    CUSTOMER,
    Column(
        "line", "whole", "Number of the line on the receipt.", "Nummer der Zeile auf dem Bon.",
        also=("line_no", "line_number", "position", "pos_nr", "zeile"),
    ),
    Column(
        "type", "text", "sale (what an empty cell means), return or tender.",
        "sale für Verkauf (auch eine leere Zelle), return für Rückgabe, tender für Zahlung.",
        one_of=("sale", "return", "tender"), also=("line_type", "art", "zeilenart"),
    ),
    Column(
        "product", "id", "Product number.", "Artikelnummer.",
        also=("product_id", "sku", "article", "item", "ean", "gtin", "artikel", "artikelnummer", "artikel_nr"),
    ),
    Column("name", "text", "What the product is called.", "Bezeichnung des Artikels.",
           also=("product_name", "description", "bezeichnung", "artikelbezeichnung")),
    Column("department", "text", "The wider category.", "Die weitere Warengruppe.",
           also=("category_1", "abteilung", "bereich")),
    Column("category", "text", "The narrower category.", "Die engere Warengruppe.",
           also=("category_2", "warengruppe", "kategorie")),
    Column("quantity", "number", "How many pieces or kilograms; 1 if empty.", "Wie viele Stück oder Kilo; leer: 1.",
           also=("qty", "units", "menge", "anzahl")),
    Column("price", "number", "Price of one piece.", "Preis eines Stücks.",
           also=("unit_price", "einzelpreis", "preis", "stueckpreis")),
    Column("amount", "number", "What was paid for the whole line, or with the tender.",
           "Was für die ganze Zeile oder mit dem Zahlungsmittel bezahlt wurde.",
           also=("total", "line_total", "sales", "betrag", "summe", "umsatz", "gesamtpreis", "zeilenbetrag")),
    Column("discount", "number", "What the line was reduced by.", "Um wie viel die Zeile ermäßigt wurde.",
           also=("rebate", "rabatt", "nachlass")),
    Column("coupon", "id", "Coupon that was used.", "Eingelöster Gutschein.",
           also=("coupon_id", "voucher", "gutschein", "coupon_code")),
    Column("tender", "text", "Of a tender: cash, card, voucher and the like.", "Zahlungsmittel: bar, Karte, Gutschein.",
           also=("payment", "payment_method", "zahlungsart", "zahlungsmittel")),
    Column("currency", "text", "ISO 4217 code; the reporting currency if empty.",
           "Code nach ISO 4217; leer: die Berichtswährung.", also=("waehrung",)),
)  # fmt: skip


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """One receipt: `Order Completed` for what was sold, `Order Refunded` for what came back."""
    if len(records) > _MOST:  # nobody else limits what comes over HTTP
        raise BadCell(f"has more than {_MOST:,} lines", "check the number of the receipt", "receipt")
    lines = _once(records)
    first = lines[0]
    who = next((one for one in lines if "card" in one or "customer" in one), None)
    if who is None:
        raise LeftOut("receipts without a card or a customer, which are about nobody")
    kinds = [(_kind(one), one) for one in lines]
    sold, back = ([one for kind, one in kinds if kind == wanted] for wanted in ("sale", "return"))
    tenders = [_tender(one) for kind, one in kinds if kind == "tender"]
    number, said = message_id("receipt", lines, key=reading.key), []
    for name, those, end in (("Order Completed", sold, ""), ("Order Refunded", back, "-refund")):
        if those:
            said.append(
                event(
                    type="track", event=name, messageId=number + end, timestamp=first["time"],
                    **about(who, channel="pos"), properties=_order(first, those, tenders),
                )
            )  # fmt: skip
    if not said:
        raise BadCell("has tenders alone", "give its lines, too", "type")
    return said


def _once(records: Sequence[Record]) -> list[Record]:
    """The lines, each number once; raises BadCell where two lines with one number differ."""
    if len(records) == 1 or "line" not in records[0]:
        return list(records)
    by_number: dict[Any, Record] = {}
    for at, record in enumerate(records):
        number = record.get("line", f"row {at}")
        if by_number.setdefault(number, record) != record:
            raise BadCell(f"{number} stands twice, with different content", "give each line its own number", "line")
    return list(by_number.values())


def _kind(record: Record) -> str:
    """Sale, return or tender; a negative quantity or amount is a return."""
    kind: str = record.get("type") or ("tender" if "tender" in record and "product" not in record else "sale")
    if kind == "sale" and (record.get("quantity", 0) < 0 or record.get("amount", 0) < 0):
        return "return"
    return kind


def _tender(record: Record) -> dict[str, Any]:
    if "amount" not in record:
        raise BadCell("is missing", "say how much was paid with the tender", "amount")
    return {"type": record.get("tender", "other"), "amount": record["amount"]}


def _order(first: Record, lines: list[Record], tenders: list[dict[str, Any]]) -> dict[str, Any]:
    products, total, discount = [], 0, 0
    for line in lines:
        try:
            sold, paid = _product(line)
            less = micros(sold.get("discount", 0), "discount")
        except Rejected as why:
            raise BadCell(why.what, why.fix, why.path) from None
        products.append(sold)
        total += paid
        discount += less
    order = {
        "order_id": first["receipt"], "store_id": first.get("store"), "till_id": first.get("till"),
        "total": total / MICROS, "discount": discount / MICROS if discount else None,
        "currency": first.get("currency"), "products": products, "tenders": tenders or None,
    }  # fmt: skip
    return {name: value for name, value in order.items() if value is not None}


def _product(line: Record) -> tuple[dict[str, Any], int]:
    """An entry of `products`, and what was paid for it in micros."""
    if "product" not in line:
        raise BadCell("is missing", "say which product was sold", "product")
    product = {name: line[column] for column, name in _SHOWN.items() if column in line}
    product["quantity"] = quantity = abs(line.get("quantity", 1))
    if "amount" in line:
        product["total"] = abs(line["amount"])
        paid = micros(product["total"], "amount")
    elif "price" in line:
        product["price"] = abs(line["price"])
        paid = priced(micros(product["price"], "price"), thousandths(quantity, "quantity"))
    else:
        raise BadCell("is missing", "give the line's amount or its price", "amount")
    if "discount" in line:
        product["discount"] = abs(line["discount"])
    if "coupon" in line:
        product["coupon"] = line["coupon"]
    return product, paid


_SAMPLE: Final = """\
receipt;time;store;till;card;line;type;product;name;department;category;quantity;amount;discount;coupon;tender
B-1001;2026-03-02 09:12:40;Ulm;3;70001;1;sale;4711;Assam 250 g;DRINKS;TEA;2;11,98;;;
B-1001;2026-03-02 09:12:40;Ulm;3;70001;2;sale;1805;Oat biscuits;BAKERY;BISCUITS;1;2,49;0,50;SPRING;
B-1001;2026-03-02 09:12:40;Ulm;3;70001;3;sale;2290;Apples loose;FRESH;FRUIT;1,25;3,74;;;
B-1001;2026-03-02 09:12:40;Ulm;3;70001;4;tender;;;;;;18,21;;;cash
B-1002;2026-03-02 09:15:02;Ulm;3;;1;sale;9001;Paper bag;NON-FOOD;BAGS;1;0,20;;;
B-1003;2026-03-02 10:01:33;Neu-Ulm;1;70002;1;return;4711;Assam 250 g;DRINKS;TEA;1;5,99;;;
B-1003;2026-03-02 10:01:33;Neu-Ulm;1;70002;2;sale;4713;Darjeeling 250 g;DRINKS;TEA;1;8,99;;;
B-1003;2026-03-02 10:01:33;Neu-Ulm;1;70002;3;tender;;;;;;3,00;;;card
"""

RECEIPTS: Final = SourceType(
    name="receipts",
    en="Receipts of tills: a row for each line, return and tender.",
    de="Kassenbons: eine Zeile je Position, Rückgabe und Zahlung.",
    columns=_COLUMNS,
    translate=_translate,
    sample=_SAMPLE,
    group=("receipt", "store", "till", "time"),
)
