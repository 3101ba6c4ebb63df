"""``lstm-ref inspect``: a report of the gates of a model in a file."""

import argparse
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_ref.commands.arguments import folder
from lstm_ref.sequence import Trace

if TYPE_CHECKING:
    from lstm_ref.layer import LSTM

BATCH = "B", "N", "batch", "batch_size"
"""What the axis of the batch is called in a file of ONNX; another that is left open is that of the steps."""

EXAMPLES = """\
examples:
  python -m lstm_ref inspect model.pt                         (a state dict, saved by torch.save; or .safetensors)
  python -m lstm_ref inspect model.onnx --x inputs.npy --out gates.html
  python -m lstm_ref inspect runs/text                        (a run of lstm-ref train)

FILE of --x is an array of numpy.save: what each LSTM of a state dict reads, (T, I) or (T, B, I), time first, after an
embedding; what a whole .onnx model reads. Without it an LSTM reads numbers drawn at random: its gates then show what
they can do, not what they do on your data. In Python, inspector.report(model, x) takes what your whole model takes.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to a parser."""
    inspect = commands.add_parser(
        "inspect",
        help="write a report of the gates of a model",
        description="Write a page that shows every gate and memory of the LSTMs in a file, step by step.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = inspect.add_argument
    option(
        "model",
        type=folder,
        metavar="MODEL",
        help="a file of PyTorch, safetensors or ONNX, a checkpoint, or the folder of a run",
    )
    option("--x", type=folder, metavar="FILE", help="what the LSTMs read, time first; see below")
    option("--steps", type=int, default=100, metavar="T", help="without --x: how many steps (100)")
    option("--seed", type=int, default=0, metavar="N", help="without --x: another one draws other inputs (0)")
    option("--out", type=folder, default=Path("report.html"), metavar="FILE", help="where to write (report.html)")
    inspect.set_defaults(run=inspect_command)


def inspect_command(given: argparse.Namespace) -> int:
    """Write the report, and return the exit status."""
    from lstm_ref import checks, inspector

    checks.whole_number("--steps", given.steps, 1, 10_000)
    x = None if given.x is None else _array(given.x)
    labels = None
    if given.model.is_dir() or given.model.name.startswith("step-"):
        found, labels = _of_run(given)
    elif given.model.suffix == ".onnx":
        found = inspector.model_file_traces(given.model, _drawn_for(given) if x is None else x)
    else:
        found = _of_layers(inspector.load_layers(given.model), x, given)
    drawn = x is None and not given.model.is_dir() and not given.model.name.startswith("step-")
    title = f"The gates of {given.model.name}" + (", on numbers drawn at random" if drawn else "")
    page = inspector.report_of(found, labels=labels, title=title).save(given.out)
    T, *B = next(iter(found.values())).h_t.shape[:-1]
    shown = f"{T} steps" + (f", the first of {B[0]} sequences" if B else "") + (", drawn at random" if drawn else "")
    if T == 1 and B and B[0] > 1:
        shown += "; if those are the steps, turn the file: time comes first"
    print(f"{page}: {shown}; {page.stat().st_size / 1000:,.0f} kB. Open it in a browser.")
    return 0


def _array(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"--x: expected a file of numpy.save, got {str(path)!r}, and there is no such file")
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"--x: expected a file of numpy.save, got {str(path)!r}: {error}") from error


def _of_run(given: argparse.Namespace) -> tuple[dict[str, Trace], list[str] | None]:
    """Return what the model of a run does with what it reads next, and for characters what each step is called."""
    from lstm_ref.inspector import traces
    from lstm_ref.tasks.characters import Streams
    from lstm_ref.training import resume
    from lstm_ref.training.model import to_tensor

    trainer = resume(given.model, "cpu")
    if trainer.best:
        trainer.model.load_state_dict(trainer.best["weights"])
    (x, _, _), _ = trainer.task.batch(trainer.rng, trainer.carry)
    x = x[: given.steps, :1]
    labels = None
    if isinstance(trainer.task, Streams):
        labels = [repr(trainer.task.symbols[symbol]) for symbol in x[:, 0]]
    return traces(trainer.model.eval(), to_tensor(x, trainer.dtype, trainer.device)), labels


def _of_layers(layers: dict[str, "LSTM"], x: Any, given: argparse.Namespace) -> dict[str, Trace]:
    """Return what each layer does with x, or with numbers that are drawn for it."""
    import torch

    from lstm_ref.inspector import traces

    found: dict[str, Trace] = {}
    for name, layer in layers.items():
        rng = np.random.default_rng(given.seed)
        own = rng.normal(size=(given.steps, layer.input_size)) if x is None else x
        if np.ndim(own) not in (2, 3) or np.shape(own)[-1] != layer.input_size:
            wanted = f"what {name or 'the layer'} reads, (T, I) or (T, B, I) with I = {layer.input_size}"
            raise ValueError(
                f"--x: expected {wanted}, got {np.shape(own)}; or see inspector.report(model, x) in Python"
            )
        tensor = torch.as_tensor(own).to(next(layer.parameters()))
        found |= {f"{name}.{key}" if name else key: trace for key, trace in traces(layer, tensor).items()}
    return found


def _drawn_for(given: argparse.Namespace) -> Any:
    """Draw what the first input of a file of ONNX asks for: numbers, where only the steps are left open."""
    from lstm_ref.interop.onnx import onnx_model_of

    graph = onnx_model_of(given.model, "MODEL").graph
    known = {each.name for each in graph.initializer}
    first = next(each for each in graph.input if each.name not in known)
    kind = first.type.tensor_type
    axes = [axis.dim_value or axis.dim_param for axis in kind.shape.dim]
    if kind.elem_type not in (1, 11) or len(axes) != 3 or not isinstance(axes[2], int):
        shape = f"({', '.join(map(str, axes))})"
        raise ValueError(
            f"--x: expected a file with what the model reads, {first.name!r} of shape {shape}, got none; numbers are "
            "drawn only for a model that reads vectors"
        )
    axes = [1 if axis in BATCH else given.steps if isinstance(axis, str) else axis for axis in axes]
    dtype = np.float32 if kind.elem_type == 1 else np.float64
    return np.random.default_rng(given.seed).normal(size=axes).astype(dtype)
