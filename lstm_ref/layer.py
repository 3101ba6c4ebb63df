"""`torch.nn.LSTM` with peepholes: called like it, with a backward pass that is derived by hand.

Source of the interface: the documentation of ``torch.nn.LSTM``. Sources of the unit: `lstm_ref.unit`.
"""

from collections.abc import Sequence
from typing import Any

from lstm_ref import checks

with checks.installed("torch"):
    import torch

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstm_ref.engines import ENGINES
from lstm_ref.engines.autograd import uncompiled, unit
from lstm_ref.engines.calling import autocasts
from lstm_ref.interop.torch import WEIGHTS, suffixes
from lstm_ref.peepholes import AXES, PEEPHOLES
from lstm_ref.sequence import reversal
from lstm_ref.signatures import checked

__all__ = ["LSTM"]


class LSTM(torch.nn.RNNBase):
    """A `torch.nn.LSTM` whose valves may look at the memory, and that hands out every memory.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        As for `torch.nn.LSTM`.
    peephole : {"none", "diagonal", "full"}
        Unless it is "none", each layer and direction has one parameter more, ``weight_ch_l0`` and so on: (3, H) or
        (3, H, H), for the valves i, f and o. The first two look at the memory before the step, the output valve at the
        memory after it.
    engine : {"auto", "numpy", "compiled", "torch", "triton", "graph"}
        Which engine computes the unit: see `lstm_ref.engines.choose`. Without a peephole "auto" runs the forward method
        of `torch.nn.LSTM`, except under `torch.compile` or `torch.export` and with ``memories=True``.

    Raises
    ------
    ValueError
        If the peephole or the engine is unknown. At a call: if the engine does not serve the device or the precision,
        or if the shape, dtype or device of the input or of hx does not fit. Where `torch.nn.LSTM` itself computes, its
        own errors are raised.
    ImportError
        At a call, if the named engine needs a package that is not installed.

    Notes
    -----
    Called like `torch.nn.LSTM`: batched or not, packed or not, with hx or without; the same shapes come back. With
    ``memories=True`` a call returns a third value: a tuple with one tensor per layer, shaped like that layer's output
    (packed if the input was), holding c_t after every step, but not c0. A reverse direction's memories stand at the
    times of the input. Losses may use them. For the valves see `lstm_ref.inspector`.

    A state dict of `torch.nn.LSTM` loads, and the peepholes become zero, so that the layer computes the same function.
    Under autocast an engine computes and returns in the precision of the weights; only Triton's multiplies in that of
    autocast. So without a peephole ``memories=True`` changes the dtype of the output there.

    `torch.compile` and `torch.export` see one operator for each layer and direction, and the loop over time is not
    unrolled. With ``dynamic=True`` one compilation serves every T and B from 2 up; by default PyTorch compiles again
    when it first sees a size change. A packed sequence runs outside the compiled graph, so ``fullgraph=True`` refuses
    it. A program that was exported and saved is loaded after ``import lstm_ref.layer``.

    Second derivatives (not of a compiled layer), derivatives in forward mode and the transforms of `torch.func` run
    step by step through PyTorch's own operations, which is slower.

    Not supported: ``proj_size``; ``device`` and ``dtype`` by position; TorchScript; and, where an engine computes,
    empty batches and ``is_grads_batched``. ``all_weights`` leaves the peepholes out. ``isinstance(layer,
    torch.nn.LSTM)`` is False, because `torch.compile` refuses subclasses of it.
    """

    # torch.nn.LSTM.forward, which `forward` calls where no engine is needed, looks for these on the layer.
    get_expected_cell_size = torch.nn.LSTM.get_expected_cell_size
    check_forward_args = torch.nn.LSTM.check_forward_args  # type: ignore[assignment]
    permute_hidden = torch.nn.LSTM.permute_hidden  # type: ignore[assignment]

    @checked
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        peephole: str = "none",
        engine: str = "auto",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        checks.one_of("peephole", peephole, PEEPHOLES)
        checks.one_of("engine", engine, ENGINES)
        checks.within("dropout", dropout, 0, 1)
        sizes = input_size, hidden_size, num_layers
        for name, size in zip(("input_size", "hidden_size", "num_layers"), sizes):
            checks.whole_number(name, size, 1)
        if str(device) != "meta":
            checks.memory(
                "input_size, hidden_size, num_layers", 4 * 4 * hidden_size * (input_size + hidden_size) * num_layers
            )
        super().__init__("LSTM", *sizes, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype)
        self.peephole, self.engine = peephole, engine
        self._names = [[name + suffix for name in WEIGHTS] for suffix in suffixes(self)]
        if peephole != "none":
            shape = (3, *(hidden_size for _ in AXES[peephole]))
            for *_, name in self._names:
                weight = torch.nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
                torch.nn.init.uniform_(weight, -(hidden_size**-0.5), hidden_size**-0.5)
                self.register_parameter(name, weight)

    def extra_repr(self) -> str:
        return super().extra_repr() + (f", peephole={self.peephole!r}" if self.peephole != "none" else "")

    def forward(self, input: Any, hx: Any = None, memories: bool = False) -> Any:
        alike = self.peephole == "none" and self.engine == "auto"
        if alike and not memories and not torch.compiler.is_compiling():
            return torch.nn.LSTM.forward(self, input, hx)  # type: ignore[call-overload]
        if hx is not None:
            checks.pair("hx", hx, "h0 and c0")
        run = self._packed if isinstance(input, PackedSequence) else self._padded
        answer = run(input, hx, memories)
        return answer if memories else answer[:2]

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        names = [prefix + name for name, _ in self.named_parameters() if "weight_ch" in name]
        like = state_dict.get(prefix + "weight_ih_l0")
        if like is not None and not any(name in state_dict for name in names):
            shapes = {name: self.get_parameter(name[len(prefix) :]).shape for name in names}
            state_dict = state_dict | {name: like.new_zeros(shape) for name, shape in shapes.items()}
        super()._load_from_state_dict(state_dict, prefix, *others)

    @uncompiled
    def _packed(self, input: PackedSequence, hx: Sequence[Tensor] | None, memories: bool) -> Any:
        data, sizes, order, order_back = input
        x, lengths = pad_packed_sequence(PackedSequence(data, sizes))
        y, last, c = self._layers(*self._start(x, hx, order), memories, lengths)

        def packed(signal: Tensor) -> PackedSequence:
            return PackedSequence(pack_padded_sequence(signal, lengths).data, sizes, order, order_back)

        return packed(y), _in_order(last, order_back), tuple(map(packed, c))

    def _padded(self, input: Tensor, hx: Sequence[Tensor] | None, memories: bool) -> Any:
        if input.dim() == 2:
            hx = None if hx is None else [state.unsqueeze(-2) for state in hx]
            y, last, c = self._layers(*self._start(input[:, None], hx), memories)
            return y[:, 0], tuple(state[:, 0] for state in last), tuple(signal[:, 0] for signal in c)
        turn = self.batch_first and input.dim() == 3
        x = input.transpose(0, 1) if turn else input
        y, last, c = self._layers(*self._start(x, hx), memories)
        return (y.transpose(0, 1), last, tuple(signal.transpose(0, 1) for signal in c)) if turn else (y, last, c)

    def _start(
        self, x: Tensor, hx: Sequence[Tensor] | None, order: Tensor | None = None
    ) -> tuple[Tensor, Sequence[Sequence[Tensor]]]:
        """Check x (T, B, I) and hx; return x, and the starts h0 and c0 of each layer and direction, (B, H), in turn."""
        if not isinstance(x, Tensor):
            raise TypeError(f"input: expected a tensor, got {type(x).__name__}")
        weight: Tensor = self.weight_ih_l0  # type: ignore[assignment]  # has the dtype and the device of all
        dtype, device, sizes = weight.dtype, weight.device, x.shape
        if len(sizes) != 3 or sizes[2] != self.input_size or 0 in sizes:
            axes = "(B, T, I)" if self.batch_first else "(T, B, I)"
            expected = f"{axes}, or (T, I), with I = {self.input_size}, T and B at least 1"
            raise ValueError(f"input: expected {expected}, got, with time first, {tuple(sizes)}")
        autocast = autocasts(device.type)
        shape = (len(self._names), sizes[1], self.hidden_size)
        for name, given in zip(("input", "h0", "c0"), (x, *(() if hx is None else hx))):
            if not isinstance(given, Tensor):
                raise TypeError(f"{name}: expected a tensor, got {type(given).__name__}")
            if given.device != device:
                raise ValueError(f"{name}: expected it on {device} like the weights, got {given.device}")
            if given.dtype != dtype and not autocast:
                raise ValueError(f"{name}: expected {dtype} like the weights, got {given.dtype}")
            if given is not x and given.shape != shape:
                raise ValueError(f"{name}: expected (layers * directions, B, H) = {shape}, got {tuple(given.shape)}")
        if autocast:
            x, hx = x.to(dtype), None if hx is None else [state.to(dtype) for state in hx]
        if hx is None:
            return x, [(weight.new_zeros(shape[1:]),) * 2] * shape[0]
        return x, list(zip(*(state.unbind() for state in _in_order(hx, order))))

    def _layers(
        self, x: Tensor, starts: Sequence[Sequence[Tensor]], memories: bool, lengths: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Run every layer and direction over x (T, B, I).

        Return the last layer's outputs, the two last states, and with `memories` those of every layer.
        """
        last: list[Sequence[Tensor]] = []
        memory: list[Tensor] = []
        places = None
        if lengths is not None:
            lengths = lengths.to(x.device)
            places = reversal(torch.arange(len(x), device=x.device)[:, None], lengths)
        ways = 1 + self.bidirectional
        for n in range(0, len(starts), ways):
            signals: list[Sequence[Tensor]] = []
            for k in range(n, n + ways):
                reverse, (h0, c0) = k > n, starts[k]
                weights = [getattr(self, name, None) for name in self._names[k]]
                inputs = _reversed(x, places) if reverse else x, h0, c0, *weights, lengths, self.engine, memories
                h, h_last, c_last, *c = unit(*inputs)
                last.append((h_last, c_last))
                signals.append([_reversed(each, places) if reverse else each for each in (h, *c)])
            x, *of_layer = (_joined(each, 2) for each in zip(*signals))
            memory += of_layer
            if n + ways < len(starts) and self.dropout:
                x = torch.nn.functional.dropout(x, self.dropout, self.training)
        return x, tuple(_joined(states, 0) for states in zip(*last)), tuple(memory)


def _joined(signals: tuple[Tensor, ...], axis: int) -> Tensor:
    return signals[0] if len(signals) == 1 else torch.cat(signals, axis)


def _in_order(states: Sequence[Tensor], order: Tensor | None) -> Sequence[Tensor]:
    """Return states (layers, B, H) with the sequences in another order; None stands for the same order."""
    return states if order is None else tuple(state.index_select(1, order) for state in states)


def _reversed(x: Tensor, places: Tensor | None) -> Tensor:
    """Return x (T, B, ...) with time running backwards, each sequence within its length."""
    return x.flip(0) if places is None else x.gather(0, places[:, :, None].expand_as(x))
