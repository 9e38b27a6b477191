from __future__ import annotations

from genom.identity import Pending


def test_a_pending_link_is_new_once_from_either_side() -> None:
    pending = Pending()

    assert pending.first([(1, 2), (3, 1)]) == [True, True]
    assert pending.first([(2, 1), (1, 3), (2, 3)]) == [False, False, True]


def test_a_forgotten_link_is_new_again() -> None:
    pending = Pending()
    pending.first([(1, 2), (1, 3)])

    pending.forget([(2, 1)])

    assert pending.first([(1, 2), (1, 3)]) == [True, False]


def test_memory_is_bounded() -> None:
    pending = Pending(max_entries=10)

    pending.first([(n, n + 1) for n in range(1, 1_000)])

    assert pending.first([(999, 1_000), (1, 2)]) == [False, True]


def test_no_links_are_no_news() -> None:
    assert Pending().first([]) == []
