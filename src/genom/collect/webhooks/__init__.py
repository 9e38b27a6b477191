"""Webhooks of other systems: a signed body becomes events by a declared mapping of paths, and by nothing else."""

from genom.collect.webhooks.declared import Webhook, read_webhook
from genom.collect.webhooks.mapping import IDENTIFIERS, Mapped, as_sent, mapped, named
from genom.collect.webhooks.signature import Signature, check_signature

__all__ = [
    "IDENTIFIERS", "Mapped", "Signature", "Webhook", "as_sent", "check_signature", "mapped", "named", "read_webhook",
]  # fmt: skip
