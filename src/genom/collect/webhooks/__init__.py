"""Webhooks of other systems: a signed body becomes events by a declared mapping of paths, and by nothing else."""

from genom.collect.webhooks.declared import Webhook, read_webhook
from genom.collect.webhooks.mapped import Mapped, as_sent, mapped
from genom.collect.webhooks.signature import Signature, check_signature

__all__ = ["Mapped", "Signature", "Webhook", "as_sent", "check_signature", "mapped", "read_webhook"]
