"""The arithmetic of `lstm_ref.engines.numpy_engine` in kernels for a GPU (the extra ``gpu``: Triton).

x, h0, W and R are in single precision or all in one half precision; c0, b and P may be in that or in single precision.
What adds up over the steps is in single precision: so `forward` returns c in it, and `backward` d_c0, d_b and d_P; all
else has the dtype of x. The input's share of all steps is one product beforehand, and every gradient that can wait for
the end is one afterwards.

Where one tile holds all elements, one launch goes through all steps. Else each step is a launch, or two with full
peepholes, and all are recorded as one, so that Python launches once.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from lstm_ref.engines.graphs import Recordings, on_device, tf32
from lstm_ref.engines.triton_loops import backward_loop, forward_loop
from lstm_ref.engines.triton_steps import backward_memory, backward_step, fill, forward_output, forward_step
from lstm_ref.gates import F_T, I_T, O_T
from lstm_ref.peepholes import kind_of

TENSORS = True

DTYPES = {torch.float32: tl.float32, torch.float16: tl.float16, torch.bfloat16: tl.bfloat16}
RECORDINGS = Recordings(32)
ARRAYS = 8


class Tiles(NamedTuple):
    """A program's sequences and elements; how much of a product it takes at once; its warps; its loads ahead."""

    B: int
    H: int
    K: int
    warps: int
    stages: int


TILES = {
    "tall": Tiles(32, 16, 64, 4, 3),
    "narrow": Tiles(32, 8, 64, 4, 3),
    "small": Tiles(16, 16, 64, 4, 3),
    "wide": Tiles(32, 16, 64, 8, 3),
    "ahead": Tiles(32, 16, 64, 4, 4),
}
"""Ways to cut a step up, none measured yet. The programs of "tall" read least; "narrow" and "small" have twice as many.

"wide" and "ahead" are "tall" with more warps and with more loads ahead: nobody chooses them, but to measure.
"""

LOOP_BYTES = 2**17
"""Where R and full peepholes have no more bytes, one launch goes through all steps: a program holds them all along."""


def forward(
    x: Tensor, h0: Tensor, c0: Tensor, W: Tensor, R: Tensor, b: Tensor, P: Tensor | None, lengths: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return nets, h and c: see `lstm_ref.engines.numpy_engine.forward`."""
    T, B, _ = x.shape
    H, kind, ends = R.shape[1], kind_of(P, stacked=True), lengths is not None
    nets = torch.nn.functional.linear(x, W, b.to(x.dtype)).reshape(T, B, 4, H)
    h, c = x.new_empty(T + 1, B, H), x.new_empty(T + 1, B, H, dtype=torch.float32)
    h[0], c[0] = h0, c0
    R, P = _weights(R, P, kind, x.dtype)
    arrays = nets, h, c, R, P, R if lengths is None else _plain(lengths, torch.int64)
    with on_device(x.device):
        if _in_one_launch(H, kind, x.dtype):
            programs, options = _loop(B, H)
            forward_loop[programs](*arrays, T, B, H, kind, ends, **options)
        else:
            grid, options = _step(B, H, x.dtype)
            options["LENGTHS"] = ends

            def launch(table: Tensor) -> None:
                for t in range(T):
                    forward_step[grid](table, t, B, H, KIND=kind, **options)
                    if kind == "full":
                        forward_output[grid](table, t, B, H, **options)

            _replayed(("forward", kind, T, B, H, *options.values()), arrays, launch)
    return nets, h, c


def backward(
    d_h: Tensor, d_c: Tensor, x: Tensor, W: Tensor, R: Tensor, P: Tensor | None, nets: Tensor, h: Tensor, c: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | None]:
    """Return all gradients: see `lstm_ref.engines.numpy_engine.backward`, and above for their dtypes."""
    T, B, _, H = nets.shape
    K, kind = len(d_c), kind_of(P, stacked=True)
    nets, c = _plain(nets, x.dtype), _plain(c, torch.float32)
    d_nets, d_h0, d_c0 = nets.new_empty(T + 1, B, 4, H), nets.new_empty(B, H), c.new_zeros(B, H)
    arrays = d_nets, nets, c
    signals = _plain(d_h, x.dtype), _plain(d_c, torch.float32)
    with on_device(x.device):
        if _in_one_launch(H, kind, x.dtype):
            programs, options = _loop(B, H)
            weights = _weights(R, P, kind, x.dtype)
            backward_loop[programs](*arrays, *weights, *signals, d_h0, d_c0, T, K, B, H, kind, **options)
        else:
            grid, options = _step(B, H, x.dtype)
            # Transposed, so that the numbers added up for one element are neighbours in memory.
            looks = P.reshape(3 * H, H) if P is not None and kind == "full" else None
            weights = _weights(R.T, P if looks is None else looks.T, kind, x.dtype)
            d_nets[T] = 0

            def launch(table: Tensor) -> None:
                for t in reversed(range(T)):
                    backward_step[grid](table, t, T - K, B, H, KIND=kind, **options)
                    if kind == "full":
                        backward_memory[grid](table, t, B, H, **options)

            key = "backward", kind, T, K, B, H, *options.values()
            _replayed(key, (*arrays, *weights, d_c0, *signals), launch)
            first = d_nets[0].reshape(B, 4 * H)
            d_h0 = first @ R
            if looks is not None:
                d_c0 += first[:, : 2 * H] @ looks[: 2 * H].to(x.dtype)
        return _weight_gradients(d_nets[:T], d_h0, d_c0, x, W, P, h, c)


def _weight_gradients(
    d_nets: Tensor, d_h0: Tensor, d_c0: Tensor, x: Tensor, W: Tensor, P: Tensor | None, h: Tensor, c: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | None]:
    """Return what `backward` does."""
    T, B, _, H = d_nets.shape
    flat, d_P = d_nets.reshape(T * B, 4 * H), None
    d_x, d_W = torch.matmul(flat, W).reshape(x.shape), flat.T @ x.reshape(T * B, -1)
    d_R, d_b = flat.T @ h[:-1].reshape(T * B, H), flat.sum(0, dtype=torch.float32)
    if kind_of(P, stacked=True) == "full":
        old, new = (memory.reshape(T * B, H).to(x.dtype) for memory in (c[:-1], c[1:]))
        d_P = torch.cat([flat[:, : 2 * H].T @ old, flat[:, 3 * H :].T @ new]).reshape(3, H, H).float()
    elif P is not None:
        # One at a time: what is multiplied before it is summed up is as large as a signal.
        seen = (I_T, c[:-1]), (F_T, c[:-1]), (O_T, c[1:])
        d_P = torch.stack([(d_nets[:, :, net] * memory).sum((0, 1)) for net, memory in seen])
    return d_x, d_h0, d_c0, d_W, d_R, d_b, d_P


def _weights(R: Tensor, P: Tensor | None, kind: str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return R and P as the kernels want them; where there is no P, R stands in, and is not looked at."""
    R = _plain(R, dtype)
    return R, R if P is None else _plain(P, dtype if kind == "full" else torch.float32)


def _plain(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the tensor in this dtype, contiguous, beginning at a multiple of 16 bytes."""
    tensor = tensor.to(dtype).contiguous()
    return tensor.clone() if tensor.data_ptr() % 16 else tensor


def tiles(B: int, H: int, dtype: torch.dtype) -> Tiles:
    """Return how a step is divided among programs: among more of them where arithmetic takes longest."""
    if B <= 16:
        return TILES["small"]
    few = triton.cdiv(B, 32) * triton.cdiv(H, 16) < 64
    return TILES["narrow" if few or (dtype == torch.float32 and not tf32()) else "tall"]


def _step(B: int, H: int, dtype: torch.dtype) -> tuple[tuple[int, int], dict[str, Any]]:
    """Return how many programs do a step, along B and along H, and what each is told."""
    cut = tiles(B, H, dtype)
    options = {"D": DTYPES[dtype], "PRECISION": _precision(), "BLOCK_B": cut.B, "BLOCK_H": cut.H, "BLOCK_K": cut.K}
    options |= {"num_warps": cut.warps, "num_stages": cut.stages}
    return (triton.cdiv(B, cut.B), triton.cdiv(H, cut.H)), options


def _in_one_launch(H: int, kind: str, dtype: torch.dtype) -> bool:
    """Return whether a program can hold all that h and c are multiplied by, in tiles of _loop."""
    matrices = 7 if kind == "full" else 4
    # Without tensor cores a product takes more registers.
    limit = LOOP_BYTES // 2 if dtype == torch.float32 and not tf32() else LOOP_BYTES
    return matrices * _block(H) ** 2 * dtype.itemsize <= limit


def _loop(B: int, H: int) -> tuple[tuple[int], dict[str, Any]]:
    """Return how many programs do all steps, and what each is told."""
    block = _block(H)
    options = {"PRECISION": _precision(), "BLOCK_B": 16, "BLOCK_H": block, "STAGES": 2, "num_warps": block // 8}
    return (triton.cdiv(B, 16),), options


def _block(H: int) -> int:
    return max(16, triton.next_power_of_2(H))


def _precision() -> str:
    return "tf32" if tf32() else "ieee"


def _replayed(key: tuple[Hashable, ...], arrays: Sequence[Tensor], launch: Callable[[Tensor], None]) -> None:
    """Launch with a table of where the arrays are, by way of a recording."""
    device = arrays[0].device
    with RECORDINGS.get(key, device, lambda: torch.empty(ARRAYS, dtype=torch.int64, device=device)) as recording:
        table = recording.held
        fill[(1,)](table, *arrays, *[table] * (ARRAYS - len(arrays)))
        recording.run(lambda: launch(table))
