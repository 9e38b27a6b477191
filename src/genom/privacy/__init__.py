"""Rights of the person: who holds their data, erasure and its receipts."""

from genom.privacy.holders import Count, Erased, Holder, Subject
from genom.privacy.receipt import Receipt, StoreReceipt, receipt_is_genuine, signed
from genom.privacy.scan import Hit, scan

__all__ = [
    "Count",
    "Erased",
    "Hit",
    "Holder",
    "Receipt",
    "StoreReceipt",
    "Subject",
    "receipt_is_genuine",
    "scan",
    "signed",
]
