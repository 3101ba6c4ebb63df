"""The unit over a whole sequence as one function that PyTorch differentiates by our backward pass."""

import contextlib
import functools
import sys

import numpy as np
import torch

from lstm_ref.engines import torch_engine
from lstm_ref.engines.choosing import choose


def uncompiled(function):
    """Return the function as one that `torch.compile` leaves alone, itself imported only where somebody compiles."""

    disabled = []

    @functools.wraps(function)
    def call(*inputs):
        if "torch._dynamo" not in sys.modules:
            return function(*inputs)
        if not disabled:
            disabled.append(torch.compiler.disable(function))
        return disabled[0](*inputs)

    return call


class LSTMFunction(torch.autograd.Function):
    """h (T, B, H), h_last and c_last (1, B, H), and three tensors that only the backward pass reads.

    x is (T, B, I), h0 and c0 (B, H); the weights are as in `lstm_ref.engines.numpy_engine`, both biases (4H,) or None; lengths (B,)
    or None; `name` is one of ENGINES.
    """

    # PyTorch looks at the signature at every call, which takes the longer the more arguments are named.
    @staticmethod
    def forward(*inputs):
        return _on(choose(inputs[-1], inputs[0]), _forward, inputs[:-1])

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, _, _, W, R, _, _, P, lengths, ctx.name = inputs
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*output[3:])
        ctx.save_for_backward(x, W, R, P, lengths, *output[3:])

    @staticmethod
    @uncompiled
    def backward(ctx, d_h, d_h_last, d_c_last, *_):
        # A graph of the backward pass is only recorded for second derivatives; `LSTMBackward` then refuses them.
        run = LSTMBackward.apply if torch.is_grad_enabled() else LSTMBackward.forward
        d_x, d_h0, d_c0, d_W, d_R, d_b, *d_P = run(d_h, d_h_last, d_c_last, *ctx.saved_tensors, ctx.name)
        # Each bias gets a tensor of its own, which its owner may change.
        d_biases = (d_b + 0 if needed else None for needed in ctx.needs_input_grad[5:7])
        return d_x, d_h0, d_c0, d_W, d_R, *d_biases, d_P[0] if d_P else None, None, None

    @staticmethod
    def vmap(info, in_dims, *inputs):
        return _one_by_one(LSTMFunction, info.batch_size, in_dims, inputs)


class LSTMBackward(torch.autograd.Function):
    """The gradients that `lstm_ref.engines.numpy_engine.backward` returns; d_P is left out if there is no P."""

    @staticmethod
    def forward(*inputs):
        return _on(choose(inputs[-1], inputs[3]), _backward, inputs[:-1])

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, *_):
        raise NotImplementedError(
            "second derivatives: expected first derivatives only, which lstm_ref.layer.LSTM computes by hand; "
            "peephole='none' on a CPU has both"
        )

    @staticmethod
    def vmap(info, in_dims, *inputs):
        return _one_by_one(LSTMBackward, info.batch_size, in_dims, inputs)


def _forward(E, x, h0, c0, W, R, b_ih, b_hh, P, lengths):
    b = _zeros_like(E, W[:, 0]) if b_ih is None else b_ih + b_hh
    nets, h, c = E.forward(x, h0, c0, W, R, b, P, lengths)
    h_last = h[-1:] if lengths is None else h[1:][_ends(lengths)][None]
    # What is handed out is a copy, so that changing it in place leaves the backward pass right.
    return h[1:] + 0, h_last + 0, c[-1:] + 0, nets, h, c


def _backward(E, d_h, d_h_last, d_c_last, x, W, R, P, lengths, nets, h, c):
    d_h = _zeros_like(E, h[1:]) if d_h is None else d_h
    if d_h_last is not None:
        d_h = d_h + 0
        d_h[-1 if lengths is None else _ends(lengths)] += d_h_last[0]
    d_c_last = _zeros_like(E, c[-1]) if d_c_last is None else d_c_last[0]
    gradients = E.backward(d_h, d_c_last, x, W, R, P, nets, h, c)
    return gradients[:-1] if P is None else gradients


def _zeros_like(E, signal):
    return (torch if E is torch_engine else np).zeros_like(signal)


def _ends(lengths):
    """Return where in (T, B) each sequence ends, as two indices (B,) that are made where the lengths are."""
    return lengths - 1, (0 * lengths + 1).cumsum(0) - 1


def _on(E, function, tensors):
    """Call function(E, *tensors), with arrays in place of tensors where the engine wants them."""
    if E is torch_engine:
        device = tensors[3].device.type
        with torch.autocast(device, enabled=False) if autocasts(device) else contextlib.nullcontext():
            return function(E, *tensors)
    arrays = [None if each is None else np.ascontiguousarray(each.detach().numpy()) for each in tensors]
    return tuple([torch.from_numpy(array) for array in function(E, *arrays)])


def autocasts(device):
    """Return whether autocast is on for this type of device; some have none."""
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)


def _one_by_one(function, count, in_dims, inputs):
    """Apply a function to one problem after the other, as `torch.func.vmap` asks."""
    problems = (
        [each if dim is None else each.select(dim, k) for each, dim in zip(inputs, in_dims)] for k in range(count)
    )
    results = tuple(torch.stack(parts) for parts in zip(*(function.apply(*problem) for problem in problems)))
    return results, (0,) * len(results)
