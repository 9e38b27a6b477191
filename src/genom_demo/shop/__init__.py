"""The web shop: pages, pictures, cart, log-in and consent of a shop that asks Genom what to show."""

from genom_demo.shop.app import build_app

__all__ = ["build_app"]
