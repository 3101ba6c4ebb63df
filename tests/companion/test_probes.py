"""Linear probes: least squares, few elements and all, controls and intervals; and what is exchanged between places."""

import numpy as np
import pytest
import torch

from experiments import causes, told, units
from lstm_ref import UnitWeights, unroll
from lstm_ref.companion import patching, probes, probing
from lstm_ref.data import CharacterModel, load_characters, load_results
from lstm_ref.tasks.characters import ALPHABET, decode, encode, source

RNG = np.random.default_rng(0)
MEMORY = RNG.normal(size=(400, 5)) * [1, 10, 0.1, 3, 1] + [0, 5, 0, -2, 1]
LABEL = MEMORY[:, 1] - 4 * MEMORY[:, 3] + RNG.normal(size=400) > 12


def model(H=6, layers=1):
    rng = np.random.default_rng(1)
    units = [UnitWeights.random(len(ALPHABET) if n == 0 else H, H, rng=rng) for n in range(layers)]
    return CharacterModel(tuple(units), rng.normal(size=(len(ALPHABET), H)), rng.normal(size=len(ALPHABET)))


def test_a_probe_without_a_price_is_least_squares():
    target = RNG.normal(size=400)
    probe = probes.fit(MEMORY, target, strength=0.0)
    with_ones = np.column_stack([MEMORY, np.ones(400)])
    wanted = with_ones @ np.linalg.lstsq(with_ones, target, rcond=None)[0]
    assert np.allclose(probe(MEMORY), wanted, atol=1e-9)
    assert np.allclose(probe.direction(5), probe.weights)


def test_a_price_shrinks_the_weights_alike_whatever_an_element_s_spread_and_keeps_the_mean():
    free, dear = (probes.fit(MEMORY, LABEL, strength) for strength in (0.0, 400.0))
    spread = MEMORY.std(axis=0)
    assert np.linalg.norm(dear.weights * spread) < 0.7 * np.linalg.norm(free.weights * spread)
    stretched = probes.fit(MEMORY * [1, 1, 1000, 1, 1], LABEL, 400.0)
    assert np.allclose(stretched(MEMORY * [1, 1, 1000, 1, 1]), dear(MEMORY))
    assert dear(MEMORY).mean() == pytest.approx(LABEL.mean())


def test_a_sparse_probe_reads_its_elements_alone_and_the_best_ones_are_those_that_tell_most():
    best = probes.best_elements(MEMORY, LABEL, 2)
    assert set(best.tolist()) == {1, 3}
    probe = probes.fit(MEMORY, LABEL, elements=best)
    other = MEMORY.copy()
    other[:, [0, 2, 4]] += 100
    assert np.allclose(probe(other), probe(MEMORY))
    assert np.flatnonzero(probe.direction(5)).tolist() == [1, 3]


def test_what_is_explained_is_1_where_all_is_read_and_0_at_the_mean():
    target = np.array([1.0, 2.0, 6.0])
    assert probes.explained(target, target) == 1
    assert probes.explained(np.full(3, 3.0), target) == pytest.approx(0)
    assert probes.explained(np.array([6.0, 1.0, 1.0]), target) < 0


def test_a_control_task_says_the_same_after_the_same_characters_and_is_true_about_as_often():
    symbols = RNG.integers(0, 5, 5000)
    labels = probes.controls(symbols, 0.3, np.random.default_rng(3), draws=40, length=2)
    by_pair = {}
    for k in range(1, 5000):
        assert (by_pair.setdefault((symbols[k - 1], symbols[k]), labels[k]) == labels[k]).all()
    assert len(by_pair) == 25 and labels.shape == (5000, 40)
    shares = np.array([*by_pair.values()]).mean(axis=0)
    assert shares.mean() == pytest.approx(0.3, abs=0.05) and shares.std() > 0.05, "each draw is another"


def test_an_interval_is_about_the_area_and_widens_where_places_hang_together():
    rng, label = np.random.default_rng(4), np.random.default_rng(5).random(20_000) < 0.3
    value = label + rng.normal(size=20_000)
    low, high = probes.interval(value, label, rng, length=1)
    area = float(probing.auc(probing.ranks(value), label))
    assert low < area < high and high - low < 0.03
    slow = np.repeat(label[:400], 50)
    drift = np.repeat(value[:400], 50)
    low, high = probes.interval(drift, slow, rng, length=500)
    narrow = np.subtract(*probes.interval(drift, slow, rng, length=1)[::-1])
    assert high - low > 3 * narrow


@pytest.mark.parametrize("layers", [1, 2])
def test_the_memories_of_all_layers_are_those_of_torch(layers):
    made, text = model(layers=layers), "x = [1]\n" * 300  # over a piece's border
    lstm = torch.nn.LSTM(97, 6, layers).double()
    state = {}
    for n, unit in enumerate(made.layers):
        from lstm_ref.interop import to_torch

        state |= {name: torch.from_numpy(array) for name, array in to_torch(unit, f"_l{n}").items()}
    lstm.load_state_dict(state)
    x = torch.eye(97, dtype=torch.float64)[torch.from_numpy(encode(text))]
    _, (_, c) = lstm(x[:, None])
    found = probes.memories(made, text)
    assert [memory.shape for memory in found] == [(len(text), 6)] * layers
    assert all(np.allclose(memory[-1], last[0].detach(), atol=1e-6) for memory, last in zip(found, c))
    logits, left = made.answer(encode(text)[:, None])
    h, _ = lstm(x[:, None])
    assert np.allclose(logits, h.detach().numpy() @ made.read_out.T + made.bias, atol=1e-9)
    again, _ = made.answer(encode(text[:5])[:, None], left)
    both, _ = made.answer(encode(text + text[:5])[:, None])
    assert np.allclose(again, both[-5:])


def test_a_divergence_is_that_of_torch_in_bits_and_0_between_equals():
    one, other = RNG.dirichlet(np.ones(97), 3), RNG.dirichlet(np.ones(97), 3)
    wanted = torch.nn.functional.kl_div(torch.from_numpy(np.log(other)), torch.from_numpy(one), reduction="none").sum(
        -1
    ) / np.log(2)
    assert np.allclose(patching.divergence(one, other), wanted)
    assert np.abs(patching.divergence(one, one)).max() < 1e-12


def test_matched_places_come_after_the_same_characters_and_differ_in_the_label_alone():
    symbols, label = RNG.integers(0, 4, 3000), RNG.random(3000) < 0.4
    firsts, seconds, thirds = patching.matched(symbols, label, np.random.default_rng(6), 50)
    for first, second, third in zip(firsts, seconds, thirds):
        windows = [symbols[place - 2 : place + 1].tolist() for place in (first, second, third)]
        assert windows[0] == windows[1] == windows[2]
        assert label[first] and not label[second] and label[third] and third != first


@pytest.fixture(scope="module")
def trace():
    made = model()
    return unroll(made.weights, np.eye(97)[encode("f(a, [b])\n" * 3)])


def test_an_exchange_takes_elements_a_direction_or_all_and_the_output_follows(trace):
    now, other = (patching.at(trace, places) for places in (np.array([3, 9]), np.array([20, 6])))
    h, c = patching.exchange(now, other, np.array([4]))
    assert (c[:, 4] == other.c_t[:, 4]).all() and (np.delete(c, 4, 1) == np.delete(now.c_t, 4, 1)).all()
    assert np.allclose(h, now.o_t * np.tanh(c))
    assert (patching.exchange(now, other, None)[1] == other.c_t).all()
    probe = probes.fit(trace.c_t, np.arange(30) % 3, strength=1.0)
    for direction in (probe.direction(6), probes.pattern(probe, trace.c_t)):
        _, c = patching.exchange(now, other, patching.Along(probe, direction))
        assert np.allclose(probe(c), probe(other.c_t))
        assert np.linalg.matrix_rank(np.vstack([c - now.c_t, direction]), tol=1e-9) == 1


def test_a_pattern_is_how_much_each_element_moves_with_what_the_probe_reads():
    probe = probes.fit(MEMORY, LABEL, strength=10.0)
    read = probe(MEMORY)
    slopes = [np.polyfit(read, element, 1)[0] for element in MEMORY.T]
    assert np.allclose(probes.pattern(probe, MEMORY) / read.var(ddof=1), slopes)


def test_a_control_moves_the_memory_as_far_and_another_way(trace):
    now = patching.at(trace, np.array([3, 9]))
    c = now.c_t + np.array([[1, 0, 0, 2, 0, 0], [0, 0, 3, 0, 0, 4]])
    spread = np.array([1, 2, 3, 2, 1, 4])
    h, away = causes._as_far(now, c, spread, np.random.default_rng(0))
    far = [np.linalg.norm((each - now.c_t) / spread, axis=1) for each in (c, away)]
    assert np.allclose(*far) and np.allclose(far[0], 2**0.5)
    assert np.allclose(h, now.o_t * np.tanh(away)) and not np.allclose(away, c)


def test_what_follows_an_untouched_state_is_what_the_model_says_anyway(trace):
    made, symbols = model(), encode("f(a, [b])\n" * 3)
    now = patching.at(trace, np.array([5, 8]))
    said = patching.follow(made, now.h_t, now.c_t, np.stack([symbols[[6, 9]], symbols[[7, 10]]]))
    for later in range(3):
        assert np.allclose(said[later], probing.predict(made, trace.h_t[[5 + later, 8 + later]]))


def test_the_experiments_report_every_property_part_and_number(monkeypatch):
    made = model()
    monkeypatch.setattr(units, "ROUNDS", 3)
    for name, value in {"ELEMENTS": (1, 2), "CONTROLS": 2, "PAIRS": 200, "STEPS": 2}.items():
        monkeypatch.setattr(causes, name, value)
    one, two = (units.read(made, (name,)) for name in ("colorsys", "bisect"))
    monkeypatch.setattr(causes, "MOST", 400)
    rows = {
        "units": list(units.probe(made, one, two)),
        "set_by_hand": list(causes.set_by_hand(made, one, two)),
        "exchanged": list(causes.exchanged(made, one, two)),
        "held_still": list(causes.held_still(made, one, two)),
    }
    chosen, held = (
        told.Memory(text, probes.memories(made, text.text)[0])
        for text in (told.read(("colorsys", "zoneinfo._tzpath")), told.read(("bisect", "colorsys")))
    )
    monkeypatch.setattr(told, "COUNTS", (1, 5))
    monkeypatch.setattr(told, "ROTATIONS", 2)
    rows |= {
        "told": [row | {"of_20": 0} for row in told.properties("a", 0, chosen, held)],
        "counted": list(told.numbers("a", 0, chosen, held)),
        "turned": list(told.turned("a", chosen, held)),
        "modules": list(told.by_module(chosen, held)),
    }
    for name, found in rows.items():
        stored = set().union(*load_results(name))
        assert found[0].keys() == stored, name
    assert {row["property"] for row in rows["told"]} == {*probing.PROPERTIES}
    assert len(rows["set_by_hand"]) == 2 * 2 * len(causes.WATCHED)
    assert len(rows["exchanged"]) == len(causes.WATCHED) * 9 * 2 * 3
    assert all(row["from"] <= row["way"] <= min(1, row["to"]) for row in rows["exchanged"])
    picked = [row for row in rows["held_still"] if row["property"]]
    assert len(picked) <= len(causes.WATCHED) and len(rows["held_still"]) == len(picked) + 2


def test_the_blanks_that_a_line_has_begun_with_are_counted_until_its_end():
    assert told.blanks("if a:\n  b c\nd\n").tolist() == [0] * 6 + [1, 2, 2, 2, 2, 2, 0, 0]


def test_the_stored_tables_are_of_the_shipped_models():
    H = load_characters().weights.hidden_size
    for row in load_results("units"):
        assert 0 <= row["element"] < H and 0.5 <= row["chosen"] <= 1 and 0.5 <= row["chance"] <= 1
        assert row["from"] < row["held_out"] < row["to"] and row["own_chance"] < row["chance"]
    memory = probes.memories(load_characters(), decode(source(("bisect",))))[0]
    assert memory.shape[1] == H and np.isfinite(memory).all()
