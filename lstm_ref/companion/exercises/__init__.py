"""Checks for the book's exercises, to be called as ``check.half_life(my_function)``.

>>> from lstm_ref.companion import exercises as check

Each check prints "right", or what your answer gave, for which input, and what was expected. None raises an exception,
however wrong or empty the answer is.
"""
# ruff: noqa: F401  # each name stands here once: what is imported is what there is

from lstm_ref.companion.exercises.ch01_memory import (
    forgets_its_start,
    plain_states,
    seasonal_error,
    weights_in_a_window,
    windows,
)
from lstm_ref.companion.exercises.ch02_forget_valve import (
    draw_networks,
    forget_valve,
    half_life,
    opening,
    plenty,
    year_ends_in_june,
)
from lstm_ref.companion.exercises.ch03_new_memory_valve import counts_the_summer, keeps_its_input, t_joint, takes_back
from lstm_ref.companion.exercises.ch04_output_valve import (
    output,
    output_after_memory,
    quiet_until,
    reports_the_coming_month,
)
from lstm_ref.companion.exercises.ch05_whole_unit import onnx_weights, sequences_first, side_by_side
from lstm_ref.companion.exercises.ch06_two_diagrams import (
    can_be_computed,
    each_from_empty,
    errors_in_the_diagram,
    one_peephole,
    planted,
)
from lstm_ref.companion.exercises.ch07_learning_backwards import (
    coupled_sum,
    forget_sum,
    handed_back,
    look_in_time,
    memory_gradient,
    through_time,
)
from lstm_ref.companion.exercises.ch08_training import (
    clipped,
    descended,
    enough,
    killed_and_resumed,
    read_on,
    training_bytes,
)
from lstm_ref.companion.exercises.ch09_what_memory_can_do import all_right, counter, legal_first, unnoticed
from lstm_ref.companion.exercises.ch10_inside_the_memory import (
    best_by_chance,
    held_out_area,
    open_brackets,
    own_property,
    said_after,
    tells,
)
from lstm_ref.companion.exercises.ch11_what_became_of_the_valves import (
    exponential_valves,
    gru_step,
    minimal_unit,
    mixture,
    never_fades,
    overwrite,
)

__all__ = [name for name, thing in list(globals().items()) if callable(thing)]
