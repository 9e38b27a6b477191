"""Special categories of data (Art. 9 GDPR): what is tagged, and what becomes of events about it."""

from genom.app.special.tags import NOTHING, Tagged, Tags, keep_tagged, read_tagged, tag_products, tags_of

__all__ = ["NOTHING", "Tagged", "Tags", "keep_tagged", "read_tagged", "tag_products", "tags_of"]
