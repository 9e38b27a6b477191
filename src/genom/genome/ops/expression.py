"""A formula over other genes, computed when it is read: it keeps no state and needs no events of its own.

Every gene in it is read for the same purpose at the same moment; where one is withheld, the expression is too.

>>> from genom.genome.formula import evaluate, parse
>>> known = {"value.order_value.sum.30d": 30.0, "rhythm.orders.count.30d": 4.0}
>>> float(evaluate(parse("value.order_value.sum.30d / rhythm.orders.count.30d"), known))
7.5
"""

from genom.genome.ops.base import Laws, Op, Storage

__all__ = ["EXPRESSION"]

EXPRESSION = Op(
    name="expression",
    laws=Laws(commutative=True, idempotent=False, invertible=False, rtol=0.0),  # those of the genes that it reads
    storage=Storage.NONE,
    says={"en": "Computed", "de": "Berechnet"},
)
