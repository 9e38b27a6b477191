"""Trees as flat arrays, and the scorer that walks them: bit for bit what LightGBM computes, without the library."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.errors import Corrupt

__all__ = ["Trees", "flatten", "packed", "path_parts", "split_gains", "tree_margins", "unpacked"]

Floats = NDArray[np.float64]

_ZERO: Final = float(np.float32(1e-35))
_CATEGORICAL: Final = 1  # bits of LightGBM's `decision_type`
_KINDS: Final[dict[str, str]] = {
    "roots": "<i4",
    "feature": "<i4",
    "threshold": "<f8",
    "decision": "u1",
    "left": "<i4",
    "right": "<i4",
    "leaf": "<f8",
    "gain": "<f4",
    "mean": "<f8",
}
_LATER: Final = frozenset({"mean"})  # what models of an older Genom lack


class Trees(NamedTuple):
    """All nodes of all trees; a child below 0 is the leaf ``-child - 1``."""

    roots: NDArray[np.int32]  # (trees,) first node of each; below 0: the tree is that leaf
    feature: NDArray[np.int32]
    threshold: Floats
    decision: NDArray[np.uint8]  # bit 1: the unknown goes left; bits 2, 3: what it is (0 nothing, 1 zero, 2 NaN)
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    leaf: Floats
    gain: NDArray[np.float32]
    mean: Floats  # of the leaves below each node, by the rows that reached them in training; empty: not known


def flatten(model: str) -> Trees:
    """The trees of a LightGBM model in its text form (numeric splits only)."""
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in _KINDS}
    nodes = leaves = 0
    for text in model.split("\nTree=")[1:]:
        fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        values = np.array(fields["leaf_value"].split(), np.float64)
        splits = len(fields.get("split_feature", "").split())
        parts["roots"].append(np.array([nodes if splits else -leaves - 1], np.int64))
        parts["leaf"].append(values)
        if splits:
            _add_nodes(parts, fields, nodes=nodes, leaves=leaves)
        nodes, leaves = nodes + splits, leaves + len(values)
    return Trees(**{name: _joined(parts[name], kind) for name, kind in _KINDS.items()})


def _joined(arrays: list[NDArray[Any]], kind: str) -> NDArray[Any]:
    return np.concatenate(arrays).astype(kind) if arrays else np.zeros(0, kind)


def _add_nodes(parts: dict[str, list[NDArray[Any]]], fields: Mapping[str, str], *, nodes: int, leaves: int) -> None:
    decision = np.array(fields["decision_type"].split(), np.int64)
    if (decision & _CATEGORICAL).any():
        raise ValueError("the scorer takes numeric splits only")
    parts["feature"].append(np.array(fields["split_feature"].split(), np.int64))
    parts["threshold"].append(np.array(fields["threshold"].split(), np.float64))
    parts["decision"].append(decision)
    parts["gain"].append(np.array(fields["split_gain"].split(), np.float64))
    for side in ("left", "right"):
        child = np.array(fields[f"{side}_child"].split(), np.int64)
        parts[side].append(np.where(child >= 0, child + nodes, child - leaves))
    parts["mean"].append(_means(fields))


def _means(fields: Mapping[str, str]) -> Floats:
    """Of each node of a tree; a child comes after its parent."""
    values, counts = (np.array(fields[name].split(), np.float64) for name in ("leaf_value", "leaf_count"))
    left, right = (np.array(fields[f"{side}_child"].split(), np.int64) for side in ("left", "right"))
    sums, rows = np.zeros(len(left)), np.zeros(len(left))
    for node in range(len(left) - 1, -1, -1):
        for child in (left[node], right[node]):
            rows[node] += counts[-child - 1] if child < 0 else rows[child]
            sums[node] += counts[-child - 1] * values[-child - 1] if child < 0 else sums[child]
    return np.asarray(sums / np.maximum(rows, 1.0))


def packed(trees: Trees) -> dict[str, str]:
    """As texts that JSON can hold."""
    return {
        name: base64.b64encode(np.ascontiguousarray(part).astype(_KINDS[name]).tobytes()).decode()
        for name, part in trees._asdict().items()
    }


def unpacked(kept: Mapping[str, str]) -> Trees:
    """Back from texts; raises Corrupt for trees that would lead the scorer outside its arrays."""
    try:
        texts = dict.fromkeys(_LATER, "") | dict(kept)
        arrays = {name: np.frombuffer(base64.b64decode(texts[name]), kind) for name, kind in _KINDS.items()}
    except (KeyError, ValueError, TypeError) as error:
        raise _corrupt(str(error)) from error
    trees = Trees(**arrays)
    nodes, leaves = len(trees.feature), len(trees.leaf)
    without = {"roots", "leaf"} | ({"mean"} if not len(trees.mean) else set())
    same = {len(part) for name, part in arrays.items() if name not in without}
    children = np.concatenate([trees.roots, trees.left, trees.right])
    forward = np.arange(nodes)
    if (
        same != {nodes}
        or (children >= nodes).any()
        or (-children - 1 >= leaves).any()
        or (trees.feature < 0).any()
        or ((trees.left >= 0) & (trees.left <= forward)).any()  # a child comes after its parent, so walks end
        or ((trees.right >= 0) & (trees.right <= forward)).any()
    ):
        raise _corrupt("a node leads outside the trees")
    return trees


def _corrupt(why: str) -> Corrupt:
    return Corrupt("The trees of a model cannot be used.", why=why, fix="train it again with `genom learn`")


def tree_margins(trees: Trees, x: Floats) -> Floats:
    """The sum of the trees for each row; `x` has the shape (rows, features)."""
    out = np.zeros(len(x))
    _walk(trees.roots, trees.feature, trees.threshold, trees.decision, trees.left, trees.right, trees.leaf, x, out)
    return out


def path_parts(trees: Trees, x: Floats) -> tuple[float, Floats]:
    """What all rows start from, and what each feature of a row adds to it; shape (rows, features).

    A step down a tree moves the mean of the leaves below, and belongs to the feature that is asked there: the start and
    the parts of a row add up to its margin.
    Source: Saabas, "Interpreting random forests", 2014.
    """
    parts = np.zeros(x.shape)
    start = _explain(
        trees.roots, trees.feature, trees.threshold, trees.decision, trees.left, trees.right, trees.leaf, trees.mean, x,
        parts,
    )  # fmt: skip
    return float(start), parts


def split_gains(trees: Trees, features: int) -> Floats:
    """What the splits at each feature gained together."""
    gains = np.zeros(features)
    np.add.at(gains, trees.feature, trees.gain.astype(np.float64))
    return gains


@compiled
def _goes_left(value: float, decision: int, threshold: float) -> bool:
    """Source: LightGBM, include/LightGBM/tree.h, `NumericalDecision`."""
    missing = decision >> 2 & 3
    if np.isnan(value) and missing != 2:
        value = 0.0
    if (missing == 1 and abs(value) <= _ZERO) or (missing == 2 and np.isnan(value)):
        return decision & 2 != 0
    return value <= threshold


@compiled
def _walk(  # noqa: PLR0917 -- a kernel takes its arrays by position
    roots: Any, feature: Any, threshold: Any, decision: Any, left: Any, right: Any, leaf: Any, x: Any, out: Any
) -> None:
    for i in range(len(x)):
        for t in range(len(roots)):
            node = roots[t]
            while node >= 0:
                goes_left = _goes_left(x[i, feature[node]], decision[node], threshold[node])
                node = left[node] if goes_left else right[node]
            out[i] += leaf[-node - 1]


@compiled
def _explain(  # noqa: PLR0917 -- a kernel takes its arrays by position
    roots: Any, feature: Any, threshold: Any, decision: Any, left: Any, right: Any, leaf: Any, mean: Any, x: Any,
    parts: Any,
) -> float:  # fmt: skip
    start = 0.0
    for t in range(len(roots)):
        start += mean[roots[t]] if roots[t] >= 0 else leaf[-roots[t] - 1]
    for i in range(len(x)):
        for t in range(len(roots)):
            node = roots[t]
            while node >= 0:
                goes_left = _goes_left(x[i, feature[node]], decision[node], threshold[node])
                after = left[node] if goes_left else right[node]
                reached = mean[after] if after >= 0 else leaf[-after - 1]
                parts[i, feature[node]] += reached - mean[node]
                node = after
    return start
