"""Signals of consent that others define: TC strings, Global Privacy Control, Google's Consent Mode."""

from genom.consent.signals.tcf import LEAST_POLICY, Damaged, TcString, Vendors, decode_tc

__all__ = ["LEAST_POLICY", "Damaged", "TcString", "Vendors", "decode_tc"]
