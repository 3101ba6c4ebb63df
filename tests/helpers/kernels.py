"""The GPU's kernels as the engine launches them, compiled without a GPU, and what they take of one.

`PYTHONPATH=.:tests python -m helpers.kernels` prints all.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import pytest
import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.runtime import driver

from lstm_ref.engines import triton_engine
from lstm_ref.weights import PEEPHOLES

SIZES = {
    "L": (64, 512, 512),
    "M": (128, 192, 192),
    "S1": (1, 16, 16),
    "S2": (16, 16, 32),
    "S3": (64, 64, 64),
    "S4": (64, 64, 128),
}
# dtype, and whether products are in TF32.
PRECISIONS = {
    "tf32": (torch.float32, True),
    "float32": (torch.float32, False),
    "bfloat16": (torch.bfloat16, False),
    "float16": (torch.float16, False),
}
KERNELS = "fill", "forward_step", "forward_output", "backward_step", "backward_memory", "forward_loop", "backward_loop"


class Card:
    """What Triton asks of a driver before it compiles: an H100 or H200, of a number that no real card has."""

    MEMORY = 227 * 1024

    def get_current_target(self):
        return GPUTarget("cuda", 90, 32)

    def get_current_device(self):
        return 99

    def get_current_stream(self, device):
        return 0


class Compiled:
    """Compiles a kernel where it would be launched, and keeps what came of it with the options it was given."""

    def __init__(self, kernel, found):
        self.kernel, self.found = kernel, found

    def __getitem__(self, grid):
        def launch(*arguments, **options):
            self.found.append((self.kernel.__name__, self.kernel.warmup(*arguments, grid=grid, **options), options))

        return launch


def compiled(size, precision, peephole, ends, steps=2):
    """Return name, kernel and options of every launch of forward and backward over some steps."""
    (B, I, H), (dtype, tf32), found = SIZES[size], PRECISIONS[precision], []
    P = {"none": None, "diagonal": (3, H), "full": (3, H, H)}[peephole]
    shapes = (steps, B, H), (1, B, H), (steps, B, I), (B, H), (B, H), (4 * H, I), (4 * H, H), (4 * H,), P
    arrays = [None if shape is None else torch.zeros(shape, dtype=dtype) for shape in shapes]
    d_h, d_c, x, _, _, W, R, _, P = arrays
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(driver), "active", property(lambda _: Card()))
        patch.setattr(triton_engine, "tf32", lambda: tf32)
        for name in KERNELS:
            patch.setattr(triton_engine, name, Compiled(getattr(triton_engine, name), found))
        signals = triton_engine.forward(*arrays[2:], torch.ones(B, dtype=torch.int64) if ends else None)
        triton_engine.backward(d_h, d_c, x, W, R, P, *signals)
    return found


def usage(kernel):
    """Return a compiled kernel's registers, bytes on a stack, instructions that spill, and bytes of shared memory."""
    programs = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(kernel.asm["cubin"])
        file.flush()
        said, code = (
            subprocess.run([programs / name, option, file.name], capture_output=True, text=True, check=True).stdout
            for name, option in (("cuobjdump", "-res-usage"), ("nvdisasm", "-c"))
        )
    registers, stack = (int(re.search(rf"{name}:(\d+)", said)[1]) for name in ("REG", "STACK"))
    return registers, stack, len(re.findall(r"\b(?:STL|LDL)\b", code)), kernel.metadata.shared


if __name__ == "__main__":
    print("| size | precision | peephole | kernel | tile | warps | registers | stack | spills | shared memory |")
    print("|" + " --- |" * 10)
    for size in SIZES:
        for precision in PRECISIONS:
            for peephole in PEEPHOLES:
                for name, kernel, options in compiled(size, precision, peephole, ends=False, steps=1):
                    tile = " x ".join(str(options[f"BLOCK_{axis}"]) for axis in "BHK" if f"BLOCK_{axis}" in options)
                    if tile:
                        cells = size, precision, peephole, name, tile, options["num_warps"], *usage(kernel)
                        print("|", " | ".join(map(str, cells)), "|", flush=True)
