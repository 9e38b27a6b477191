"""Makes the journal that shows format 1, and what a reader must find in it.

python tools/make_journal_fixture.py [DIRECTORY]

The same bytes come out each time.  Tests open the committed result for ever, so it is made anew only as long as
format 1 is unreleased; a later format gets a fixture beside it.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from genom.journal import FORMAT, Journal
from genom.words import ROW, Channel, Flag, Kind

HERE = Path(__file__).parents[1] / "tests" / "fixtures" / "journal-format-1"
SEGMENT_BYTES = 4096
START = 1_788_218_100_000  # unix ms: 2026-08-31 23:15 UTC, a Tuesday 01:15 in Berlin
HOUR = 3_600_000
SERVICE, ONSITE = 1, 4  # purposes, as bits

Draft = dict[str, Any]  # columns that are not 0, and the body as text


def identifier(profile: int, type_: str, value: str | None) -> Draft:
    """A new profile; direct identifiers come without their value."""
    body = {"type": type_} if value is None else {"type": type_, "value": value}
    keys = {"id_low": profile * 7919, "id_high": 2**63 + profile}
    return {"kind": Kind.IDENTIFIER, "profile": profile, "body": body} | keys


def term(vocabulary: int, code: int, text: str) -> Draft:
    """A new term of a vocabulary."""
    return {"kind": Kind.TERM, "line": vocabulary, "category_2": code, "body": text}


def event(number: int, profile: int, kind: int, **columns: Any) -> Draft:
    """An event an hour after the one before."""
    return {
        "kind": kind, "profile": profile, "ts": START + number * HOUR, "known_at": START + number * HOUR + 250,
        "mask": SERVICE | ONSITE, "id_low": number * 104_729, "id_high": 2**64 - number, "source": 1,
        "channel": Channel.WEB, "hour_of_week": (25 + number) % 168,
        "body": {"type": "track", "messageId": f"m{number}", "properties": {"note": "Käse & 茶"}},
    } | columns  # fmt: skip


def order(number: int, profile: int, lines: int) -> Iterator[Draft]:
    """An order with its lines: the lines repeat the event's id, time and mask and have no body."""
    paid, how = lines * 1_990_000, {"flags": Flag.AMOUNT | Flag.SERVER, "channel": Channel.POS, "currency": 978}
    head = event(number, profile, Kind.ORDER_COMPLETED, amount=paid, amount_original=paid, **how)
    yield head
    for line in range(1, lines + 1):
        yield {key: value for key, value in head.items() if key != "body"} | {
            "line": line, "item": 2**63 + line, "amount": 1_990_000, "amount_original": 1_990_000, "discount": 10_000,
            "quantity": -1_500 if line == 3 else 1_000, "category_1": 2, "category_2": 2 + line % 2,
            "flags": Flag.AMOUNT | Flag.SERVER | Flag.LINE | Flag.DISCOUNTED,
        }  # fmt: skip


def decision(number: int, profile: int) -> Draft:
    """The record of a decision."""
    body = {"decision_id": f"d{number:016x}", "choices": [{"action": "coupon-7", "probability": 0.9}]}
    columns = {"decision": number, "id_low": number, "ts": START + 50 * HOUR, "known_at": START + 50 * HOUR + 3}
    return {"kind": Kind.DECISION, "profile": profile, "mask": SERVICE | ONSITE, "body": body} | columns


def link(profile: int, other: int, **columns: int) -> Draft:
    """Two profiles of one person."""
    return {"kind": Kind.LINK, "profile": profile, "item": other, "source": 1} | columns


def groups() -> Iterator[list[Draft]]:
    """What each commit wrote."""
    chosen, refund = 2**63 + 41, {"amount": -1_990_000, "amount_original": -2_150_000, "currency": 840}
    yield [identifier(1, "anonymous_id", "a-1"), event(1, 1, Kind.PAGE_VIEWED)]
    yield [event(2, 1, Kind.OTHER, name=2**64 - 5, item=77, assumed=2, flags=Flag.CLAMPED)]
    yield [identifier(2, "user_id", "u1"), identifier(3, "email", None), link(2, 3), link(2, 1, flags=Flag.PENDING)]
    yield [event(3, 2, Kind.IDENTIFIED)]
    yield [term(1, 2, "GROCERY"), term(2, 2, "CHEESE"), term(2, 3, "Tee 茶"), *order(4, 2, 5)]
    yield [identifier(4, "card", "1042"), *order(5, 4, 12)]
    yield [event(6, 4, Kind.CAMPAIGN_RECEIVED, ts=START - 720 * HOUR, flags=Flag.HISTORY, channel=Channel.MAIL)]
    yield [decision(chosen, 2)]
    yield [event(7, 2, Kind.RECOMMENDATION_CLICKED, decision=chosen), *order(8, 2, 1)]
    yield [{"kind": Kind.UNLINK, "profile": 3}]
    yield [draft for number in range(9, 21) for draft in order(number, 1 + number % 4, number % 3)]
    yield [*order(21, 1, 40)]  # larger than a segment
    yield [event(22, 4, Kind.ORDER_REFUNDED, flags=Flag.AMOUNT, **refund)]


def stage(journal: Journal, drafts: list[Draft]) -> None:
    """Write one group and make it durable."""
    rows, bodies = np.zeros(len(drafts), ROW), bytearray()
    for row, draft in zip(rows, drafts, strict=True):
        for column in draft.keys() - {"body"}:
            row[column] = draft[column]
        if body := text_of(draft).encode():
            row["body_start"], row["body_length"] = len(bodies), len(body)
            bodies += body
    journal.stage(rows, bytes(bodies), now=START + 60 * HOUR)
    journal.sync()


def text_of(draft: Draft) -> str:
    """A body as text, "" for none."""
    body = draft.get("body", "")
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def make(directory: Path) -> None:
    """Write the journal and the expectation."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    journal, found = Journal(directory / "journal", segment_bytes=SEGMENT_BYTES, now=START), list[Draft]()
    for drafts in groups():
        stage(journal, drafts)
        found += [{key: value for key, value in draft.items() if value} | {"body": text_of(draft)} for draft in drafts]
    journal.upkeep(now=START)
    journal.close()
    for path in (directory / "journal").glob("*.reserved"):
        path.unlink()
    rows = ",\n".join(json.dumps({"sequence": n} | draft, ensure_ascii=False) for n, draft in enumerate(found, 1))
    (directory / "expected.json").write_text(f"[\n{rows}\n]\n", "utf-8")


if __name__ == "__main__":
    if FORMAT != 1:
        sys.exit("The journal of format 1 cannot be made again: this Genom writes a newer format.")
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
