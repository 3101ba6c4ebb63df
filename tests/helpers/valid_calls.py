"""A call of every public function with arguments that it takes; `test_bad_arguments.py` spoils one at a time."""

import numpy as np
import torch
from helpers.trainers import SALES

from lstm_ref import UnitWeights, data, diagrams, family, tasks, unroll
from lstm_ref.companion import probes, probing
from lstm_ref.interop import export_onnx
from lstm_ref.layer import LSTM
from lstm_ref.training import Settings, Trainer

TEXT = "def f(x):\n    return 'a' + x  # so\n"
SYMBOLS = np.arange(60) % 97


def rng():
    return np.random.default_rng(5)


def drawn(*shape):
    return rng().normal(size=shape)


def weights(peephole="diagonal"):
    return UnitWeights.random(2, 3, peephole, rng=rng())


def trace(peephole="diagonal"):
    return unroll(weights(peephole), drawn(4, 2))


def step():
    """The signals of a step of two sequences."""
    return unroll(weights(), drawn(4, 2, 2))[1]


def node(direction=True):
    """The arrays of an ONNX node; T = 4, B = 2, I = 2, H = 3."""
    shapes = {"W": (12, 2), "R": (12, 3), "B": (24,), "h0": (2, 3), "c0": (2, 3), "P": (9,)}
    return {name: drawn(*shape)[None] if direction else drawn(*shape) for name, shape in shapes.items()}


def model():
    """A model of characters with one unit of four elements."""
    return data.CharacterModel((UnitWeights.random(97, 4, rng=rng()),), drawn(97, 4), drawn(97))


def says(outputs):
    """A model that answers the same whatever it reads."""
    return lambda x, state=None: (np.zeros((*np.shape(x)[:2], outputs)), None)


def no_lstm(weights, x, h0, c0):
    return np.zeros((*x.shape[:2], h0.shape[1]))


def sales(months=60):
    return np.exp(drawn(months))


def trainer():
    return Trainer(Settings("adding", {"T": 20, "batch_size": 2}, hidden_size=2, steps=1, device="cpu"))


def of_the_core():
    state = {"h_prev": drawn(2, 3), "c_prev": drawn(2, 3)}
    valve = {"x_t": drawn(2, 2), **state, "weights": weights()}
    one = trace()
    yield "UnitWeights", weights().to_dict()
    yield "UnitWeights.from_dict", {"named": weights().to_dict()}
    yield "UnitWeights.zeros", {"input_size": 2, "hidden_size": 3, "peephole": "full", "dtype": np.float32}
    sizes = {"input_size": 2, "hidden_size": 3, "peephole": "none"}
    yield "UnitWeights.random", sizes | {"rng": rng(), "forget_bias": 1.0, "dtype": np.float64}
    yield "UnitWeights.stack", {"self": weights(), "kind": "W", "order": "ifgo"}
    yield "UnitWeights.replace", {"self": weights(), "b_f": drawn(3)}
    yield "unit.forget_valve", valve
    yield "unit.new_memory_valve", valve
    yield "unit.new_memory", {name: valve[name] for name in ("x_t", "h_prev", "weights")}
    yield "unit.output_valve", {name.replace("c_prev", "c_t"): value for name, value in valve.items()}
    yield "unit.sigmoid", {"z": drawn(3)}
    yield "step", valve
    more = {"h0": drawn(2, 3), "c0": drawn(2, 3), "lengths": np.array([4, 2])}
    yield "unroll", {"weights": weights(), "x": drawn(4, 2, 2), **more}
    yield "Trace", {**{name: np.array(getattr(one, name)) for name in step()._fields}, "weights": weights()}
    yield "Trace.sequence", {"self": unroll(weights(), drawn(4, 2, 2)), "b": 1}
    yield "Trace.element", {"self": one, "k": 1}
    yield "Trace.__getitem__", {"self": one, "t": 1}
    last = {"d_h_last": drawn(3), "d_c_last": drawn(3)}
    yield "backward", {"trace": one, "d_h": drawn(4, 3), **last}
    back = {"step": step(), "weights": weights(), "d_h_t": drawn(2, 3), "d_c_t": drawn(2, 3)}
    yield "gradients.step_backward", back
    from lstm_ref.gradients import step_backward

    found = step_backward(**back)
    yield "gradients.weight_gradients", {"step": step(), "back": found, "peephole": "diagonal"}
    yield "inspector.backwards", {"array": drawn(4, 2, 3), "lengths": np.array([4, 2])}
    yield "inspector.onnx_traces", {"x": drawn(4, 2, 2), **node(), "lengths": np.array([4, 2]), "direction": "forward"}
    hx = (torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))
    called = {"model": LSTM(2, 3), "x": torch.zeros(4, 2, 2), "hx": hx}
    yield "inspector.traces", called
    yield "inspector.report", called | {"labels": list("abcd"), "sequence": 1, "title": "a"}
    shown = {"labels": list("abcd"), "sequence": 0, "title": "a"}
    yield "inspector.report_of", {"found": {"a": one}} | shown
    yield "inspector.model_file_traces", {"model": export_onnx(LSTM(2, 3)), "x": np.zeros((4, 2, 2), np.float32)}
    names = {"WR": "WR figo", "b": "b figo"}
    trial = {"call": None, "autograd": False, "peephole": "none", "seed": 1}
    yield "check_lstm", {"lstm": no_lstm, "names": names, "backward": None, **trial}
    yield "engines.choose", {"engine": "auto", "tensor": torch.zeros(2)}


def of_interop():
    plain = weights("none")
    yield "interop.to_torch", {"weights": plain, "suffix": "_l0"}
    yield "interop.to_layer", {"weights": weights(), "suffix": "_l0"}
    yield "interop.to_keras", {"weights": plain}
    yield "interop.to_onnx", {"weights": weights()}
    yield "interop.onnx_model", {"weights": weights()}
    state = {name: torch.zeros(shape) for name, shape in (("weight_ih_l0", (12, 2)), ("weight_hh_l0", (12, 3)))}
    yield "interop.from_torch", {"state": state, "suffix": "_l0"}
    yield "interop.from_keras", {"kernel": drawn(2, 12), "recurrent_kernel": drawn(3, 12), "bias": drawn(12)}
    yield "interop.from_onnx", {name: array for name, array in node(False).items() if name in "WRBP"}
    for name in ("units", "export_onnx", "suffixes"):
        yield f"interop.{name}", {"lstm": LSTM(2, 3)}
    layer = {"input_size": 2, "hidden_size": 3, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
    yield "layer.LSTM", layer | {"bidirectional": False, "peephole": "full", "engine": "auto"}


def of_drawing():
    one, wiring = trace(), diagrams.unit_wiring("diagonal")
    drawing = {"style": "pipe", "wiring": wiring, "lit": "memory", "order": False, "legend": True, "trace": one, "t": 1}
    yield "diagrams.draw", drawing | {"weights": weights(), "full": 2.0}
    yield "diagrams.chain", {"wiring": wiring}
    state = {"x_t": drawn(2), "h_prev": drawn(3), "c_prev": drawn(3)}
    yield "diagrams.follow", {"wiring": wiring, "weights": weights(), **state}
    joint = {"f_t": 0.5, "c_prev": 0.8, "i_t": 0.75, "g_t": 0.4}
    yield "diagrams.joint", joint
    yield "diagrams.unit_wiring", {"peephole": "full"}
    yield "diagrams.valve", {"opening": 0.5, "steps": 3}
    yield "diagrams.Diagram", {"body": "<g/>", "size": (2, 3), "title": "a", "alt": "b"}
    yield "diagrams.Wiring", {"wires": wiring.wires, "words": "a"}
    small = UnitWeights.random(1, 2, "full", rng=rng())
    yield "explorer.Explorer", {"weights": small, "x_t": [0.5], "h_prev": [0.1, 0.2], "c_prev": [1.0, 0.5]}
    yield "explorer.FamilyExplorer", {"units": ["gru", "min-gru"]}
    yield "explorer.Joint", joint
    yield "explorer.Ledger", {"sales": sales(24), "valve": "output", "first": 1990}
    yield "explorer.Nudge", {"scale": 0.5, "rng": rng()}
    yield "explorer.Tanks", {"peephole": "full", "first": 0.5, "second": 0.5}
    months = np.arange("1990-01", "1990-05", dtype="datetime64[M]")
    yield "explorer.TimeMachine", {"trace": one, "times": months, "weights": weights()}
    yield "explorer.Valve", {"opening": 0.5, "steps": 3}
    words = {"xlabel": "a", "ylabel": "b"}
    yield "plots.signals", {"trace": one, "names": ("c_t", "h_t"), "times": months, "element": [0, 2]}
    yield "plots.valves", {"trace": one, "names": ("f_t",), "times": months}
    lines = {"a": drawn(4), "b": drawn(4)}
    yield "plots.lines", {"x": np.arange(4), "series": lines, **words, "log_y": False, "styles": {"a": "c_t"}}
    yield "plots.bars", {"groups": ["a", "b"], "series": {"c": drawn(2)}, "ylabel": "d"}
    points = {"a": (np.arange(1, 4), np.arange(1, 4))}
    yield "plots.curves", {"series": points, **words, "log": True, "marks": {"m": 2.0}}
    yield "plots.timeline", {"rows": {"a": [(0.0, 1.0, True)]}, "xlabel": "b"}
    arrows = [(0, 1, "a"), (1, "b", "c")]
    yield "plots.machine", {"arrows": arrows, "places": {0: (0.0, 0.5), 1: (0.5, 0.5), "b": (1.0, 0.5)}, "title": "t"}
    yield "plots.characters", {"text": "ab\n", "values": np.zeros(3), "title": "t"}
    yield "plots.spread", {"groups": {"a": drawn(4)}, "xlabel": "b"}
    yield "plots.pipe", {"openings": [0.5, 1.0], "c_prev": 1.0}
    yield "plots.t_joint", joint
    yield "plots.output_branch", {"c_t": 0.5, "o_t": 0.5}
    yield "svg.Picture", {"svg": "<svg/>", "title": "a"}
    yield "svg.figure", {"height": 2.0}
    yield "svg.number", {"value": 12.5, "digits": 3}
    yield "svg.stylesheet", {"svg": "<svg/>"}
    yield "Table", {"header": ["a"], "rows": [["b"]]}


def of_the_family():
    gru = family.UNITS["gru"]
    w = gru.random(2, 3, rng=rng())
    call = {"unit": gru, "weights": w, "x": drawn(4, 2), "start": {"h_prev": drawn(3)}}
    yield "family.unroll", call
    yield "family.follow_all", call
    yield "family.gradients", call | {"d_h": drawn(4, 3)}
    small = family.UNITS["min-gru"]
    at_once = {"unit": small, "weights": small.random(2, 3, rng=rng()), "x": drawn(4, 2), "start": {"h_prev": drawn(3)}}
    yield "family.all_at_once", at_once
    yield "family.first_memories", {"unit": gru, "weights": w, "batch": (2,)}
    yield "family.draw", {"unit": gru, "lit": "new", "values": {"z_t": np.array([0.5])}}
    yield (
        "family.read_equations",
        {"equations": "h_t = W x_t", "words": "a", "axes": {"W": "HI"}, "roles": {"h_t": "c_t"}},
    )
    yield "family.scan", {"keep": drawn(4, 2), "write": drawn(4, 2), "first": drawn(2)}
    reads = {"keep": np.full((4, 3), 0.5), "k": drawn(4, 3), "v": drawn(4, 2), "q": drawn(4, 3), "first": drawn(3, 2)}
    yield "family.matrix_reads", reads | {"erase": (drawn(4, 3), drawn(4, 3)), "chunk": 2}
    yield "family.Unit", {"name": "a", "words": "b", "equations": "h_t = W x_t", "grid": "h_t h_up"}
    yield "family.Unit.random", {"self": gru, "input_size": 2, "hidden_size": 3, "key_size": 2, "rng": rng()}
    yield "gated_layer.GatedLayer", {"unit": gru, "weights": w}


def of_tasks():
    options = {"T": 20, "batch_size": 2}
    yield "tasks.make", {"task": "adding", **options}
    classes = {
        "Adding": options | {"marks": "early"},
        "Multiplication": options | {"marks": "early"},
        "Characters": {"T": 5, "batch_size": 2},
        "Text": {"file": SALES, "T": 5, "batch_size": 2, "alphabet": ""},
        "Table": {"file": SALES, "column": "sales", "horizon": 2, "season": 12, "further": "", "T": 9, "batch_size": 2},
        "ContinualReber": {"T": 5, "batch_size": 2},
        "Counting": {"letters": 3, "most": 4, "least": 1, "batch_size": 2},
        "Delays": {"every": 4, "spikes": 2, "batch_size": 2},
        "EmbeddedReber": {"batch_size": 2},
        "LongLag": {"T": 8, "distractors": 3, "batch_size": 2},
        "Spikes": {"every": 4},
        "TemporalOrder": {"batch_size": 2},
    }
    counts = {"Adding": 500, "Multiplication": 500, "TemporalOrder": 500, "LongLag": 1000, "ContinualReber": 300}
    counts |= {"Delays": 10, "EmbeddedReber": 4, "Spikes": 20}
    for name, given in classes.items():
        yield f"tasks.{name}", given
        task = getattr(tasks, name)(**given)
        yield f"tasks.{name}.batch", {"self": task, "rng": rng()}
        if name != "Characters":
            count = {"count": counts[name]} if name in counts else {}
            yield f"tasks.{name}.measure", {"self": task, "answer": says(task.output_size), "rng": rng(), **count}
    own = {name: getattr(tasks, name)(**classes[name]) for name in ("Text", "Table")}
    for name, task in own.items():
        yield f"tasks.{name}.compare", {"self": task, "answer": says(task.output_size)}
    yield "tasks.Table.forecasts", {"self": own["Table"], "answer": says(2), "rows": np.array([30, 40])}
    counting, spikes = tasks.Counting(most=4), tasks.Spikes(4)
    yield "tasks.Counting.string", {"self": counting, "n": 2}
    yield "tasks.Counting.right", {"self": counting, "answer": says(4), "n": 2}
    yield "tasks.Counting.reach", {"self": counting, "answer": says(4), "stop": 3, "first": 1}
    yield "tasks.Spikes.first_error", {"self": spikes, "answer": says(1), "T": 5}
    reber = tasks.ContinualReber(5, 2)
    yield "tasks.ContinualReber.errors", {"self": reber, "answer": says(7), "streams": 2, "count": 300}
    yield "tasks.bits_per_character", {"answer": says(97), "symbols": SYMBOLS, "streams": 2, "alphabet_size": 97}
    yield "tasks.decode", {"symbols": SYMBOLS, "alphabet": tasks.ALPHABET}
    yield "tasks.encode", {"text": "ab", "alphabet": "abc"}
    yield "tasks.softmax", {"logits": drawn(2, 3)}
    yield "tasks.source", {"modules": ("bisect",)}


def of_training(folder):
    run = trainer()
    sizes = {"task": run.task, "hidden_size": 2, "num_layers": 1, "dropout": 0.0, "peephole": "none", "held_open": "f"}
    yield "training.Model", sizes | {"start": {"b_f": 1.0}, "generator": torch.Generator()}
    settings = {"task": "adding", "options": {"T": 20}, "hidden_size": 2, "num_layers": 2, "dropout": 0.1}
    settings |= {"peephole": "none", "held_open": "f", "start": {"b_f": 1.0}, "steps": 3, "learning_rate": 0.1}
    settings |= {
        "warm_up": 0.1,
        "clip": 1.0,
        "seed": 3,
        "device": "cpu",
        "precision": "float32",
        "every": 2,
        "patience": 3,
    }
    yield "training.Settings", settings
    yield "training.Trainer", {"settings": run.settings}
    yield "training.as_function", {"model": run.model, "dtype": torch.float32, "device": torch.device("cpu")}
    yield "training.autocast", {"device": torch.device("cpu"), "precision": "float32"}
    yield "training.choose_device", {"device": "cpu"}
    yield "training.fit", {"trainer": run, "folder": folder / "run", "bar": False}
    writing = {"text": "a", "length": 2, "rng": rng(), "temperature": 1.0, "alphabet": tasks.ALPHABET}
    yield "training.sample", {"answer": says(97)} | writing
    yield "training.resume", {"path": folder / "kept", "device": "cpu", "steps": 7}
    yield "training.checkpoints.write", {"folder": folder / "new", "step": 1, "state": run.state_dict()}
    yield "training.checkpoints.read", {"path": folder / "kept", "device": "cpu"}
    yield "training.checkpoints.found", {"folder": folder / "kept"}
    yield "data.load_characters", {"name": "small-0"}
    yield "data.load_results", {"name": "forecast"}
    yield "data.load_unit", {"name": "counter"}
    yield "data.CharacterModel.read", {"self": model(), "x": SYMBOLS}
    yield "data.CharacterModel.answer", {"self": model(), "x": SYMBOLS[:, None]}


def of_the_companion():
    label, order, memory = np.arange(40) % 3 == 0, probing.ranks(drawn(40, 3)), drawn(40, 3)
    read, wide = probes.Probe(np.array([0, 2]), np.array([0.5, -1.0]), 0.1), np.abs(drawn(2, 97)) + 0.1
    yield "forecast.simple", {"name": "calendar", "sales": sales(), "fitted": 48, "scale": "logs"}
    settings = {"scale": "logs", "calendar": True, "hidden_size": 2, "rate": 0.01}
    yield (
        "forecast.trained",
        {"network": "unit", "sales": sales(), "fitted": 48, "seed": 1, "updates": [1, 2]} | settings,
    )
    yield "forecast.unit", {"weights": weights().to_dict(), "x": drawn(4, 2)}
    yield "forecast.loop", {"weights": {"W": drawn(3, 2), "R": drawn(3, 3), "b": drawn(3)}, "x": drawn(4, 2)}
    months = np.arange("1990-01", "1990-05", dtype="datetime64[M]")
    yield "ledger.inputs", {"months": months, "sales": sales(4), "scale": 1e-10}
    yield "ledger.error_bound", {"sold": sales(24).reshape(2, 12), "counted": np.ones(12, bool), "scale": 1e-10}
    yield "marks.table_costs", {"training": SYMBOLS, "text": SYMBOLS, "most": 2}
    yield "marks.packed_bits", {"training": SYMBOLS, "text": SYMBOLS}
    yield "marks.runs", {"symbols": SYMBOLS, "length": 2}
    yield "marks.count", {"runs": SYMBOLS}
    yield "patching.divergence", {"one": wide / wide.sum(1, keepdims=True), "other": np.full((2, 97), 1 / 97)}
    symbols = np.tile([1, 2, 3, 4], 15)
    yield (
        "patching.matched",
        {"symbols": symbols, "label": np.arange(60) % 8 < 4, "rng": rng(), "count": 2, "length": 3},
    )
    yield "patching.at", {"trace": trace(), "places": np.array([0, 2])}
    yield "patching.exchange", {"now": step(), "other": step(), "what": np.array([0])}
    state = {"h": drawn(2, 4), "c": drawn(2, 4)}
    yield "patching.follow", {"model": model(), **state, "symbols": np.array([[1, 2], [3, 4]])}
    yield "probes.fit", {"memory": memory, "target": label, "strength": 10.0, "elements": np.array([0, 2])}
    yield "probes.Probe.__call__", {"self": read, "memory": memory}
    yield "probes.Probe.direction", {"self": read, "H": 3}
    yield "probes.pattern", {"probe": read, "memory": memory}
    yield "probes.best_elements", {"memory": memory, "label": label, "count": 2}
    yield "probes.explained", {"read": drawn(40), "target": drawn(40) + 1}
    yield "probes.controls", {"symbols": SYMBOLS, "share": 0.5, "rng": rng(), "draws": 2, "length": 3}
    yield "probes.interval", {"value": drawn(40), "label": label, "rng": rng(), "rounds": 3, "length": 10}
    yield "probes.memories", {"model": model(), "text": TEXT}
    yield "probing.properties", {"text": TEXT}
    yield "probing.depth", {"text": TEXT}
    yield "probing.read", {"model": model(), "text": TEXT, "h0": drawn(4), "c0": drawn(4)}
    yield "probing.predict", {"model": model(), "h": drawn(2, 4)}
    yield "probing.write", {"model": model(), "h": drawn(4), "c": drawn(4), "count": 2}
    yield "probing.set_memory", {"now": step(), "units": 1, "values": 0.5}
    yield "probing.ranks", {"values": drawn(40, 3)}
    yield "probing.auc", {"order": order, "label": label}
    yield "probing.pick", {"order": order, "label": label}
    yield "probing.chance_level", {"order": order, "label": label, "rng": rng(), "rounds": 2}
    by = {"experiment": "adding", "by": ["peephole"]}
    yield "results.summary", by | {"value": "sequences", "where": {"peephole": "none"}}
    yield "results.failures", by | {"where": {"peephole": "none"}, "digits": 3}
    yield (
        "results.passed",
        {"experiment": "forget", "by": ["forget_valve"], "column": "paper_errors", "where": {"task": "stream"}},
    )
    yield "results.interval", {"successes": 2, "runs": 3}
    yield "results.protocol", {"name": "adding"}
    yield "results.chosen", {"experiment": "adding", "where": {"peephole": "none"}}


def calls(folder):
    """Yield the name of each function and the arguments of a call that it takes; files go into a folder."""
    yield from of_the_core()
    yield from of_interop()
    yield from of_drawing()
    yield from of_the_family()
    yield from of_tasks()
    yield from of_training(folder)
    yield from of_the_companion()
