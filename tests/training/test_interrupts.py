"""Signals to a run: it stops after the step at hand, or at once; and batches that processes share."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from helpers.runs import state, trainer

from lstm_ref.training import Settings, Trainer, fit

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step_at_hand_and_a_second_one_at_once(number, tmp_path):
    training = trainer(steps=50, every=50)
    handlers, step = signal.getsignal(number), Trainer.step

    def with_signal(self):
        step(self)
        if self.steps == 7:
            os.kill(os.getpid(), number)

    with mock.patch.object(Trainer, "step", with_signal):
        assert fit(training, tmp_path) == []
    assert training.steps == 7 and not training.finished and state(tmp_path)["steps"] == 7
    assert training.stopped_by == number and signal.getsignal(number) == handlers

    def with_two(self):
        step(self)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)

    # The second does what it did before the run: that of Ctrl-C raises KeyboardInterrupt, that of SIGTERM ends Python.
    def ended(number, frame):
        raise KeyboardInterrupt

    signal.signal(number, ended)
    with mock.patch.object(Trainer, "step", with_two), pytest.raises(KeyboardInterrupt):
        fit(training, tmp_path)
    assert signal.getsignal(number) == ended
    signal.signal(number, handlers)


def test_without_a_folder_there_is_nothing_to_save_and_ctrl_c_is_as_ever():
    def interrupted(self):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("Ctrl-C was not heard")

    # A process that was started in the background may ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with mock.patch.object(Trainer, "step", interrupted), pytest.raises(KeyboardInterrupt):
        fit(trainer(steps=50, every=50))
    signal.signal(signal.SIGINT, before)


def test_a_run_outside_the_main_thread_leaves_signals_alone(tmp_path):
    training = trainer()
    with ThreadPoolExecutor() as threads:
        assert len(threads.submit(fit, training, tmp_path).result()) == 6
    assert training.finished


def test_a_batch_that_cannot_be_shared_out_evenly_is_refused():
    with (
        mock.patch("lstm_ref.training.trainer.rank_and_world", return_value=(0, 3)),
        pytest.raises(ValueError, match=r"^batch_size: expected a multiple of 3 processes, got 32$"),
    ):
        Trainer(Settings("adding"))
