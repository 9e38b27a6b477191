"""Wrong keys: counted by their ending, and never kept as a whole."""

from __future__ import annotations

from genom.collect import WrongKeys


def test_nothing_but_the_ending_of_a_key_is_kept() -> None:
    keys = WrongKeys()

    keys.note("wk_a-long-secret-1234", now=1)

    assert keys.newest() == ("1234", 1, 1)
    assert "secret" not in repr(vars(keys))


def test_the_memory_is_bounded_and_the_silent_make_room() -> None:
    keys = WrongKeys()

    for number in range(1_000):
        keys.note(f"key-{number:04}", now=number)
        keys.note("key-busy", now=number)

    assert len(keys) == 20
    assert keys.newest() == ("busy", 1_000, 999)


def test_no_sign_that_cannot_be_shown_is_kept() -> None:
    keys = WrongKeys()

    keys.note("\x00\x1b[31mä\n", now=1)
    keys.note("", now=2)

    assert keys.newest() == ("", 1, 2)
    assert all(key.isprintable() for key in keys._seen)
