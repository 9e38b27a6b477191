"""The gate against a model of a few lines, over thousands of random lives: what is readable is what was permitted.

Events, choices, objections, signals, moves between regions, links and splits come in any order, and time passes, so
that grants run out.
After each step the whole genome of everybody is compared with a genome folded anew from nothing but the permitted
events, and bit for bit with that of a twin in whose life everything that was forbidden is different (non-interference).
"""

from __future__ import annotations

import inspect
import struct
import textwrap
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from genom.consent import UNKNOWN, Choices, Grounds, Law, effective, parse_lifetime
from genom.genome import Gate, Matrix, View, refold
from genom.genome import gate as gate_module
from genom.genome.ops import OPS
from genom.genome.plan import plan_of
from tests.genome.histories import BOTH, NO_EVENT, ONE, THREE, TWO, Y2100, Row, fold, gate_of, layout_of, rows, rows_of

HISTORIES, SHARDS, STEPS = 3_200, 2, 12
PROFILES = (1, 2, 3)
COLUMNS = ((0, ONE), (1, TWO))
DAY = 86_400_000  # ms
DAYS = {ONE: 2, TWO: 5, THREE: 10**6}  # that a grant counts
LAX = {"here": 0, "there": ONE, "yonder": ONE | THREE, UNKNOWN: 0}  # region → purposes that need no consent there
PRICE = "price"  # the family that needs THREE also
RTOL, FLOOR = OPS["sum"].laws.rtol, OPS["sum"].laws.floor

contents = rows.map(lambda row: {name: value for name, value in row.items() if name not in {"mask", "id"}})


places = st.sampled_from([*LAX])


def flipped(row: Row) -> Row:
    """Another event than this one in everything but its identity and its permission."""
    return NO_EVENT | {
        "id": row["id"],
        "mask": row["mask"],
        "ts": row["ts"] // 2 + 77,
        "amount": row["amount"] ^ 7,
        "item": 9,
    }


def law_of(regions: frozenset[str]) -> Law:
    """The strictest of several regions, purpose by purpose; of none that of those who are nowhere."""
    always = BOTH if regions else 0
    for region in regions:
        always &= LAX[region]
    return Law(always, BOTH & ~always)


class Lives(RuleBasedStateMachine):
    """Three profiles that may turn out to be one person, and what they permit."""

    def __init__(self) -> None:
        super().__init__()
        self.genome, self.now = Matrix(layout_of(), 3), 0
        lifetimes = [(bit, parse_lifetime(f"{days}d")) for bit, days in DAYS.items() if days < 9999]
        self.choices = Choices(lifetimes, grounds=Grounds(law_of, differing=ONE | THREE))
        self.twins = {column: Matrix(layout_of(), 3) for column, _ in COLUMNS}
        self.gates = {id(m): gate_of(m) for m in (self.genome, *self.twins.values())}
        self.events: dict[int, list[Row]] = {profile: [] for profile in PROFILES}
        self.person_of = {profile: profile for profile in PROFILES}
        self.told: dict[int, dict[int, tuple[bool, int]]] = {profile: {} for profile in PROFILES}
        self.signalled: dict[int, set[int]] = {profile: set() for profile in PROFILES}  # bits that a signal has denied
        self.regions: dict[int, str] = {}
        self.touched, self.count = set(PROFILES), 0

    # --- what happens ---

    @initialize(bits=st.lists(st.sampled_from([ONE, TWO, THREE]), max_size=3), regions=st.lists(places, max_size=3))
    def some_have_agreed_before(self, bits: list[int], regions: list[str]) -> None:
        for bit in bits:
            self.choose(1, bit, True)
        for profile, region in zip(PROFILES, regions, strict=False):
            self.move(profile, region)

    @rule(profile=st.sampled_from(PROFILES), content=contents)
    def event(self, profile: int, content: Row) -> None:
        """The mask is what the person permits when the event is collected, and stays."""
        self.count += 1
        row = content | {"id": self.count, "mask": self.permitted(self.person_of[profile])}
        self.events[profile].append(row)
        person = self.person_of[profile]
        fold(self.genome, [row], person=person)
        for column, bit in COLUMNS:
            fold(self.twins[column], [row if row["mask"] & bit else flipped(row)], person=person)
        self.touched.add(person)

    @rule(profile=st.sampled_from(PROFILES), bit=st.sampled_from([ONE, TWO, THREE]), granted=st.booleans())
    def choose(self, profile: int, bit: int, granted: bool) -> None:
        person = self.person_of[profile]
        self.choices.record(self.members(person), bit, granted, at=self.now)
        for member in self.members(person):
            self.told[member][bit] = granted, self.now
            self.signalled[member] -= {bit} if granted else set()
        self.touched.add(person)

    @rule(profile=st.sampled_from(PROFILES), bit=st.sampled_from([ONE, TWO, THREE]))
    def deny_by_signal(self, profile: int, bit: int) -> None:
        """A grant ends, and where none is needed the purpose is off until the person grants it."""
        person = self.person_of[profile]
        self.choices.end(self.members(person), bit)
        for member in self.members(person):
            if self.told[member].get(bit, (False, 0))[0]:
                del self.told[member][bit]
            self.signalled[member].add(bit)
        self.touched.add(person)

    @rule(profile=st.sampled_from(PROFILES), region=places)
    def move(self, profile: int, region: str) -> None:
        """A stricter law acts on the next read; masks of events stay."""
        person = self.person_of[profile]
        self.choices.grounds.place(self.members(person), region, at=self.now)
        for member in self.members(person):
            self.regions[member] = region
        self.touched.add(person)

    @rule(days=st.integers(1, 3), ms=st.sampled_from([-1, 0, 1]))
    def time_passes(self, days: int, ms: int) -> None:
        self.now += days * DAY + ms
        self.touched |= {self.person_of[profile] for profile in PROFILES}

    @rule(one=st.sampled_from(PROFILES), other=st.sampled_from(PROFILES))
    def link(self, one: int, other: int) -> None:
        kept, gone = sorted((self.person_of[one], self.person_of[other]))
        if kept == gone:
            return
        for matrix in (self.genome, *self.twins.values()):
            matrix.merge(kept, gone)
        self.person_of = {profile: kept if person == gone else person for profile, person in self.person_of.items()}
        self.touched |= {kept, gone}

    @precondition(lambda self: len(set(self.person_of.values())) < len(PROFILES))
    @rule()
    def split(self) -> None:
        """All links are undone: each profile is folded anew from its own events."""
        self.person_of = {profile: profile for profile in PROFILES}
        for profile in PROFILES:
            own = self.events[profile]
            self.genome.replace(profile, _refolded(own))
            for column, bit in COLUMNS:
                self.twins[column].replace(profile, _refolded([r if r["mask"] & bit else flipped(r) for r in own]))
        self.touched |= set(PROFILES)

    # --- what must be so ---

    def members(self, person: int) -> list[int]:
        return [profile for profile, its in self.person_of.items() if its == person]

    def permitted(self, person: int) -> int:
        """By the rule in words: a grant counts for so many days, if nobody who is this person denies.

        None is needed where every region that is known of the person says so, and no signal has denied the purpose.
        """
        mask, members = 0, self.members(person)
        known = [LAX[self.regions[member]] for member in members if member in self.regions]
        for bit, days in DAYS.items():
            said = [self.told[member][bit] for member in members if bit in self.told[member]]
            counts = [granted and self.now < at + days * DAY for granted, at in said]
            signalled = any(bit in self.signalled[member] for member in members)
            free = bool(known) and all(lax & bit for lax in known) and not signalled
            mask |= bit if (free or any(counts)) and all(granted for granted, _ in said) else 0
        return mask

    @invariant()
    def what_is_readable_is_what_was_permitted(self) -> None:
        for person in sorted(self.touched):
            mine = [row for profile in self.members(person) for row in self.events[profile]]
            mask = self.permitted(person)
            choice, _, law = self.choices.standing(self.members(person), at=self.now)
            assert mask == effective(choice, always=law.always, consent_needed=law.consent_needed)
            for column, bit in COLUMNS:
                if not mask & bit:
                    _assert_nothing(self.look(self.genome, person, column, mask))
                    continue
                allowed = [row | {"mask": bit | row["mask"] & THREE} for row in mine if row["mask"] & bit]
                self.assert_alike(person, column, mask, allowed)
        self.touched.clear()

    def assert_alike(self, person: int, column: int, mask: int, allowed: list[Row]) -> None:
        view = self.look(self.genome, person, column, mask)
        _assert_close(view, self.look_new(allowed, column, mask), allowed, self.look_new)
        twin = self.look(self.twins[column], person, column, mask)
        assert _outputs(view) == _outputs(twin), "something forbidden has been seen"
        price = [read for read in view if PRICE in layout_of().genes.families(read.gene)]
        if mask & THREE:
            with_three = self.look_new([row for row in allowed if row["mask"] & THREE], column, mask)
            assert _integers(view, PRICE) == (_integers(with_three, PRICE) or [0] * len(_integers(view, PRICE)))
        else:
            assert {read.state for read in price} == {"withheld"}
            assert not any(_integers(view, PRICE))

    def look(self, matrix: Matrix, person: int, column: int, mask: int) -> View:
        gate = self.gates.get(id(matrix)) or gate_of(matrix)
        purpose = matrix.layout.genes.purposes[column]
        return gate.view(person, purpose=purpose, effective=mask, at=Y2100)

    def look_new(self, history: list[Row], column: int, mask: int) -> View:
        return self.look(fold(Matrix(layout_of(), 3), history), 1, column, mask)


def _refolded(history: list[Row]) -> Matrix:
    made = rows_of(history)
    return refold(layout_of(), made, made["mask"].copy())


def _outputs(view: View) -> list[Any]:
    """Every way to read: all genes, all numbers, all cells, rings, items and declarations, to the bit."""
    genes, state = layout_of().genes, view.state()
    reads = [(read.gene.id, read.state, _bits(read.value), _cells(read.cells)) for read in view]
    rings = [view.records(name).tobytes() for name in layout_of().ring_places]
    return [reads, view.numbers(PLAN).tobytes(), state.decayed.tobytes(), state.integers.tobytes(), state.rings, rings,
            [view.cells(gene.id).tobytes() for gene in genes if gene.op == "histogram"], view.declared()]  # fmt: skip


def _bits(value: Any) -> Any:
    return struct.pack("<d", value) if isinstance(value, float) else value


def _cells(cells: dict[str, float] | None) -> list[tuple[str, bytes]] | None:
    return None if cells is None else [(name, struct.pack("<d", value)) for name, value in cells.items()]


def _integers(view: View, family: str) -> list[int]:
    """What stands in the lifetime cells of a family."""
    layout, integers = layout_of(), view.state().integers
    genes = [gene for gene in layout.genes if gene.family == family and not gene.decayed]
    places = [place for gene in genes for place in layout.parts.get(gene.id, ())]
    return [number for place in places for number in integers[place.start : place.start + place.size].tolist()]


def _assert_nothing(view: View) -> None:
    genes, state = layout_of().genes, view.state()
    assert {read.state for read in view} == {"withheld"}
    assert all(read.value is None and read.cells is None for read in view)
    assert np.isnan(view.numbers(PLAN)).all()
    assert not state.decayed.any() and not state.integers.any() and state.rings == b""  # noqa: PT018 -- all of it
    assert not any(len(view.records(name)) or view.items(name, NO_EVENT["kind"]) for name in layout_of().ring_places)
    assert not any(view.cells(gene.id).any() for gene in genes if gene.op == "histogram")
    assert view.declared() == layout_nothing()


def layout_nothing() -> Any:
    """What a person has declared who has declared nothing."""
    return gate_of(Matrix(layout_of(), 1)).view(1, purpose="elsewhere", effective=BOTH, at=Y2100).declared()


def _assert_close(view: View, other: View, history: list[Row], fold_of: Any) -> None:
    """L1: integers and rings to the bit, sums within the rounding of their sizes."""
    mine, theirs = view.state(), other.state()
    assert mine.integers.tolist() == theirs.integers.tolist()
    assert mine.rings == theirs.rings
    sizes = [row | {name: abs(row[name]) for name in ("amount", "discount", "quantity")} for row in history]
    column = layout_of().genes.purposes.index(view._purpose)
    size = fold_of(sizes, column, BOTH).state().decayed
    if len(mine.decayed):
        assert np.all(np.abs(mine.decayed - theirs.decayed) <= RTOL * size + FLOOR)


PLAN = plan_of(layout_of(), tuple(gene for gene in layout_of().genes if gene.op not in {"histogram", "declared"}))


def search(shard: int, examples: int, *phases: Phase) -> None:
    """Live this many lives."""
    how = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=False, database=None,
        suppress_health_check=list(HealthCheck), phases=phases or tuple(Phase),
    )  # fmt: skip
    run_state_machine_as_test(seed(shard)(Lives), settings=how)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens_only_what_is_permitted_can_be_read(shard: int) -> None:
    search(shard, HISTORIES // SHARDS)


@pytest.mark.parametrize(
    ("method", "line", "becomes"),
    [
        ("view", "effective & self._purpose_bit(purpose) != 0", "True"),
        ("_withheld_by", "if not permitted & self._purpose_bit(needed)", "if False"),
    ],
)
def test_without_one_and_of_the_gate_the_search_goes_red(
    monkeypatch: pytest.MonkeyPatch, method: str, line: str, becomes: str
) -> None:
    source = textwrap.dedent(inspect.getsource(getattr(Gate, method)))
    assert source.count(line) == 1
    for text in (source, source.replace(line, becomes)):  # the same search stays green with the line as it is
        names: dict[str, Any] = {}
        exec(f"from __future__ import annotations\n{text}", vars(gate_module) | names, names)
        monkeypatch.setattr(Gate, method, names[method])
        if text is source:
            search(0, 200, Phase.generate)

    with pytest.raises(AssertionError):
        search(0, 200, Phase.generate)
