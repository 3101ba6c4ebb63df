"""The benchmark: its peers compute the same unit, and its report says what the figures say. No time is asserted."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from helpers.random_unit import problem

from benchmarks import __main__ as command
from benchmarks import measure, memory, peers, picture, report, targets
from benchmarks.stages import STAGES
from lstm_ref import UnitWeights, unroll
from lstm_ref.gates import LOOKING, ORDERS
from lstm_ref.gradients import backward

ONLY_FORWARD = {("onnxruntime", "diagonal"), *(("unroll", peephole) for peephole in ("none", "diagonal", "full"))}


def built(peer, weights):
    try:
        return peers.build(peer, weights)
    except ImportError as error:
        pytest.skip(str(error))


# onnxruntime has the node in single precision alone; the compiled engine has its own tanh there.
@pytest.mark.parametrize(
    ("peer", "dtype", "tolerance"),
    [(peer, np.float32, 1e-5) for peer in peers.PEERS]
    + [(peer, np.float64, 1e-12) for peer in peers.PEERS if peer[0] != "onnxruntime"],
    ids=lambda value: ", ".join(value) if isinstance(value, tuple) else None,
)
def test_a_peer_computes_the_outputs_and_the_gradients_of_lstm_ref(peer, dtype, tolerance):
    weights, (x, h0, c0), (d_h, *_) = problem(peephole=peer[1], dtype=dtype)
    trace = unroll(weights, x, h0, c0)
    made = built(peer, weights)
    inputs = [torch.tensor(array, requires_grad=True) for array in (x, h0[None], c0[None])]
    assert measure.learns(made) == (peer not in ONLY_FORWARD)
    if peer in ONLY_FORWARD:
        h = made(inputs[0], [state.detach() for state in inputs[1:]])[0]
        assert np.abs(np.asarray(h) - trace.h_t).max() < tolerance
        return

    h = made(inputs[0], inputs[1:])[0]
    h.backward(torch.tensor(d_h))
    wanted = backward(trace, d_h)
    of_weights = peers.stacked(UnitWeights.from_dict(wanted.weights))
    of_weights["bias_hh"] = of_weights["bias_ih"]
    pairs = [(h.detach(), trace.h_t), *zip((each.grad for each in inputs), (wanted.x, wanted.h0, wanted.c0))]
    learnt = dict(made.named_parameters())
    pairs += [(parameter.grad, of_weights[peers.plain(name)]) for name, parameter in learnt.items()]
    for got, want in pairs:
        assert np.abs(got.numpy().reshape(want.shape) - want).max() < tolerance * max(1, np.abs(want).max())


@pytest.mark.parametrize("peer", [peer for peer in peers.PEERS if peer not in ONLY_FORWARD], ids=", ".join)
def test_a_peer_learns_every_weight_of_the_unit_and_no_other(peer):
    weights = problem(peephole=peer[1], dtype=np.float32)[0]
    learnt = dict(built(peer, weights).named_parameters())
    second_bias = sum(parameter.numel() for name, parameter in learnt.items() if "bias_hh" in name)
    assert sum(parameter.numel() for parameter in learnt.values()) == weights.count + second_bias


def test_times_are_of_every_peer_and_every_round_and_positive(monkeypatch):
    few = {
        peer: make for peer, make in peers.PEERS.items() if peer[0] in ("torch.nn.LSTM", "unroll", "function, numpy")
    }
    monkeypatch.setattr(measure, "PEERS", few)
    found = measure.times((3, 2, 4, 5), rounds=2, calls=1)
    assert found["forward"].keys() == few.keys()
    assert found["both"].keys() == few.keys() - ONLY_FORWARD
    for seconds in (*found["forward"].values(), *found["both"].values()):
        assert seconds.shape == (2, 2) and (seconds[:, 0] > 0).all()


def test_a_peer_that_does_not_run_here_is_left_out_and_named(monkeypatch, capsys):
    def gone(weights):
        raise ImportError("no such package")

    few = {peers.REFERENCE: peers.PEERS[peers.REFERENCE], ("gone", "full"): gone}
    monkeypatch.setattr(measure, "PEERS", few)
    monkeypatch.setitem(peers.PEERS, ("gone", "full"), gone)
    assert measure.times((3, 2, 4, 5), rounds=1, calls=1)["both"].keys() == {peers.REFERENCE}
    assert "gone, full: left out: no such package" in capsys.readouterr().err


def test_the_first_of_several_calls_at_a_turn_is_not_counted_and_each_is_prepared(monkeypatch):
    clock = iter([0, 100, 200, 203, 300, 305, 400, 404])
    monkeypatch.setattr(measure.time, "perf_counter", lambda: next(clock))
    done = []
    seconds, _ = measure._turn(lambda: done.append("call"), lambda: done.append("prepare"), 4)
    assert seconds == 4 and done == ["prepare", "call"] * 4
    clock = iter([0, 7])
    assert measure._turn(lambda: None, lambda: None, 1)[0] == 7


def test_a_ratio_is_the_median_of_the_ratios_within_rounds():
    reference = np.array([[1.0, 1], [10, 1], [2, 1]])
    found = {peers.REFERENCE: reference, "peer": np.array([[3.0, 5], [20, 6], [8, 7]])}
    assert measure.ratio(found, "peer") == 3
    assert measure.ratio(found, "peer", column=1) == 6


def invented(ratio, missing=()):
    """Times by size in which a peer takes `ratio(size, peer)` times the reference; of the processor, half that."""
    times = {}
    for name in measure.SIZES:
        seconds = {
            peer: np.array([[1, 1], [2, 2], [3, 3]])
            * (1e-3 if peer == peers.REFERENCE else 1e-3 * ratio(name, peer))
            * (1 if peer == peers.REFERENCE else np.array([1, 0.5]))
            for peer in peers.PEERS
            if peer not in missing
        }
        both = {peer: value for peer, value in seconds.items() if peer not in ONLY_FORWARD}
        times[name] = {"forward": seconds, "both": both}
    return times


def stages_like(times):
    """Stages that take 1, 2, 3 ... times the reference, at the sizes of `times`."""
    names = [(name, "diagonal") for name in STAGES]
    one = np.ones((3, 2)) * 1e-3
    return {size: {peers.REFERENCE: one} | {name: one * (k + 1) for k, name in enumerate(names)} for size in times}


def whole(times, *others):
    return report.report(times, stages_like(times), *others)


def by_target(name, peer):
    """Targets met to the digit at M and L, missed by a hundredth elsewhere; the rest five times the reference."""
    target = {targets.judged(*which): found for which, found in targets.TIME.items()}.get(peer, {}).get(name)
    return 5 if target is None else target + (0 if name in "ML" else 0.01)


MIB = {peer: 30.0 if "torch" in peer[0] and peer != peers.REFERENCE else 20.0 for peer in memory.MEASURED}


def rows(text, heading):
    """The rows of the first table after a line that begins with `heading`."""
    after = re.search(rf"^{re.escape(heading)}.*$", text, re.MULTILINE).end()
    lines = text[after:].split("|", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def test_the_tables_hold_the_ratios_with_dashes_where_nothing_was_measured():
    missing = ("loop under torch.jit.script", "diagonal")
    text = whole(invented(by_target, [missing]), {"M": MIB, "L": MIB}, {})
    both, forward = rows(text, "## Forward and backward"), rows(text, "## Forward\n")
    processor = rows(text, "## Forward and backward, processor time")
    assert [row[:2] for row in both] == [row[:2] for row in forward] == [row[:2] for row in processor] == [*peers.PEERS]
    assert both[0] == ("torch.nn.LSTM", "none", *["2 ms"] * 4)
    assert both[both.index((*missing, *"----"))] and forward[forward.index((*missing, *"----"))]
    assert (*("onnxruntime", "diagonal"), *"----") in both and ("onnxruntime", "diagonal", *["5.00"] * 4) in forward
    assert ("layer, compiled", "full", "1.75", "1.35", "0.56", "1.06") in both
    assert ("function, numpy", "full", *["2.50"] * 4) in processor


def test_every_table_is_one_that_markdown_reads():
    text = whole(invented(by_target), {"M": MIB, "L": MIB}, {100: MIB, 200: MIB}, "results.svg")
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 10
    for head, rule, *body in tables:
        assert body and {line.count("|") for line in (head, rule, *body)} == {head.count("|")}
        assert re.fullmatch(r"\|( ---:? \|)+", rule)


def test_a_target_is_reached_when_the_figure_as_printed_is_not_beyond_it():
    text = whole(invented(by_target), {"M": MIB, "L": MIB}, {})
    time = rows(text, "Forward and backward, in times")
    assert len(time) == 20
    assert {row[-1] for row in time if row[0] in "ML"} == {"yes"}
    assert {row[-1] for row in time if row[0] not in "ML"} == {"no"}
    assert ("S1", "layer, compiled", "diagonal", "0.45", "0.46", "no") in time
    assert ("M", "function, compiled", "none", "1.05", "1.05", "yes") in time
    forward = rows(text, "Forward alone")
    assert ("M", "layer, compiled", "diagonal", "onnxruntime", "1.3", "0.23", "yes") in forward
    assert ("S1", "layer, compiled", "diagonal", "torch.nn.LSTM", "1", "0.46", "yes") in forward
    assert len(forward) == 6
    speed = rows(text, "Speed, in times")
    assert ("M", "layer, numpy", "diagonal", "1.6", "2.63", "yes") in speed
    assert ("S1", "layer, numpy", "diagonal", "7", "1.56", "no") in speed
    peak = rows(text, "Memory, in times")
    assert peak == [
        (name, engine, "1.5", got, "yes")
        for name in "ML"
        for engine, got in (("numpy", "1.00"), ("compiled", "1.00"), ("torch", "1.50"))
    ]


def test_without_numba_the_report_leaves_out_the_targets_of_the_compiled_engine():
    compiled = [peer for peer in peers.PEERS if "compiled" in peer[0]]
    there = {peer: mib for peer, mib in MIB.items() if peer not in compiled}
    text = whole(invented(by_target, compiled), {"M": there, "L": there}, {})
    assert {row[1] for row in rows(text, "Forward and backward, in times")} == {"layer, numpy"}
    assert {row[1] for row in rows(text, "Memory, in times")} == {"numpy", "torch"}


def test_the_picture_is_the_same_at_every_run_and_bears_no_date():
    times = {"S1": invented(by_target, [("loop under torch.jit.script", "diagonal")])["S1"]}
    svg = picture.ratios(times).svg
    assert svg == picture.ratios(times).svg
    ElementTree.fromstring(svg)
    assert "dc:date" not in svg


def test_memory_is_measured_for_each_peer_in_a_process_of_its_own(monkeypatch):
    asked = []
    monkeypatch.setattr(memory, "RESET", command.FOLDER)
    monkeypatch.setattr(memory, "extra", lambda peer, size: asked.append((peer, size)) or 1.0)
    there = [peers.REFERENCE, ("function, numpy", "diagonal"), ("function, numpy", "full"), ("layer", "none")]
    found, growth = memory.by_size(["M", "S1"], there)
    assert found.keys() == {"M"} and found["M"].keys() == {*there[:3]}
    assert {T: [*peaks] for T, peaks in growth.items()} == dict.fromkeys((100, 200, 400), there[:2])
    assert len(asked) == 3 + 2 * 2 and asked[-1] == (there[1], (400, 32, 64, 128))
    assert memory.by_size(["S1"], there) == ({}, {})


def test_an_unknown_size_is_refused():
    with pytest.raises(SystemExit, match="sizes: expected some of M, L, S1, S2, got XL"):
        command.main("M", "XL")


def test_a_part_is_printed_and_the_whole_is_written(monkeypatch, capsys, tmp_path):
    times = invented(by_target)
    monkeypatch.setattr(measure, "times", lambda size, rounds, calls: times["M"])
    monkeypatch.setattr(measure, "stage_times", lambda size, rounds, calls: stages_like(["M"])["M"])
    monkeypatch.setattr(memory, "by_size", lambda names, there: ({}, {}))
    monkeypatch.setattr(command, "REPORT", tmp_path / "RESULTS.md")
    monkeypatch.setattr(command, "PICTURE", tmp_path / "results.svg")
    command.main("S1")
    assert report.HEADING in capsys.readouterr().out and not list(tmp_path.iterdir())
    command.main()
    written = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert written.startswith(report.HEADING) and "](results.svg)" in written
    assert (tmp_path / "results.svg").exists()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_stage_computes_the_gradients_of_lstm_ref(dtype):
    weights, (x, *_), (d_h, *_) = problem(peephole="diagonal", dtype=dtype)
    wanted = backward(unroll(weights, x), d_h)
    stacks = [np.concatenate([wanted.weights[f"{kind}_{net}"] for net in ORDERS["torch"]]) for kind in "WRb"]
    looks = np.stack([wanted.weights[f"P_{net}"] for net in LOOKING["torch"]])
    for name, stage in STAGES.items():
        for got, want in zip(stage(weights, x, d_h), (wanted.x, *stacks, looks)):
            assert np.abs(got - want).max() < (1e-4 if dtype == np.float32 else 1e-12), name
