"""Our decoder of TC strings beside IAB's own library: the same is read, and what we refuse on purpose is named.

`oracle/package-lock.json` names version and content of the library; it is renewed, without addresses, by
`npm install --package-lock-only --omit-lockfile-registry-resolved`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from genom.consent.signals import Damaged, TcString, Vendors, decode_tc

COUNT = 300
SEED = "20261127"
HERE = Path(__file__).parent / "oracle"
NO_NETWORK = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH")
REFUSED_ON_PURPOSE = {  # the library reads all of these
    "global": "not specific to a service",
    "old policy": "policy is 3",
    "no disclosed vendors": "which vendors were disclosed",
    "legitimate interest for purpose 3": "legitimate interest",
    "legitimate interest for purpose 6": "legitimate interest",
    "purpose that does not exist": "do not exist",
    "updated before it was created": "times",
    "segment twice": "stands twice",
    "allowed vendors": "wrong kind 2",
    "more behind its end": "behind its end",
}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the library, of the version and content that the lock file names, has written and read."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("there is no node or npm on this machine (Debian: apt-get install nodejs npm)")
    place = tmp_path_factory.mktemp("oracle")
    for name in ("package.json", "package-lock.json", "write.js"):
        shutil.copy(HERE / name, place)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--prefer-offline"]
    done = subprocess.run(install, cwd=place, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip(f"npm reaches no registry: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    written = subprocess.run(
        ["node", "write.js", SEED, str(COUNT)], cwd=place, capture_output=True, text=True, timeout=120, check=False
    )
    assert written.returncode == 0, written.stderr
    return json.loads(written.stdout)


def masked(ids: list[int]) -> int:
    return sum(1 << number - 1 for number in ids)


def letters(text: str) -> int:
    first, second = (ord(letter) - ord("A") for letter in text)
    return first << 6 | second


def first_bit_first(ids: list[int], size: int) -> int:
    """A field of so many bits as a number: its first bit, for id 1, is the highest."""
    return sum(1 << size - number for number in ids)


def among(vendors: Vendors) -> list[int]:
    return [vendor for vendor in range(vendors.last + 1) if vendors.has(vendor)]


def restricted(of: TcString) -> list[list[Any]]:
    return sorted(
        [purpose, kind, [vendor for first, last in many for vendor in range(first, last + 1)]]
        for purpose, kind, many in of.restrictions
    )


def test_each_field_is_read_as_the_library_reads_it(oracle: Any) -> None:
    seen = {"ranges": 0, "bits": 0, "restrictions": 0, "publisher": 0, "custom": 0}
    for text, read in oracle["valid"]:
        of = decode_tc(text)

        for name in ("created", "updated", "cmp", "cmp_version", "screen", "list_version", "policy", "texts", "one"):
            assert getattr(of, name) == read[name], (name, text)
        assert (of.language, of.country) == (letters(read["language"]), letters(read["country"])), text
        assert (of.consents, of.interests) == (masked(read["consents"]), masked(read["interests"])), text
        assert of.features == first_bit_first(read["features"], 12), text
        for name in ("vendor_consents", "vendor_interests", "disclosed"):
            vendors: Vendors = getattr(of, name)
            assert among(vendors) == read[name], (name, text)
            seen["bits" if vendors.ranges is None else "ranges"] += 1
        assert restricted(of) == sorted(read["restrictions"]), text
        assert publisher_of(of) == read["publisher"], text
        seen["restrictions"] += len(of.restrictions)
        seen["publisher"] += of.publisher is not None
        seen["custom"] += bool(of.publisher and of.publisher[2])
    assert len(oracle["valid"]) == COUNT
    assert min(seen.values()) > COUNT / 10, seen  # no way of writing is left out


def publisher_of(of: TcString) -> Any:
    if of.publisher is None:
        return False
    consents, interests, custom, mine, theirs = of.publisher
    ids = [[number for number in range(1, 12) if mask >> number - 1 & 1] for mask in (consents, interests)]
    own = [[number for number in range(1, custom + 1) if mask >> custom - number & 1] for mask in (mine, theirs)]
    return [*ids, custom, *own]


@pytest.mark.parametrize("name", REFUSED_ON_PURPOSE)
def test_what_the_library_reads_and_we_refuse(oracle: Any, name: str) -> None:
    text, read = next((text, read) for odd, text, read in oracle["odd"] if odd == name)

    assert read  # otherwise it is no difference
    with pytest.raises(Damaged, match=REFUSED_ON_PURPOSE[name]):
        decode_tc(text)


def test_the_differences_are_all_named(oracle: Any) -> None:
    assert {name for name, _, _ in oracle["odd"]} == set(REFUSED_ON_PURPOSE)
