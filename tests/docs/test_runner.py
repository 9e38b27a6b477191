"""The page runner itself: it must be able to fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import blocks, commands
from tests.docs.runner import Page, matches


@pytest.fixture(autouse=True)
def _come_back() -> Iterator[None]:
    before = Path.cwd()
    yield
    os.chdir(before)


def run(directory: Path, text: str) -> Page:
    page = directory / "page.md"
    page.write_text(text, "utf-8")
    reader = Page(directory)
    for block in blocks(page):
        if block.runs:
            reader.run(block, None)
    return reader


def test_python_blocks_of_a_page_share_their_names_in_order(tmp_path: Path) -> None:
    reader = run(tmp_path, "```python\nx = 20\n```\ntext\n\n```python\ny = x + 1\n```\n")

    assert reader.names["y"] == 21


def test_a_wrong_python_block_fails_and_names_the_line_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as failure:
        run(tmp_path, "# page\n\n```python\n1 / 0\n```\n")

    assert (failure.traceback[-1].path.name, failure.traceback[-1].lineno + 1) == ("page.md", 4)


def test_examples_with_prompts_are_checked_as_doctests(tmp_path: Path) -> None:
    run(tmp_path, "```python\nx = 1\n```\n```python\n>>> x + 1\n2\n```\n")

    with pytest.raises(AssertionError, match="Expected"):
        run(tmp_path, "```python\n>>> 1 + 1\n3\n```\n")


@pytest.mark.parametrize("text", ["$ false", "$ echo one\ntwo", "$ echo one | false"])
def test_a_console_block_fails_by_status_or_by_what_it_prints(tmp_path: Path, text: str) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:2"):
        run(tmp_path, f"```console\n{text}\n```\n")


def test_a_console_block_passes_if_what_is_shown_is_what_is_printed(tmp_path: Path) -> None:
    run(tmp_path, "```console\n$ echo one; \\\n> echo two 17\none\ntwo …\n$ touch seen\n```\n")

    assert (tmp_path / "seen").exists()


def test_blocks_marked_no_run_and_other_languages_are_left_alone(tmp_path: Path) -> None:
    run(tmp_path, "```python no-run\n1 / 0\n```\n```console no-run\n$ false\n```\n```text\n$ false\n```\n")


def test_an_indented_block_loses_its_indent(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("- item\n\n  ```python\n  if True:\n      x = 1\n  ```\n", "utf-8")

    (block,) = blocks(page)

    assert block.text == "if True:\n    x = 1\n"


@pytest.mark.parametrize("text", ["```python shopp\n1\n```\n", "```python\n1\n"])
def test_a_fence_that_nobody_understands_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"page\.md"):
        run(tmp_path, text)


def test_a_command_keeps_its_line_and_its_shown_output(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ a\n1\n$ b\n```\n", "utf-8")

    found = [(c.line, c.command, c.shown) for c in commands(next(blocks(page)))]

    assert found == [(2, "a", "1\n"), (4, "b", "")]


def test_three_dots_stand_for_anything_and_nothing_else_does() -> None:
    assert matches("person p… spent ...", "person p17 spent\n  12.30")
    assert not matches("person p17", "person p18")
