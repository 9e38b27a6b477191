"""Rights of the person: who holds their data, erasure and its receipts."""

from genom.privacy.holders import Count, Erased, Found, Holder, Subject, tallied
from genom.privacy.receipt import Receipt, StoreReceipt, receipt_is_genuine, signed
from genom.privacy.scan import Contents, Hit, Unread, scan

__all__ = [
    "Contents",
    "Count",
    "Erased",
    "Found",
    "Hit",
    "Holder",
    "Receipt",
    "StoreReceipt",
    "Subject",
    "Unread",
    "receipt_is_genuine",
    "scan",
    "signed",
    "tallied",
]
