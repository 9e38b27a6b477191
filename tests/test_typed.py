"""Types are met first in one place, one after the other: two threads at once would crash the process."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import genom

SOURCE = Path(genom.__file__).parent
# A type with enough annotations that another thread gets its turn in the middle; without `typed` this crashes soon.
CROWD = """
from __future__ import annotations
import sys, threading, types, msgspec
from genom.typed import converted, from_json, from_msgpack

FIELDS = "".join(f"    f{n}: str | None = None\\n" for n in range(30))
BODY = (
    "from __future__ import annotations\\nimport msgspec\\n"
    "class Part(msgspec.Struct):\\n    b: int | None = None\\n    c: tuple[str, ...] = ()\\n"
    "    e: list[float] | None = None\\n"
    "class Whole(msgspec.Struct):\\n    a: tuple[Part, ...] = ()\\n" + FIELDS
)
PLAIN = {"a": [{"b": 1, "e": [1.5]}], "f3": "x"}
JSON, PACKED = msgspec.json.encode(PLAIN), msgspec.msgpack.encode(PLAIN)
sys.setswitchinterval(1e-6)
found = []
for n in range(300):
    module = types.ModuleType(f"kinds{n}")
    sys.modules[module.__name__] = module
    exec(BODY, module.__dict__)
    start = threading.Barrier(3)

    def read(how, given):
        start.wait()
        found.append(how(given, module.Whole).a[0].e)

    ways = ((from_json, JSON), (from_msgpack, PACKED), (converted, PLAIN))
    crowd = [threading.Thread(target=read, args=one) for one in ways]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
assert found == [[1.5]] * 900, len(found)
"""


def test_threads_may_meet_a_type_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def met_elsewhere(tree: ast.AST) -> Iterator[int]:
    """Lines that have msgspec itself read the annotations of a type."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            name = ast.unparse(call.func)
            typed = any(keyword.arg == "type" for keyword in call.keywords)
            if name.startswith("msgspec.") and (
                name == "msgspec.convert"
                or (name.endswith(".decode") and typed)
                or (name.endswith(".Decoder") and (call.args or typed))
            ):
                yield call.lineno


def test_the_rule_sees_what_it_forbids() -> None:
    for line in ("msgspec.json.decode(b, type=A)", "msgspec.convert(b, A)", "msgspec.msgpack.Decoder(A)"):
        assert list(met_elsewhere(ast.parse(line))) == [1]
    assert not list(met_elsewhere(ast.parse("msgspec.json.decode(b), msgspec.json.Decoder()")))


def test_nothing_else_has_msgspec_meet_a_type() -> None:
    found = {
        str(path.relative_to(SOURCE)): lines
        for path in SOURCE.rglob("*.py")
        if path.name != "typed.py" and (lines := list(met_elsewhere(ast.parse(path.read_text("utf-8")))))
    }

    assert found == {}
