"""Segments as the API and the pages show them; counts are told as `genom.segments.told` has it."""

from __future__ import annotations

from typing import Any

import msgspec

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.who import masked
from genom.app.reading import rfc3339
from genom.app.segmenting.members import Live
from genom.app.segmenting.preview import Preview, absent_of
from genom.app.segmenting.store import segment_versions
from genom.errors import BadRequest, Busy
from genom.segments import Crowd, Known, Point, Segment, Teller, as_plain, sentence

__all__ = [
    "Counted",
    "PreviewShown",
    "SegmentDetail",
    "SegmentShown",
    "check_floor",
    "counted",
    "detail_of",
    "preview_shown",
    "segment_rows",
    "share_of",
    "shown_of",
    "told_growth",
]


class Counted(msgspec.Struct):
    """A number of people; below the floor only the text says something."""

    count: int | None
    text: str  # "≈ 1,230" or "< 75"; "1,234" with a floor of 1


class SegmentShown(msgspec.Struct):
    """A segment in a list."""

    id: str
    label: dict[str, str]
    description: str
    purpose: str
    version: int
    author: str
    at: str
    people: Counted
    building: bool  # everybody is being judged; until then the version before counts
    progress: float
    sentence: dict[str, str]
    used_by: list[str]  # segments that ask about it
    absent: dict[str, str]  # genes that nobody's can be read of now: these conditions hold neither way → why
    unreadable: str = ""  # why it cannot be kept up, so that nobody belongs; empty: it is


class GrowthPoint(msgspec.Struct):
    """How many people it had."""

    at: str
    people: Counted
    entered: int | None  # none below the floor
    left: int | None


class VersionShown(msgspec.Struct):
    """A version of a definition."""

    version: int
    author: str
    at: str
    removed: bool
    rule: dict[str, Any]


class SegmentDetail(msgspec.Struct):
    """A segment with all that is known of it."""

    segment: SegmentShown
    rule: dict[str, Any]
    hourly: list[GrowthPoint]
    daily: list[GrowthPoint]
    versions: list[VersionShown]


class ConditionShown(msgspec.Struct):
    """One condition alone."""

    place: str  # path in the rule, such as $.rule.all[0]
    people: Counted
    text: dict[str, str]


class ChannelShown(msgspec.Struct):
    """How many members a channel reaches."""

    people: Counted  # who permit it, and of whom there is what it takes
    permit: Counted  # who permit it, whatever is held of them


class PreviewShown(msgspec.Struct):
    """What a rule means now."""

    people: Counted
    everyone: Counted  # people who permit the purpose
    share: float | None  # of them
    sentence: dict[str, str]
    conditions: list[ConditionShown]
    reach: dict[str, Counted]  # purpose → members who permit it, too
    channels: dict[str, ChannelShown]  # email, sms, onsite, sales, ads, post: those that the purposes allow for
    examples: list[str]  # masked ids; none below the floor
    absent: dict[str, str]  # genes that nobody's can be read of now: these conditions hold neither way → why


def counted(number: int | None, teller: Teller) -> Counted:
    """A number as `Teller.told` gives it, with its text.

    >>> counted(1230, Teller(b"secret", floor=50)), counted(None, Teller(b"secret", floor=50))
    (Counted(count=1230, text='≈ 1,230'), Counted(count=None, text='< 75'))
    >>> counted(1234, Teller(b"secret", floor=1)).text
    '1,234'
    """
    if number is None:
        return Counted(None, f"< {teller.least:,}")
    return Counted(number, f"{number:,}" if teller.exact else f"\N{ALMOST EQUAL TO} {number:,}")


def told_growth(point: Point, name: str, teller: Teller) -> tuple[int | None, int | None, int | None]:
    """How many people a segment had, and how many entered and left since the point before, as may be told."""
    if point.told < 0:  # of an older version: nobody knows any more who they were
        crowd = Crowd(point.count, teller.key_of(name, point.at))
        moved = [teller.key_of(name, point.at, what) for what in ("entered", "left")]
    else:
        crowd, moved = Crowd(point.told, point.key), [point.entered_key, point.left_key]
    count = teller.told(crowd)
    if count is None:
        return None, None, None
    return count, teller.told(Crowd(point.entered, moved[0])), teller.told(Crowd(point.left, moved[1]))


def share_of(part: int | None, whole: int | None) -> float | None:
    """The share of one told number in another, 1 at most; None if one is not told.

    >>> share_of(60, 240), share_of(None, 240), share_of(250, 240)
    (0.25, None, 1.0)
    """
    return min(part / whole, 1.0) if part is not None and whole else None


def check_floor(node: Node, one: Live) -> None:
    """Raises BadRequest if a segment, or what it differs by from an older one, has too few people to be listed.

    Raises Busy if nobody knows them yet.
    """
    if not one.built:
        raise Busy(
            f"The segment {one.segment.id!r} is being built.",
            why=f"{one.progress:.0%} of everybody were judged",
            fix="ask again in a moment",
            code="segments.building",
        )
    floor = node.settings.segment_floor
    if one.count < floor and floor > 1:  # at 1 nobody is hidden, and an empty list tells of nobody
        raise BadRequest(
            f"The segment {one.segment.id!r} is too small.",
            why=f"it has fewer than {floor} people, and a list of them would tell what each of them did",
            fix="widen its rule, or lower the setting segment_floor",
            code="segments.too-small",
        )
    if other := node.segments.too_near(one, floor=floor, now=now_ms()):
        raise BadRequest(
            f"The segment {one.segment.id!r} is too near to {other!r}.",
            why=f"fewer than {floor} people are in one and not in the other, so both lists would single them out",
            fix=f"use {other!r}, change one of the rules so that more people are apart, or lower segment_floor",
            code="segments.too-near",
        )


def segment_rows(node: Node, *, now: int) -> list[SegmentShown]:
    """All segments, by name."""
    newest = node.segments.newest()
    known = node.segments.known(now=now) if newest else None
    return [shown_of(node, segment, known) for segment in newest if known]


def shown_of(node: Node, segment: Segment, known: Known) -> SegmentShown:
    """One segment; its count is that of the newest version that is built."""
    teller = node.segments.held.teller
    one = node.segments.shown(segment.id)
    newest = next(live for live in node.segments.live if live.number == segment.number)
    return SegmentShown(
        id=segment.id,
        label=dict(segment.label),
        description=segment.description,
        purpose=segment.purpose,
        version=segment.version,
        author=segment.author,
        at=rfc3339(segment.at),
        people=counted(teller.told(node.segments.crowd(one)), teller),
        building=not newest.built,
        progress=newest.progress,
        sentence={language: sentence(segment.rule, known, language) for language in ("en", "de")},
        used_by=[other.id for other in node.segments.newest() if segment.id in other.members_of],
        absent=absent_of(segment, known),
    )


def _lost(node: Node, segment: Segment) -> SegmentShown:
    """One that cannot be kept up; its rule has no words, for what it asks about is not there."""
    teller = node.segments.held.teller
    return SegmentShown(
        id=segment.id,
        label=dict(segment.label),
        description=segment.description,
        purpose=segment.purpose,
        version=segment.version,
        author=segment.author,
        at=rfc3339(segment.at),
        people=counted(teller.told(Crowd(0, 0)), teller),
        building=False,
        progress=0.0,
        sentence={"en": "", "de": ""},
        used_by=sorted(name for name, one in node.segments.lost.items() if segment.id in one.segment.members_of),
        absent={},
        unreadable=node.segments.unreadable[segment.id],
    )


def detail_of(node: Node, name: str, *, now: int) -> SegmentDetail:
    """A segment with its growth and versions, also of one that cannot be kept up; raises NotFound."""
    if lost := node.segments.lost.get(name):
        segment, shown = lost.segment, _lost(node, lost.segment)
    else:
        node.segments.shown(name)
        segment = next(one for one in node.segments.newest() if one.id == name)
        shown = shown_of(node, segment, node.segments.known(now=now))
    growth, teller = node.segments.growth.get(name), node.segments.held.teller

    def points(kept: list[Point]) -> list[GrowthPoint]:
        told = [told_growth(point, name, teller) for point in kept]
        return [
            GrowthPoint(at=rfc3339(point.at), people=counted(count, teller), entered=entered, left=left)
            for point, (count, entered, left) in zip(kept, told, strict=True)
        ]

    return SegmentDetail(
        segment=shown,
        rule=as_plain(segment.rule),
        hourly=points(growth.hourly) if growth else [],
        daily=points(growth.daily) if growth else [],
        versions=[
            VersionShown(
                version=row["version"], author=row["author"], at=rfc3339(row["at"]),
                removed="rule" not in row["body"], rule=row["body"].get("rule", {}),
            )
            for row in segment_versions(node.catalogue, name)
        ],
    )  # fmt: skip


def preview_shown(node: Node, tried: Preview) -> PreviewShown:
    """A preview as it may be told."""
    teller = node.segments.held.teller
    people, everyone = teller.told(tried.crowd), teller.told(tried.everyone)
    return PreviewShown(
        people=counted(people, teller),
        everyone=counted(everyone, teller),
        share=share_of(people, everyone),
        sentence=tried.sentence,
        conditions=[
            ConditionShown(one.place, counted(teller.told(one.crowd), teller), one.text) for one in tried.conditions
        ],
        reach={purpose: counted(teller.told(crowd), teller) for purpose, crowd in tried.reach.items()},
        channels={
            channel: ChannelShown(
                counted(teller.told(found.people), teller), counted(teller.told(found.permit), teller)
            )
            for channel, found in tried.channels.items()
        },
        examples=[masked(node.public.name(person)) for person in tried.examples] if people is not None else [],
        absent=tried.absent,
    )
