"""Memories computed for all steps at once, for units whose valves do not look at them.

Such a memory is ``memory[t] = keep[t] * memory[t-1] + write[t]``, and all its `keep` and `write` are known before the
first step. Two steps together are one step of the same form, so that pairs can be joined in any order: T steps need
about log2(T) rounds (Blelloch 1990; Martin and Cundy 2018). A matrix memory is kept in chunks instead: what its steps
write and erase is worked out between the steps of a chunk, and the matrix itself only from chunk to chunk (Yang et al.
2024). Everything here takes NumPy's arrays or PyTorch's tensors; `of` brings the functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lstm_ref import checks
from lstm_ref.checks import Array
from lstm_ref.diagrams.operations import NUMPY
from lstm_ref.signatures import checked

CHUNK = 32
"""How many steps of a matrix memory are worked out together."""


@checked
def scan(keep: ArrayLike, write: ArrayLike, first: ArrayLike) -> Array:
    """Return memory[t] = keep[t] * memory[t-1] + write[t] for all t at once.

    Parameters
    ----------
    keep, write : array (T, ...)
        What is kept of each element, and what is written.
    first : array (...)
        The memory before the first step.

    Returns
    -------
    array (T, ...)

    Raises
    ------
    ValueError
        If there is no step, or shapes do not fit together.
    """
    keep, write, first = checks.numbers("keep", keep), checks.numbers("write", write), checks.numbers("first", first)
    if keep.ndim == 0 or not keep.size:
        raise ValueError(f"keep: expected shape (T, ...), T at least 1, got {keep.shape}")
    checks.shape("write", write, keep.shape, "that of keep")
    checks.shape("first", first, keep.shape[1:], "that of a step")
    found: Array = scan_steps(keep, write, first, NUMPY)
    return found


def scan_steps(keep: Any, write: Any, first: Any, of: Any) -> Any:
    """Do so with the arrays or tensors of a namespace, unchecked."""
    return _joined(keep, of.join([keep[:1] * first + write[:1], write[1:]]), of)


def _joined(keep: Any, write: Any, of: Any) -> Any:
    """Return all memories after an empty one: every second from pairs of steps, and from them those between."""
    T = len(write)
    if T == 1:
        return write
    even, odd = slice(0, T - T % 2, 2), slice(1, None, 2)
    second = _joined(keep[odd] * keep[even], keep[odd] * write[even] + write[odd], of)
    between = keep[2::2] * second[: (T - 1) // 2] + write[2::2]
    first = of.join([write[:1], between])
    pairs = of.stack([first[: T // 2], second], 1).reshape(-1, *second.shape[1:])
    return of.join([pairs, first[T // 2 :]])


def largest(keep: Any, write: Any, first: Any, of: Any) -> Any:
    """Return memory[t] = max(keep[t] + memory[t-1], write[t]) for all t at once; arguments as for `scan_steps`."""
    total = of.cumsum(keep, 0)
    return total + of.maximum(first, of.cummax(write - total))


@checked
def matrix_reads(
    keep: Array,
    k: Array,
    v: Array,
    q: Array,
    first: Array,
    erase: tuple[Array, Array] | None = None,
    chunk: int = CHUNK,
) -> tuple[Array, Array]:
    """Return what is read of a matrix memory at every step, in chunks, and the last memory.

    The memory S (K, V) of a step is ``keep[:, None] * S + outer(k, v)``, less ``outer(r, S.T @ e)`` of the S before it,
    where there is a pair `erase` of e and r; what is read of it is ``S.T @ q``.

    Parameters
    ----------
    keep : array (T, ..., K) or (T, ..., 1)
        Above 0.
    k, q : array (T, ..., K)
    v : array (T, ..., V)
    first : array (..., K, V)
    erase : pair of arrays (T, ..., K), optional
    chunk : int
        How many steps are worked out together.

    Returns
    -------
    array (T, ..., V), and one (..., K, V)

    Raises
    ------
    ValueError
        If there is no step, shapes do not fit together, or something is not kept at all.
    """
    if k.ndim < 2 or not k.size:
        raise ValueError(f"k: expected shape (T, ..., K), none of them 0, got {k.shape}")
    if keep.shape not in (k.shape, (*k.shape[:-1], 1)):
        raise ValueError(f"keep: expected the shape of k, {k.shape}, or 1 for its K, got {keep.shape}")
    for name, each in zip(("q", "erase[0]", "erase[1]"), (q, *(erase or ()))):
        checks.shape(name, each, k.shape, "that of k")
    if v.ndim != k.ndim or v.shape[:-1] != k.shape[:-1]:
        raise ValueError(f"v: expected shape (T, ..., V), all but V like k's {k.shape}, got {v.shape}")
    checks.shape("first", first, (*k.shape[1:], v.shape[-1]), "(..., K, V)")
    if not (keep > 0).all():
        raise ValueError(f"keep: expected numbers above 0, got {keep.min()}")
    checks.whole_number("chunk", chunk, 1)
    read, last = read_chunks(keep, k, v, q, first, erase, NUMPY, chunk)
    return read, last


def read_chunks(
    keep: Any, k: Any, v: Any, q: Any, first: Any, erase: tuple[Any, Any] | None, of: Any, chunk: int = CHUNK
) -> tuple[Any, Any]:
    """Do so with the arrays or tensors of a namespace, unchecked."""
    S, reads = first, []
    for t in range(0, len(k), chunk):
        part = slice(t, t + chunk)
        pair = None if erase is None else (_steps_last(erase[0][part], of), _steps_last(erase[1][part], of))
        kept, keys, values, queries = (_steps_last(each[part], of) for each in (keep, k, v, q))
        read, S = _chunk(kept, keys, values, queries, S, pair, of)
        reads.append(of.moveaxis(read, -2, 0))
    return of.join(reads), S


def _steps_last(each: Any, of: Any) -> Any:
    """Return (L, ..., n) as (..., L, n)."""
    return of.moveaxis(each, 0, -2)


def _chunk(keep: Any, k: Any, v: Any, q: Any, S: Any, erase: tuple[Any, Any] | None, of: Any) -> tuple[Any, Any]:
    """Return what is read in one chunk of L steps, (..., L, V), and the memory after it."""
    log = of.cumsum(of.log(of.at_least(keep, np.finfo(np.float32).tiny)), -2)
    until = _ratios(log, log, 0, of)
    if erase is not None:
        # What step t erases it reads from the memory before it: from the first one, and from all that came since.
        (e, r), before = erase, log - of.log(of.at_least(keep, np.finfo(np.float32).tiny))
        seen = _ratios(before, log, -1, of) * e[..., :, None, :]
        from_writes, from_erased = ((seen * each[..., None, :, :]).sum(-1) for each in (k, r))
        erased = of.solve(from_erased, (e * of.exp(before)) @ S + from_writes @ v)
        # From here on, to erase is to write with the other sign.
        k, v, until = of.join([k, r], -2), of.join([v, -erased], -2), of.join([until, until], -2)
    read = (q * of.exp(log)) @ S + (until * q[..., :, None, :] * k[..., None, :, :]).sum(-1) @ v
    return read, of.exp(log[..., -1, :])[..., None] * S + of.swap(until[..., -1, :, :] * k) @ v


def _ratios(until: Any, since: Any, k: int, of: Any) -> Any:
    """Return what is left at step t, until then, of what was written at step s, (..., t, s, K); 0 for s beyond t + k.

    It is a ratio of running products, as a difference of their logarithms, which cannot overflow.
    """
    difference = until[..., :, None, :] - since[..., None, :, :]
    return of.exp(of.where(of.lower(until.shape[-2], k, until)[..., None], difference, -np.inf))


@dataclass(frozen=True)
class Scan:
    """One memory, as `scan_steps` computes it.

    Parameters
    ----------
    memory : str
        The signal that it finds.
    keep, write : str
        The signals that it needs; several are multiplied, as in "i_t g_t".
    """

    memory: str
    keep: str
    write: str

    def run(self, values: Mapping[str, Any], start: Mapping[str, Any], of: Any) -> dict[str, Any]:
        """Return the memory of all steps, and what it was a step before each."""
        first = start[self.memory.replace("_t", "_prev")]
        found = self._scan(_multiplied(self.keep, values), _multiplied(self.write, values), first, of)
        before = of.join([first[None], found[:-1]])
        return {self.memory: found, self.memory.replace("_t", "_prev"): before}

    def _scan(self, keep: Any, write: Any, first: Any, of: Any) -> Any:
        return scan_steps(keep, write, first, of)


class Largest(Scan):
    """One memory, as `largest` computes it."""

    def _scan(self, keep: Any, write: Any, first: Any, of: Any) -> Any:
        return largest(keep, write, first, of)


@dataclass(frozen=True)
class Reads:
    """What is read of a matrix memory, as `read_chunks` computes it.

    Parameters
    ----------
    read : str
        The signal that it finds.
    k, v, q : str
        The signals that it needs; several are multiplied.
    keep : str
        What is kept; all of it if there is no signal.
    erase : tuple of str
        The signals e and r, if something is erased.
    """

    read: str
    k: str
    v: str
    q: str
    keep: str = ""
    erase: tuple[str, str] | None = None

    def run(self, values: Mapping[str, Any], start: Mapping[str, Any], of: Any) -> dict[str, Any]:
        """Return what is read at all steps; of the memory, what it is after the last one."""
        k, v, q = (_multiplied(names, values) for names in (self.k, self.v, self.q))
        keep = _multiplied(self.keep, values) if self.keep else k[..., :1] * 0 + 1
        erase = self.erase and tuple(_multiplied(names, values) for names in self.erase)
        read, last = read_chunks(keep, k, v, q, start["S_prev"], erase, of)
        return {self.read: read, "S_t": last[None]}


def _multiplied(names: str, values: Mapping[str, Any]) -> Any:
    return math.prod(values[name] for name in names.split())
