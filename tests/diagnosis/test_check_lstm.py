"""`check_lstm` never blames a right LSTM, and names the mistakes that people make."""

import numpy as np
import onnx
import pytest
import torch
from helpers.planted import MAKES, PLANTED, by_hand, verdict

from lstm_ref import UnitWeights, backward, check_lstm, unroll
from lstm_ref.diagnosis import mistakes as known
from lstm_ref.diagnosis.names import TORCH, Drawn, Names
from lstm_ref.diagnosis.slips import backward_slips, forward_slips
from lstm_ref.diagnosis.trial import Trial
from lstm_ref.diagnosis.variants import Backward, Forward, run, run_back
from lstm_ref.diagnosis.wrong_formulas import FORMULAS, STATES
from lstm_ref.diagnosis.wrong_gradients import backward_mistakes
from lstm_ref.diagnosis.wrong_outputs import HANDED_OUT
from lstm_ref.diagnosis.wrong_weights import moved, orders
from lstm_ref.interop import export_onnx, onnx_model
from lstm_ref.layer import LSTM

ONNX = {"W": "W iofg", "R": "R iofg", "B": "bb iofg"}
OF_LAYER = {f"{name}_0": words for name, words in ONNX.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", MAKES)
def test_a_right_lstm_is_right_whoever_wrote_it(make, seed):
    found = verdict(make, seed=seed)
    assert found.right and not found.guesses and "h_t" in found.agreed
    assert str(found).startswith("Everything that was checked agrees with an LSTM.")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
def test_our_layer_and_its_gradients_are_right(peephole, dtype):
    found = check_lstm(LSTM(7, 9, peephole=peephole, dtype=dtype), peephole=peephole)
    names = {"d_weight_ih_l0", "d_bias_hh_l0", "d_x", "d_c0"} | ({"d_weight_ch_l0"} if peephole != "none" else set())
    assert found.right and names <= set(found.agreed)


@pytest.mark.parametrize("options", [{}, {"batch_first": True}, {"bias": False}])
def test_the_lstm_of_pytorch_is_right_and_is_not_changed(options):
    lstm = torch.nn.LSTM(3, 5, **options)
    before = {name: weight.clone() for name, weight in lstm.state_dict().items()}
    assert check_lstm(lstm).right
    assert all(torch.equal(before[name], weight) for name, weight in lstm.state_dict().items())
    assert all(weight.grad is None for weight in lstm.parameters())


def test_a_right_lstm_is_right_where_gradients_are_switched_off():
    with torch.no_grad():
        assert check_lstm(torch.nn.LSTM(4, 3)).right
    with torch.inference_mode():
        assert check_lstm(torch.nn.LSTM(4, 3)).right


def test_what_a_module_keeps_beside_its_weights_is_not_changed():
    class Counting(torch.nn.LSTM):
        def __init__(self):
            super().__init__(4, 3)
            self.gain = torch.nn.Parameter(torch.ones(()))
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, x, hx):
            self.calls += 1
            h, state = super().forward(x, hx)
            return self.gain * h, state

    module = Counting()
    words = {name: "" if name == "gain" else TORCH[name] for name, _ in module.named_parameters()}
    assert check_lstm(module, words).right and module.calls == 0 and module.gain.grad is None


def test_numbers_in_single_precision_are_close_enough():
    def forward(*given):
        return by_hand.forward(*given)["h_t"].astype(np.float32)

    assert check_lstm(forward, by_hand.NAMES).right


def test_a_module_may_keep_its_four_networks_apart():
    class Apart(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.W, self.R = torch.nn.Parameter(torch.ones(4, 6, 2)), torch.nn.Parameter(torch.ones(4, 6, 6))

        def forward(self, x, state):
            weights = {"weight_ih_l0": self.W.flatten(0, 1), "weight_hh_l0": self.R.flatten(0, 1)}
            return torch.func.functional_call(torch.nn.LSTM(2, 6, bias=False), weights, (x, state))

    assert check_lstm(Apart(), {"W": "W ifgo", "R": "R ifgo"}).right


def test_an_output_that_is_no_number_is_no_kept_state():
    found = verdict("by_hand", "h = o * np.tanh(c)", "h = o * np.tanh(c) * np.nan")
    assert found.first == "h_t" and not found.faults


def test_a_cell_is_called_as_its_owner_says():
    def call(cell, x, h0, c0):
        h, c, outputs = h0, c0, []
        for x_t in x:
            h, c = cell(x_t, (h, c))
            outputs.append(h)
        return torch.stack(outputs), (h, c)

    assert check_lstm(torch.nn.LSTMCell(4, 6), call=call).right
    stuck = check_lstm(torch.nn.LSTMCell(4, 6), call=lambda cell, x, h0, c0: call(cell, x[:1].expand_as(x), h0, c0))
    assert "first input" in stuck.guesses[0].words


def test_a_model_of_onnx_is_run_with_other_weights():
    unit = UnitWeights.random(3, 4, "diagonal", rng=np.random.default_rng(0), dtype=np.float32)
    assert check_lstm(onnx_model(unit)).right
    assert check_lstm(export_onnx(torch.nn.LSTM(3, 4)), OF_LAYER).right


def test_a_file_whose_gates_stand_in_another_order_is_found_out(tmp_path):
    path = tmp_path / "layer.onnx"
    onnx.save(export_onnx(torch.nn.LSTM(3, 4)), path)
    found = check_lstm(path, {name: words.replace("iofg", "ifgo") for name, words in OF_LAYER.items()})
    assert found.first == "h_t" and "i, o, f, g" in found.guesses[0].words and "ONNX" in found.guesses[0].words


@pytest.mark.parametrize("planted", PLANTED, ids=[f"{k}-{each.make}" for k, each in enumerate(PLANTED)])
def test_a_planted_mistake_is_named(planted):
    found = verdict(planted.make, planted.old, planted.new)
    assert not found.right
    assert planted.says in ([guess.words for guess in found.guesses][:1] or list(found.faults)[:1] or [None])


def test_nine_of_ten_planted_mistakes_are_named():
    assert len(PLANTED) == 232 and sum(each.says is not None for each in PLANTED) >= 0.9 * len(PLANTED)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("planted", PLANTED[::12], ids=lambda each: each.make)
def test_another_draw_gives_the_same_answer(planted, seed):
    found = verdict(planted.make, planted.old, planted.new, seed=seed)
    assert (found.guesses[0].words if found.guesses else found.faults[0]) == planted.says


def test_two_mistakes_at_once_are_named_together():
    text = "c = f * c + i * g\n        h = o * np.tanh(c)"
    found = verdict("by_hand", text, "c = c + i * g\n        h = o * c")
    words = found.guesses[0].words
    assert "forget gate is left out" in words and "tanh of the cell state is left out" in words


def test_what_no_known_mistake_explains_is_blamed_on_none():
    found = verdict("by_hand", "h = o * np.tanh(c)", "h = o * np.tanh(c) * 0.9")
    assert found.first == "h_t" and found.step == 0 and not found.guesses
    assert "No known mistake" in str(found) and abs(found.got - 0.9 * found.expected) < 1e-12


def test_the_first_signal_to_differ_is_named_with_its_step():
    found = verdict("by_hand", "c = f * c + i * g", "c = f * c + i * g + 0.1 * (len(hs) == 2)")
    assert (found.first, found.step) == ("c_t", 2) and {"f_t", "i_t"}.isdisjoint(found.agreed)


def test_a_state_that_is_kept_from_call_to_call_is_a_fault():
    kept = []
    unit = torch.nn.LSTM(4, 3)

    def call(module, x, h0, c0):
        h, state = module(x, kept[-1] if kept else (h0[None], c0[None]))
        kept.append(tuple(each.detach() for each in state))
        return h

    assert "keeps a state" in check_lstm(unit, call=call).faults[0]


@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
def test_with_no_mistake_the_unit_that_mistakes_change_is_ours(peephole):
    rng = np.random.default_rng(3)
    weights = UnitWeights.random(4, 3, peephole, rng=rng)
    x, h0, c0, d_h = (rng.normal(size=shape) for shape in ((5, 2, 4), (2, 3), (2, 3), (5, 2, 3)))
    trace = unroll(weights, x, h0, c0)
    signals = run(Forward(), Drawn(weights, {}), x, h0, c0)
    assert all(np.allclose(signals[name], getattr(trace, name), rtol=0, atol=1e-12) for name in ("c_t", "o_t", "h_t"))
    found, right = run_back(Backward(), [trace[t] for t in range(5)], weights, d_h), backward(trace, d_h)
    expected = right.weights | {"x": right.x, "h0": right.h0, "c0": right.c0}
    assert set(found) == set(expected)
    assert all(np.allclose(found[name], expected[name], rtol=0, atol=1e-12) for name in expected)


@pytest.mark.parametrize("peephole", ["none", "diagonal"])
def test_every_known_mistake_changes_some_number(peephole):
    held = {"W": "W ifgo", "R": "R ifgo", "b": "b ifgo", "b2": "b ifgo"} | (
        {"P": "P ifo"} if peephole != "none" else {}
    )
    names = Names.read(held)
    trial = Trial.draw(names, {}, peephole, "float64", True, 3)
    right, signals = trial.trace, trial.signals()
    ahead = [*FORMULAS, *STATES, *moved(names), *HANDED_OUT, *orders(names), *forward_slips(names, set(signals))]
    for mistake in ahead:
        with np.errstate(all="ignore"):
            wrong = run(known.forward(mistake), trial.drawn, trial.x, trial.h0, trial.c0)
        assert not all(trial.close(wrong[name], signals[name]).all() for name in signals), mistake.words
    steps, gradients = [right[t] for t in range(len(right))], trial.gradients()
    for mistake in [*backward_mistakes(names, 2), *backward_slips(names)]:
        named = run_back(known.backward(mistake), steps, trial.drawn.weights, trial.d_h)
        wrong = names.gradients(named) | {name: named[name] for name in ("x", "h0", "c0")}
        assert not all(trial.close(wrong[name], gradients[name]).all() for name in gradients), mistake.words


def forward(w, x, h0, c0):
    raise AssertionError("not called")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((forward,), "names: expected what each weight holds"),
        ((3, {"W": "W figo"}), "lstm: expected a function, a torch.nn.Module or an ONNX model, got int"),
        (
            (forward, {"W": "W fig", "R": "R figo"}),
            r"names: expected W of f, i, g, o once each, got \[1, 1, 1, 0\] times",
        ),
        ((forward, {"W": "U figo"}), r"names\['W'\]: expected words as"),
        ((forward, {"W": "W figo", "R": "R figo", "P": "P f"}), "names: expected P of f, i, o once each"),
        ((torch.nn.LSTM(2, 3), None, "diagonal"), "names: expected weights with P of f, i and o"),
        ((LSTM(2, 3, peephole="full"), None, "none"), "names: expected weights without P"),
        ((torch.nn.LSTM(2, 3).half(),), "lstm: expected parameters in float32 or float64, got float16"),
        ((torch.nn.ReLU(),), "lstm: expected parameters in float32 or float64, got none"),
        ((torch.nn.LSTM(2, 3), {"weight_ih_l0": "W ifgo"}), "names: expected what each of"),
        ((lambda *_: np.zeros((2, 5, 3)), {"W": "WR figo"}), r"h_t: expected shape \(T, B, H\) = \(5, 2, 3\), got"),
        ((lambda *_: {"hidden": 1}, {"W": "WR figo"}), "lstm: expected signals by some of the names"),
        ((lambda *_: (1, 2, 3), {"W": "WR figo"}), r"lstm: expected h_t, .* got \(int, int, int\)"),
        (
            (export_onnx(torch.nn.LSTM(3, 4)), {"W_0": "W.T iofg", "R_0": "R iofg"}),
            r"names\['W_0'\]: expected words for",
        ),
    ],
    ids=[
        "no names",
        "no function",
        "missing",
        "unknown",
        "peepholes",
        "none seen",
        "none looking",
        "half",
        "none",
        "module",
        "shape",
        "dict",
        "tuple",
        "turned",
    ],
)
def test_what_does_not_fit_is_said_in_one_line(arguments, message):
    lstm, names, peephole = (*arguments, None, None)[:3]
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        check_lstm(lstm, names, peephole=peephole)


@pytest.mark.parametrize("names", [{"WR": "W figo", "R": "R figo"}, {"kernel": "WR figo"}])
def test_a_function_that_fails_on_its_weights_says_what_it_was_given(names):
    def forward(weights, x, h0, c0):
        return np.concatenate([x[0], h0], 1) @ weights["WR"].T

    with pytest.raises(
        ValueError, match=r"^lstm: expected what runs on .*Error: .*; it was given weights of the shapes"
    ):
        check_lstm(forward, names)


def test_a_mistake_beside_gates_in_another_order_is_named_with_it():
    found = verdict(
        "like_keras", "i, f, g, o = np.split(z, 4, axis=-1)", "i, o, g, f = np.split(z, 4, axis=-1); g = g * 1"
    )
    assert "order i, o, g, f" in found.guesses[0].words
    both = verdict(
        "like_keras",
        "i, f, g, o = np.split(z, 4, axis=-1)\n        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)",
        "i, o, g, f = np.split(z, 4, axis=-1)\n        c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)",
    )
    assert "order i, o, g, f" in both.guesses[0].words and "1 - f_t" in both.guesses[0].words


def test_a_verdict_is_true_where_all_is_right():
    assert verdict("by_hand") and not verdict("by_hand", "h = o * np.tanh(c)", "h = o * c")


def test_a_backward_pass_may_give_a_part_of_the_gradients():
    def part(*given):
        return {"Wf": by_hand.backward(*given)["Wf"]}

    found = check_lstm(by_hand.forward, by_hand.NAMES, backward=part)
    assert found.right and "d_Wf" in found.agreed and "d_bf" in found.unseen
