"""Fetches the files that the console's pages carry from npm, and writes their hashes into VENDOR.toml.

python tools/vendor.py [--check]

To take a newer version, change it in VENDOR.toml and run this.  Nothing else ever fetches them: they are part of the
wheel.  `--check` only compares the files with the table and fetches nothing.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "genom" / "console" / "static" / "vendor"


def main() -> int:
    """Refresh or compare."""
    table = FOLDER / "VENDOR.toml"
    text = table.read_text("utf-8")
    for file in tomllib.loads(text)["file"]:
        if "--check" not in sys.argv:
            fetch(file)
        found = hashlib.sha256((FOLDER / file["name"]).read_bytes()).hexdigest()
        if "--check" in sys.argv and found != file["sha256"]:
            print(f"{file['name']} is not what VENDOR.toml says")
            return 1
        entry = re.compile(rf'(name = "{re.escape(file["name"])}"\n(?:.+\n)*?sha256 = ")[0-9a-f]*"')
        text = entry.sub(rf'\g<1>{found}"', text)
    if "--check" not in sys.argv:
        table.write_text(text, "utf-8")
    return 0


def fetch(file: dict[str, str]) -> None:
    """Take one file, and its package's licence, out of the package."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{file['package']}@{file['version']}"
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, wanted], check=True)  # noqa: S607 -- npm of the developer
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            for member, name in ((file["source"], file["name"]), ("LICENSE", file["licence_file"])):
                content = package.extractfile(f"package/{member}")
                assert content is not None, f"{wanted} has no {member}"
                (FOLDER / name).write_bytes(content.read())


if __name__ == "__main__":
    sys.exit(main())
