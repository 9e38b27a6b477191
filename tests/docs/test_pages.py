"""README, CONTRIBUTING and docs/: their code runs, their links lead somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks
from tests.docs.runner import Page
from tests.node import Node

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture(autouse=True)
def _come_back() -> Iterator[None]:
    before = Path.cwd()
    yield
    os.chdir(before)


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_code_of_a_page_runs_as_its_reader_would_run_it(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    reader = Page(tmp_path)

    for block in blocks(page):
        if block.runs:
            reader.run(block, node_for(block, request))


def node_for(block: Block, request: pytest.FixtureRequest) -> Node | None:
    """The node that a block asks for; only then is it started."""
    wanted = block.flags & {"node", "shop"}
    found: Node | None = request.getfixturevalue(min(wanted)) if wanted else None
    return found


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_of_a_page_lead_to_files_that_exist(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)

    lost = [target for target in LINK.findall(prose) if not (page.parent / target).exists()]

    assert not lost


def test_the_index_of_decisions_lists_each_of_them_once() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")

    listed = re.findall(r"^\| \[\d{4}\]\((\d{4}-[^)]+\.md)\)", index, flags=re.MULTILINE)

    assert sorted(listed) == sorted(path.name for path in folder.glob("[0-9]*.md"))
