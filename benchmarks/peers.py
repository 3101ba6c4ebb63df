"""What is measured: implementations of one unit, all with the call of `torch.nn.LSTM` and all with the same weights.

``peer(x, (h0, c0))[0]`` is h (T, B, H) for x (T, B, I), h0 and c0 (1, B, H). ``peer.named_parameters()`` is what it
learns: nothing, if it has no backward pass.
"""

import warnings
from functools import partial

import numpy as np
import torch

from lstm_ref import layer
from lstm_ref.engines import choosing
from lstm_ref.engines.autograd import LSTMFunction
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.interop import onnx_model
from lstm_ref.sequence import unroll
from lstm_ref.weights import PEEPHOLES

REFERENCE = ("torch.nn.LSTM", "none")
LOOP = "loop of four nn.Linear"


def build(peer, weights):
    """Return one of PEERS with these `UnitWeights`; ImportError if a package that it needs is not installed."""
    made = PEERS[peer](weights)
    if isinstance(made, torch.nn.Module):
        arrays = stacked(weights)
        made.to(torch.tensor(weights.b_f).dtype)
        for name, parameter in made.named_parameters():
            parameter.data.copy_(torch.tensor(arrays[plain(name)]).view_as(parameter))
    return made


def stacked(weights):
    """Return the weights by every name that a peer has for them, as `plain` writes it."""
    W, R, b = (weights.stack(kind, ORDERS["torch"]) for kind in "WRb")
    named = {"weight_ih": W, "weight_hh": R, "bias_ih": b, "bias_hh": np.zeros_like(b)}
    for net in ORDERS["article"]:
        seen = "WRP" if weights.peephole == "full" and net != "g" else "WR"
        named[f"{net}.weight"] = np.concatenate([getattr(weights, f"{kind}_{net}") for kind in seen], axis=1)
        named[f"{net}.bias"] = getattr(weights, f"b_{net}")
    if weights.peephole != "none":
        P = weights.stack("P", LOOKING["torch"])
        named |= {"weight_ch": P.reshape(3, *weights.P_f.shape), "weight_ph": P}
        named |= {name: getattr(weights, name) for name in ("P_f", "P_i", "P_o")}
    return named


def plain(name):
    """Return a parameter's name without the layer or the cell that it belongs to."""
    return name.removeprefix("cells.0.").removeprefix("cell.").removesuffix("_l0")


class Linears(torch.nn.Module):
    """The unit as tutorials write it: step by step, four times nn.Linear over what each network looks at."""

    def __init__(self, weights):
        super().__init__()
        I, H, self.peephole = weights.input_size, weights.hidden_size, weights.peephole
        seen = I + 2 * H if self.peephole == "full" else I + H
        self.f, self.i, self.o = (torch.nn.Linear(seen, H) for _ in range(3))
        self.g = torch.nn.Linear(I + H, H)
        if self.peephole == "diagonal":
            self.P_f, self.P_i, self.P_o = (torch.nn.Parameter(torch.empty(H)) for _ in range(3))

    def forward(self, x, start):
        (h,), (c,) = start
        full, diagonal, outputs = self.peephole == "full", self.peephole == "diagonal", []
        for x_t in x:
            seen = torch.cat([x_t, h], dim=1)
            seen_too = torch.cat([seen, c], dim=1) if full else seen
            f, i = self.f(seen_too), self.i(seen_too)
            if diagonal:
                f, i = f + self.P_f * c, i + self.P_i * c
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(self.g(seen))
            o = self.o(torch.cat([seen, c], dim=1) if full else seen)
            if diagonal:
                o = o + self.P_o * c
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs), (h[None], c[None])


class Cells(torch.nn.Module):
    """torch.nn.LSTMCell, step by step."""

    def __init__(self, weights):
        super().__init__()
        self.cell = torch.nn.LSTMCell(weights.input_size, weights.hidden_size)

    def forward(self, x, start):
        (h,), (c,) = start
        outputs = []
        for x_t in x:
            h, c = self.cell(x_t, (h, c))
            outputs.append(h)
        return torch.stack(outputs), (h[None], c[None])


def _steps(inputs, h, c, R, P):
    outputs: list[torch.Tensor] = []
    # Not inputs[t]: the way back from each would fill a whole `inputs` with zeros.
    for inputs_t in inputs.unbind(0):
        i, f, g, o = (inputs_t + torch.mm(h, R.t())).chunk(4, 1)
        old = c
        c = torch.sigmoid(f + P[1] * old) * old + torch.sigmoid(i + P[0] * old) * torch.tanh(g)
        h = torch.sigmoid(o + P[2] * c) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs), (h[None], c[None])


class Scripted(torch.nn.Module):
    """A loop with diagonal peepholes under torch.jit.script; the input's share of all steps is one product."""

    def __init__(self, weights):
        super().__init__()
        named = stacked(weights)
        for name in layer.WEIGHTS:
            self.register_parameter(name, torch.nn.Parameter(torch.tensor(named[name])))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`torch.jit.script` is", DeprecationWarning)
            self.steps = torch.jit.script(_steps)

    def forward(self, x, start):
        inputs = torch.nn.functional.linear(x, self.weight_ih, self.bias_ih + self.bias_hh)
        return self.steps(inputs, start[0][0], start[1][0], self.weight_hh, self.weight_ch)


def torchrecurrent(weights):
    """Return the layer of the package torchrecurrent, which has diagonal peepholes."""
    from torchrecurrent import PeepholeLSTM

    return PeepholeLSTM(weights.input_size, weights.hidden_size)


class Runtime:
    """The LSTM node of ONNX in onnxruntime, which only goes forward."""

    def __init__(self, weights):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = onnx_model(weights).SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def named_parameters(self):
        return ()

    def __call__(self, x, start):
        h0, c0 = start
        h, *last = self.session.run(None, {"x": x.detach().numpy(), "h0": h0.numpy(), "c0": c0.numpy()})
        return torch.from_numpy(h)[:, 0], last


class Unrolled:
    """`lstm_ref.unroll`, whose trace has no way back for torch."""

    def __init__(self, weights):
        self.weights = weights

    def named_parameters(self):
        return ()

    def __call__(self, x, start):
        trace = unroll(self.weights, x.detach().numpy(), *(state[0].numpy() for state in start))
        return trace.h_t, (trace.h_t[-1], trace.c_t[-1])


class Function:
    """`lstm_ref.engines.autograd.LSTMFunction` without a layer around it."""

    def __init__(self, engine, weights):
        _needs(engine)
        named, self.engine = stacked(weights), engine
        names = [name for name in layer.WEIGHTS if name in named]
        self.parameters = {name: torch.nn.Parameter(torch.tensor(named[name])) for name in names}
        self.P = self.parameters.get("weight_ch")

    def named_parameters(self):
        return self.parameters.items()

    def __call__(self, x, start):
        W, R, b_ih, b_hh = list(self.parameters.values())[:4]
        return LSTMFunction.apply(x, start[0][0], start[1][0], W, R, b_ih, b_hh, self.P, None, self.engine, False)


def _layer(engine, weights):
    _needs(engine)
    return layer.LSTM(weights.input_size, weights.hidden_size, peephole=weights.peephole, engine=engine)


def _needs(engine):
    if engine == "compiled" and not choosing.NUMBA:
        raise ImportError("engine: expected numba and SciPy for 'compiled', got an environment without them")


# By family and peephole. Without a peephole the layer is torch.nn.LSTM, whatever the engine.
PEERS = {
    REFERENCE: lambda weights: torch.nn.LSTM(weights.input_size, weights.hidden_size),
    **{(LOOP, peephole): Linears for peephole in ("none", "diagonal", "full")},
    ("loop of nn.LSTMCell", "none"): Cells,
    ("loop under torch.jit.script", "diagonal"): Scripted,
    ("torchrecurrent.PeepholeLSTM", "diagonal"): torchrecurrent,
    ("onnxruntime", "diagonal"): Runtime,
    **{("unroll", peephole): Unrolled for peephole in PEEPHOLES},
    **{
        (f"function, {engine}", peephole): partial(Function, engine)
        for engine in choosing.ON_A_CPU
        for peephole in PEEPHOLES
    },
    ("layer", "none"): partial(_layer, "auto"),
    **{
        (f"layer, {engine}", peephole): partial(_layer, engine)
        for engine in choosing.ON_A_CPU
        for peephole in PEEPHOLES[1:]
    },
}
