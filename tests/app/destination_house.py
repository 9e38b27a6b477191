"""What tests of destinations do with a house: a recipient in memory, and the courier between the two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from genom.activate import Answer, Batch, Member, Outcome
from genom.app.activating.delivering import Job, Work
from genom.consent import load_purposes
from tests.app.house import House

MAIL: dict[str, Any] = {
    "id": "mail", "label": {"en": "Newsletter", "de": "Newsletter"}, "recipient": "Mailer Ltd", "country": "DE",
    "contract": "processor", "purposes": ["email"], "segment": "buyers", "url": "https://mail.example/genom",
    "removal": "api",
}  # fmt: skip


def name_recipients(path: Path, **recipients: list[str]) -> None:
    """A purposes.yaml whose purposes name who receives data."""
    path.mkdir(exist_ok=True)
    path.chmod(0o700)
    purposes = load_purposes()
    said = {one.name: one.as_definition() for one in purposes.every}
    for name, names in recipients.items():
        said[name] |= {"recipients": names}
    (path / "purposes.yaml").write_text(yaml.safe_dump({"purposes": said}, allow_unicode=True), "utf-8")


def define(house: House, *destinations: dict[str, Any]) -> list[dict[str, Any]]:
    """Define destinations."""
    found: list[dict[str, Any]] = house.post("/v1/destinations", {"destinations": destinations}).told["destinations"]
    return found


def counts(house: House, name: str = "mail") -> dict[str, int]:
    """State → people; only those that are not 0."""
    for one in house.get("/v1/destinations").told["destinations"]:
        if one["destination"]["id"] == name:
            found: dict[str, int] = one["people"]
            return found
    return {}


class Recipient:
    """Takes members in and lets them go; `faulty` decides what becomes of a batch instead."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.heard: list[Batch] = []
        self.faulty: Callable[[Batch], Answer | None] = lambda _: None

    def send(self, batch: Batch) -> Answer:
        """Take a batch, unless it is to go wrong."""
        self.heard.append(batch)
        if (answer := self.faulty(batch)) is not None:
            return answer
        for member in batch.members:
            if batch.what == "add":
                self.members[member.id] = member
            else:
                self.members.pop(member.id, None)
        return Answer(Outcome.DONE)


def claim(house: House, *, look: bool = True) -> list[Job]:
    """What is due now at each destination: one message after the other, until there is none; after a `look`."""
    if look:
        house.node.deliveries.look_again()
        house.run(house.node.deliveries.settle(now=house.clock.now))
    jobs = list[Job]()
    for one in house.get("/v1/destinations").told["destinations"]:
        asked = {"destination": one["destination"]["id"]}
        while job := msgspec.json.decode(house.post("/v1/outbox:claim", asked).body, type=Work).job:
            jobs.append(job)
    return jobs


def report(house: House, job: Job, answer: Answer) -> int:
    """Tell what a recipient answered."""
    told = {"destination": job.destination, "rounds": job.rounds, **msgspec.to_builtins(answer)}
    taken: int = house.post("/v1/outbox:report", told).told["taken"]
    return taken


def deliver(house: House, recipient: Recipient) -> int:
    """What the courier does: one round; returns how many batches that were."""
    jobs = claim(house)
    for job in jobs:
        report(house, job, recipient.send(job.batch) if job.batch else Answer(Outcome.DONE))
    return len(jobs)
