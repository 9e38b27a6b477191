"""The strip: where bars stand, and what their look says."""

from __future__ import annotations

from genom.console.genome import Cell, Family
from genom.console.strip import BASE, WIDTH, Block, strip_drawing
from genom.console.sums import decimals_for, rounded_parts


def cell(number: int, state: str = "known", place: float | None = 0.5) -> Cell:
    return Cell(gene=f"value.g{number}.count", label=f"Gene {number}", state=state, place=place)


def family(name: str, *cells: Cell) -> Family:
    return Family(id=name.lower(), name=name, cells=cells, strip=cells)


def drawn(*families: Family) -> tuple[Block, ...]:
    return strip_drawing(families)


def test_families_stand_side_by_side_within_the_picture() -> None:
    blocks = drawn(
        *(family(name, *map(cell, range(size))) for name, size in (("Identity", 3), ("Value", 60), ("Trust", 1)))
    )

    ends = [block.x + block.width for block in blocks]
    assert [block.x > end for block, end in zip(blocks[1:], ends, strict=False)] == [True, True]
    assert ends[-1] <= WIDTH + 0.1
    assert blocks[0].width >= 6 * len("Identity")  # its name has room


def test_height_and_colour_both_say_the_place() -> None:
    low, high = drawn(family("Value", cell(1, place=0.05), cell(2, place=0.97)))[0].bars

    assert (low.look, high.look) == ("q0", "q8")
    assert low.height < high.height <= BASE
    assert low.y + low.height == high.y + high.height == BASE


def test_withheld_is_full_height_and_unknown_is_a_stub() -> None:
    withheld, unknown = drawn(family("Price", cell(1, "withheld", None), cell(2, "unknown", None)))[0].bars

    assert (withheld.look, withheld.height) == ("withheld", BASE)
    assert unknown.look == "unknown"
    assert 0 < unknown.height < BASE / 8


def test_nothing_to_show_is_no_picture() -> None:
    assert drawn() == drawn(Family(id="value", name="Value", cells=(), strip=())) == ()


def test_figures_add_up_as_shown() -> None:
    parts = [0.333333, 0.333333, 0.333334, -0.125, 1e-9]

    shown = rounded_parts(parts, total=sum(parts))

    assert round(sum(shown), 9) == round(sum(parts), 2)
    assert all(abs(a - b) <= 0.01 for a, b in zip(parts, shown, strict=True))


def test_small_figures_have_as_many_decimals_as_tell_them_apart() -> None:
    parts = [0.00231, 0.0018, -0.0004]
    digits = decimals_for([0.0119, 0.0082, *parts])

    shown = rounded_parts(parts, total=0.0119 - 0.0082, digits=digits)

    assert digits == 4
    assert len(set(shown)) == 3
    assert round(sum(shown), 9) == 0.0037
