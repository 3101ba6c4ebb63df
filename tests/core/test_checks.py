"""Each check takes what is just inside its bounds, refuses what is just outside, and says so."""

import os
import re

import numpy as np
import pytest

from lstm_ref import checks


@pytest.mark.parametrize(
    ("check", "fine", "bad", "message"),
    [
        (lambda n: checks.whole_number("n", n, 1), [1, 2**31 - 1, np.int64(5)], 0, "at least 1, got 0"),
        (lambda n: checks.whole_number("n", n, 1), [], 2**31, "at most 2147483647, got 2147483648"),
        (lambda n: checks.whole_number("n", n, 1, 5), [5], 6, "at most 5, got 6"),
        (lambda n: checks.whole_number("n", n, 0), [0], True, "at least 0, got True"),
        (lambda n: checks.whole_number("n", n, 0), [], 1.0, r"at least 0, got 1\.0"),
        (lambda n: checks.number("n", n), [-2, 0.5, np.float32(1)], np.inf, "a finite number, got inf"),
        (lambda n: checks.number("n", n), [np.finfo(float).max], np.nan, "a finite number, got nan"),
        (lambda n: checks.number("n", n), [], False, "a finite number, got False"),
        (lambda n: checks.above_zero("n", n), [1e-300, np.float16(1)], 0, "above 0, got 0"),
        (lambda n: checks.above_zero("n", n), [np.finfo(float).max], np.inf, "above 0, got inf"),
        (lambda n: checks.above_zero("n", n), [], "1", "above 0, got '1'"),
        (lambda n: checks.above_zero("n", n, most=1), [1, 0.5], 1.1, r"above 0 and at most 1, got 1\.1"),
        (lambda n: checks.within("n", n, 0, 1), [0, 1, np.float32(0.5)], 1.1, r"from 0 to 1, got 1\.1"),
        (lambda n: checks.within("n", n, 0, 1), [], -0.1, r"from 0 to 1, got -0\.1"),
        (lambda n: checks.within("n", n, 0, 1), [], np.nan, "from 0 to 1, got nan"),
        (lambda n: checks.within("n", n, 0, 1), [], True, "from 0 to 1, got True"),
        (lambda n: checks.one_of("n", n, ["a", "b"]), ["a", "b"], "c", r"one of \('a', 'b'\), got 'c'"),
        (lambda n: checks.one_of("n", n, "ab"), ["a"], "ab", r"one of \('a', 'b'\), got 'ab'"),
        (lambda n: checks.one_of("n", n, "ab"), [], None, r"one of \('a', 'b'\), got None"),
        (lambda n: checks.letters("n", n, "xy"), ["", "yx", "xx"], "xz", "letters x, y, got 'xz'"),
        (lambda n: checks.letters("n", n, "xy"), [], ["x"], r"letters x, y, got \['x'\]"),
        (lambda n: checks.printable("n", n), ["é\n\t", ["a"], 1], "a\x00", r"can be drawn, got '\\x00'"),
        (lambda n: checks.printable("n", n), [], {"k": ["\ud800"]}, "can be drawn, got"),
        (lambda n: checks.printable("n", n), [], {"\x1f": 1}, r"can be drawn, got '\\x1f'"),
        (lambda n: checks.pair("n", n, "h0 and c0"), [(1, 2), [1, 2]], (1,), "h0 and c0, got tuple of length 1"),
        (lambda n: checks.pair("n", n, "h0 and c0"), [], "ab", "h0 and c0, got str"),
        (lambda n: checks.shape("n", n, (2, 3), "(H, I)"), [np.ones((2, 3))], np.ones(3), r"\(H, I\) = \(2, 3\), got"),
        (lambda n: checks.finite("n", n), [np.ones(2)], np.array([1, np.nan]), r"got nan at \(1,\)"),
        (lambda n: checks.numbers("n", n, ndim=1), [[1.0], [True]], [[1.0]], r"along 1 axes, got shape \(1, 1\)"),
        (lambda n: checks.numbers("n", n, ndim=1), [], [], r"along 1 axes, got shape \(0,\)"),
        (lambda n: checks.numbers("n", n), [3, [], np.ones(2, np.uint8)], ["a"], "numbers, got <U1"),
        (lambda n: checks.numbers("n", n), [], 1j, "numbers, got complex128"),
        (lambda n: checks.plain("n", n, "signs"), ["a"], np.ma.masked_array([1]), "signs, got a masked array"),
        (lambda n: checks.integers("n", n, 0, 3), [[0, 3], 2], [4], "from 0 to 3, got 4 to 4"),
        (lambda n: checks.integers("n", n, 0, 3), [np.zeros((2, 0), int)], [-1, 2], "from 0 to 3, got -1 to 2"),
        (lambda n: checks.integers("n", n, 0, 3), [], [1.0], "whole numbers, got float64"),
        (lambda n: checks.float_type("n", n), ["float16", np.float64], int, "floating-point numbers, got int64"),
        (lambda n: checks.float_type("n", n), [], "real", "floating-point numbers, got 'real'"),
    ],
)
def test_a_check_takes_what_is_inside_its_bounds_and_refuses_by_name_what_is_not(check, fine, bad, message):
    for value in fine:
        check(value)
    with pytest.raises((TypeError, ValueError), match=f"^n: expected .*{message}"):
        check(bad)


def test_numbers_of_any_kind_become_floating_ones_and_floating_ones_keep_their_precision():
    assert checks.numbers("n", [1, 2]).dtype == checks.numbers("n", [True]).dtype == np.float64
    assert checks.numbers("n", np.ones(2, np.float32)).dtype == np.float32
    assert checks.float_type("n", "float32") == np.float32
    assert checks.number("n", np.int8(3)) == 3.0 and isinstance(checks.number("n", 3), float)


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="this system does not say how large its memory is")
def test_what_fits_four_times_into_memory_is_taken_and_one_byte_more_is_not(monkeypatch):
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4000}.get)
    checks.memory("n", 1_000_000)
    wanted = "n: expected what fits into 0.004 GB, got what needs 0.004 GB, gradients and optimiser included"
    with pytest.raises(ValueError, match=re.escape(wanted)):
        checks.memory("n", 1_000_001)


def test_a_package_that_is_installed_is_returned_and_an_import_of_our_own_that_fails_is_left_alone():
    assert checks.package("numpy.linalg", "book") is np.linalg
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'lstm_ref\.absent'$"):
        checks.package("lstm_ref.absent", "book")
    with pytest.raises(ImportError, match=r'^absent: expected it installed, as by pip install "lstm_ref\[book\]"$'):
        checks.package("absent.inner", "book")
