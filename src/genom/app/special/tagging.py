"""Tags of a running node: they hold for the events that come from now on, and then for those that are there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from genom.app.special.settling import DONE
from genom.app.special.tags import Tagged, Tags, flagged_products, tags_of, told_by

if TYPE_CHECKING:
    from genom.app.commit import Committer
    from genom.app.node import Node

__all__ = ["Tagger", "Tagging"]


class Tagging(msgspec.Struct, frozen=True, kw_only=True):
    """What is tagged as a special category of data."""

    tagged: Tagged  # by `PUT /v1/art9`
    file: Tagged  # by art9.yaml
    products: int  # sent as tagged
    things: int  # products and coupons that are tagged by all of this together
    state: str  # `done`; or `waiting`: events of before are narrowed at the next start


class Tagger:
    """Keeps a node's tags."""

    def __init__(self, node: Node, committer: Committer) -> None:
        self._node, self._committer = node, committer
        self._turn = asyncio.Lock()

    async def renew(self) -> bool:
        """Take in the tags of file and catalogue, between two commits; whether they are others."""
        async with self._turn:
            node = self._node
            tags = await asyncio.to_thread(tags_of, node.data.path, node.catalogue)
            if tags == node.desk.tags:
                return False
            await self._committer.between(lambda: self._put(tags))
            return True

    def _put(self, tags: Tags) -> None:
        self._node.desk.tags = tags
        self._node.pipeline.catalogue_changed()

    def state(self) -> Tagging:
        """What is tagged, by what."""
        node = self._node
        file, tagged = told_by(node.data.path, node.catalogue)
        done = (node.catalogue.get(DONE) or "") == node.desk.tags.digest
        return Tagging(
            tagged=tagged, file=file, products=len(flagged_products(node.catalogue)), things=len(node.desk.tags.items),
            state="done" if done else "waiting",
        )  # fmt: skip
