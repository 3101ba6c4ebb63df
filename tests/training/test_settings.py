"""Settings: what is filled in, and what is refused by name."""

import math

import numpy as np
import pytest

from lstm_ref.training import Settings, Trainer, choose_device


def test_settings_that_are_left_out_are_the_tasks_own():
    settings = Settings("spikes", {"every": 5})
    assert (settings.hidden_size, settings.steps, settings.precision) == (4, 5000, "auto")
    settings = Settings("counting", hidden_size=7)
    assert (settings.hidden_size, settings.warm_up, settings.precision, settings.steps) == (7, 0.3, "auto", 4000)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("hidden_size", 0),
        ("num_layers", 0),
        ("steps", 0),
        ("every", 0),
        ("seed", -1),
        ("patience", 0),
        ("learning_rate", 0.0),
        ("learning_rate", math.nan),
        ("clip", -1.0),
        ("dropout", 1.5),
        ("dropout", 0.5),
        ("warm_up", 2.0),
        ("held_open", "fx"),
        ("peephole", "half"),
        ("precision", "float8"),
        ("device", "nonsense"),
        ("device", "cuda:99"),
        ("device", "xpu"),
    ],
)
def test_a_bad_setting_is_refused_by_name(name, bad):
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got {bad!r}$"):
        Trainer(Settings("adding", **{name: bad}))


def test_under_torchrun_a_process_takes_the_cuda_device_of_its_own_number(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "99")
    with pytest.raises(ValueError, match="device: expected one that this machine has, got 'cuda:99'"):
        choose_device("cuda")


def test_numbers_of_numpy_are_taken_as_plain_ones():
    plain = Settings("adding", {"T": 25}, learning_rate=0.25, seed=3, patience=4)
    numpy = Settings(
        "adding", {"T": np.int64(25)}, learning_rate=np.float64(0.25), seed=np.int64(3), patience=np.int8(4)
    )
    assert numpy == plain
    assert {type(value) for value in (numpy.options["T"], numpy.seed, numpy.patience)} == {int}
    assert type(numpy.learning_rate) is float
