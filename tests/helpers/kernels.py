"""The GPU's kernels, compiled without a GPU, and what they take of one.

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
from triton.compiler import ASTSource

from lstm_ref.engines import triton_engine, triton_loops, triton_steps
from lstm_ref.weights import PEEPHOLES

# An H100's and an H200's; and the memory that one program may have there.
TARGET, MEMORY = GPUTarget("cuda", 90, 32), 227 * 1024
SIZES = {"L": (64, 512), "M": (128, 192), "S1": (1, 16), "S2": (16, 32)}
# dtype, and whether products are in TF32.
PRECISIONS = {
    "tf32": (torch.float32, True),
    "float32": (torch.float32, False),
    "bfloat16": (torch.bfloat16, False),
    "float16": (torch.float16, False),
}
NAMES = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}
IN_SINGLE = "c", "d_c", "d_c0"


def kernels(size, precision, peephole, monkeypatch):
    """Yield each kernel, by name, with the options that the engine gives it."""
    (B, H), (dtype, tf32) = SIZES[size], PRECISIONS[precision]
    monkeypatch.setattr(triton_engine, "tf32", lambda: tf32)
    if H * dtype.itemsize <= triton_engine.LOOP_BYTES:
        (_, options), module, names = triton_engine._loop(B, H), triton_loops, ("forward_loop", "backward_loop")
    else:
        (_, options), module = triton_engine._step(B, H, dtype), triton_steps
        names = "forward_step", "backward_step"
        names += ("forward_output", "backward_memory") if peephole == "full" else ()
    for name in names:
        for ends in (True, False) if name.startswith("forward") else (False,):
            yield name, getattr(module, name), options | {"H": H, "KIND": peephole, "LENGTHS": ends}, dtype


def compiled(kernel, options, dtype):
    """Return a kernel compiled for TARGET, all arrays beginning at multiples of 16 bytes."""
    constants = {name: value for name, value in options.items() if name in kernel.arg_names}
    types = {"table": "*i64", "lengths": "*i64"} | dict.fromkeys(("t", "first", "T", "K", "B"), "i32")
    types |= dict.fromkeys(IN_SINGLE, "*fp32") | dict.fromkeys(constants, "constexpr")
    if options["KIND"] != "full":
        types["P"] = "*fp32"
    signature = {name: types.get(name, f"*{NAMES[dtype]}") for name in kernel.arg_names}
    places = {name: (k,) for k, name in enumerate(kernel.arg_names)}
    aligned = {places[name]: [["tt.divisibility", 16]] for name, kind in signature.items() if kind[0] == "*"}
    source = ASTSource(kernel, signature, {places[name]: value for name, value in constants.items()}, aligned)
    stages = {"num_stages": options["num_stages"]} if "num_stages" in options else {}
    return triton.compile(source, target=TARGET, options={"num_warps": options["num_warps"]} | stages)


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
                for name, *what in kernels(size, precision, peephole, pytest.MonkeyPatch()):
                    options, found = what[1], usage(compiled(*what))
                    tile = " x ".join(str(options[f"BLOCK_{axis}"]) for axis in "BHK" if f"BLOCK_{axis}" in options)
                    cells = size, precision, peephole, name, tile, options["num_warps"], *found
                    print("|", " | ".join(map(str, cells)), "|", flush=True)
