"""The unit set by hand keeps the shop's ledger: its reports are the plain sums, for all seven years."""

import numpy as np
import pytest

from lstm_ref.companion import ledger
from lstm_ref.data import load_souvenirs
from lstm_ref.sequence import unroll

months, sales = load_souvenirs()
every_month = sales.reshape(7, 12)
in_season = np.arange(12) >= 10
season = np.where(in_season, every_month, 0.0)


def run(scale=ledger.SCALE):
    return unroll(ledger.weights(), ledger.inputs(months, sales, scale))


def test_the_ledger_has_seven_whole_years_and_each_peaks_in_december():
    assert (months[0], months[-1]) == (np.datetime64("1987-01"), np.datetime64("1993-12"))
    assert (np.diff(months) == np.timedelta64(1, "M")).all()
    assert (sales > 0).all()
    assert (every_month.argmax(axis=1) == 11).all()


@pytest.mark.parametrize("scale", [1e-6, 1e-8, ledger.SCALE])
def test_every_december_reports_the_plain_sums_within_the_stated_bound(scale):
    reports = run(scale).h_t[11::12] / scale
    for element, counted in enumerate((True, in_season)):
        error = np.abs(reports[:, element] - np.where(counted, every_month, 0.0).sum(axis=1))
        assert (error <= ledger.error_bound(every_month, counted, scale)).all()


def test_the_bound_holds_where_next_to_nothing_is_counted():
    thin = np.where(in_season, 1e-6, 1.0) * every_month
    h_t = unroll(ledger.weights(), ledger.inputs(months, thin.ravel())).h_t[11::12, 1]
    error = np.abs(h_t / ledger.SCALE - thin[:, 10:].sum(axis=1))
    assert (error <= ledger.error_bound(thin, in_season)).all()


def test_at_the_books_scale_every_report_is_right_to_the_cent():
    reports = run().h_t[11::12] / ledger.SCALE
    sums = np.stack([every_month.sum(axis=1), season.sum(axis=1)], axis=1)
    assert (ledger.error_bound(every_month) < 0.005).all()
    assert np.array_equal(reports.round(2), sums.round(2))


def test_the_forget_valve_shuts_each_january_and_in_no_other_month():
    f_t = run().f_t.reshape(7, 12, 2)
    assert f_t[:, 0].max() < 1e-12
    assert f_t[:, 1:].min() > 1 - 1e-12


def test_the_memory_is_the_year_to_date_total():
    memory = run().c_t[:, 0].reshape(7, 12) / ledger.SCALE
    assert np.abs(memory - every_month.cumsum(axis=1)).max() < 0.005


def test_the_second_element_counts_november_and_december_alone():
    memory = run().c_t[:, 1].reshape(7, 12) / ledger.SCALE
    assert np.abs(memory - season.cumsum(axis=1)).max() < 0.005
    assert memory[:, :10].max() < 0.005


def test_the_unit_says_nothing_until_december():
    said = run().h_t.reshape(7, 12, 2) / ledger.SCALE
    assert np.abs(said[:, :11]).max() < 0.005


def test_months_that_are_not_months_are_refused():
    with pytest.raises(TypeError, match=r"months: expected datetime64\[M\], got datetime64\[D\]"):
        ledger.inputs(months.astype("datetime64[D]"), sales)
    with pytest.raises(ValueError, match=r"sales: expected shape \(T,\) = \(84,\), got \(83,\)"):
        ledger.inputs(months, sales[1:])


def test_the_input_carries_the_month_as_one_of_twelve():
    x = ledger.inputs(months, sales, scale=1.0)
    assert np.array_equal(x[:, 0], sales)
    assert (x[:, 1:].sum(axis=1) == 1).all()
    assert np.array_equal(x[:, 1:].argmax(axis=1), np.tile(np.arange(12), 7))
