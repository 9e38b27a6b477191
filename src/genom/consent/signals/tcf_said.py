"""What a TC string says of the purposes here."""

from __future__ import annotations

from genom.consent.purposes import Purposes
from genom.consent.signals.said import Said
from genom.consent.signals.tcf import decode_tc

__all__ = ["tc_said"]


def tc_said(text: str, purposes: Purposes) -> Said:
    """Granted is what stands on purposes of TCF that are all consented to, storage on the device among them.

    Raises Damaged.
    """
    said = decode_tc(text)
    permitted = said.permitted
    choices = {name: permitted & needed == needed for name, needed in purposes.tcf_needed}
    return Said(choices, at=said.updated * 100, evidence=text)
