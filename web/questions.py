"""The exercises that can be answered in the page, without Python: what is asked, and where the answer comes from.

Nothing is answered here: the exercise's own solution in the notebook, its check or the package does it when the site is
built. `web/answers.py` writes the forms.
"""

import numpy as np
from question_kinds import (
    LINES,
    MEMORY,
    Choice,
    Number,
    Order,
    Question,
    blocks,
    drawn,
    months,
    opened,
    reported,
    waits,
)

from lstm_ref import unit
from lstm_ref.diagrams import unit_wiring

QUESTIONS = (
    Question(
        "1.2",
        "A window of $n = 13$ numbers, a hidden layer of 20 elements.",
        (Number("Numbers to learn", lambda own: own["weights_in_a_window"](13, 20)),),
        "Count four things: weights into the hidden layer, its biases, weights out of it, and the last bias.",
    ),
    Question(
        "1.5",
        "Take $r = 0.7$ and the limit 0.01.",
        (Number("First $k$ at which $r^k$ is below it", lambda own: own["forgets_its_start"](0.7, 0.01)),),
        "Multiply 1 by 0.7 again and again, and count the steps until less than 0.01 is left.",
    ),
    Question(
        "2.1",
        "The valve stays at $f = 0.9$. One decimal place is enough.",
        (Number("Half-life, in steps", lambda own: own["half_life"](0.9), 0.05),),
        "After $k$ steps $0.9^k$ is left. For which $k$ is that a half?",
    ),
    Question(
        "2.2",
        "The half-life is to be 12 steps. Give three decimal places.",
        (Number("Opening", lambda own: own["opening"](12), 0.001),),
        "Multiplied by itself twelve times, the opening must be a half.",
    ),
    Question(
        "2.5",
        "Try another year first: suppose that it ended with September.",
        (
            Choice(
                "When is the forget valve shut?",
                lambda own: months(opened(unit.forget_valve, 0, W_f=np.roll(own["W_f"], 3, axis=1)), is_open=False),
            ),
        ),
        "The valve lets go of the old year at the step that begins the new one.",
    ),
    Question(
        "2.6",
        "Take the threshold 0.5 and a drive of 30.",
        (
            Number("$P_f$", lambda own: own["plenty"](0.5, 30.0)[0][0]),
            Number("$b_f$", lambda own: own["plenty"](0.5, 30.0)[1][0]),
        ),
        "An empty tank leaves only $b_f$ in the sum. At the threshold both terms must cancel.",
    ),
    Question(
        "3.1",
        "Take $f_t = 0.5$, $C_{t-1} = 0.8$, $i_t = 0$ and $g_t = -0.4$.",
        (Number("$C_t$, from a joint without the bug", lambda own: own["t_joint"](0.5, 0.8, 0.0, -0.4)),),
        "A shut valve lets nothing through.",
    ),
    Question(
        "3.3",
        "Predict both valves of the second element.",
        (
            Choice(
                "When is its new-memory valve open?",
                lambda own: months(opened(unit.new_memory_valve, 1, W_i=own["W_i"], b_i=own["b_i"]), is_open=True),
            ),
            Choice(
                "When is its forget valve shut?",
                lambda own: months(opened(unit.forget_valve, 1, W_f=own["W_f"]), is_open=False),
            ),
        ),
        "It keeps last summer's total until the end of November, and starts afresh in the first month that it counts.",
    ),
    Question(
        "4.3",
        "It is May. Predict the twelve output valves.",
        (Choice("Whose element is reported?", reported),),
        "The read-out needs last year's value of the month to come.",
    ),
    Question(
        "4.4",
        "Take the threshold 2 and the width 0.5.",
        (
            Number("$P_o$", lambda own: own["quiet_until"](2.0, 0.5)[0][0]),
            Number("$b_o$", lambda own: own["quiet_until"](2.0, 0.5)[1][0]),
        ),
        "Half open means a sum of 0. Over the width of 0.5 the sum must climb by 30.",
    ),
    Question(
        "5.1",
        "How does ONNX stack the four networks?",
        (Order("From the first block to the last", ("$f$", "$g$", "$i$", "$o$"), blocks),),
        "The section “When the order is wrong” gives the order, and so does the page of notation.",
    ),
    Question(
        "6.1",
        "Mend the drawing: take away each line that should not be there and add each that is missing. Untick and tick "
        "them below; a line that is drawn into a network can also be clicked or tapped.",
        (
            Choice(
                "Lines into the networks",
                lambda _: {name: wire in set(unit_wiring().wires) for name, wire in LINES.items()},
                drawn(),
                LINES,
            ),
        ),
        "Ask of each network what it may see.",
    ),
    Question(
        "6.3",
        "These wires carry the memory.",
        (
            Choice(
                "Which of them must go?",
                lambda own: {
                    name: wire not in set(own["one_peephole"](unit_wiring().wires)) for name, wire in MEMORY.items()
                },
            ),
        ),
        "Three of them end at a network, and one of these stays.",
    ),
    Question(
        "6.4",
        "Put the signals of the unit with peepholes into an order in which none waits for one below it. More than one "
        "order is right.",
        (Order("From the first to the last", ("$h_t$", "$C_t$", "$o_t$", "$g_t$", "$i_t$", "$f_t$"), waits),),
        "The output valve looks at the new memory.",
    ),
    Question(
        "7.1",
        "Take $dh_t = 1$, $o_t = 0.5$, $C_t = 0$, and $dC_t = 0.5$ from later steps.",
        (Number("The whole $dC_t$", lambda own: own["memory_gradient"](1.0, 0.5, 0.5, 0.0)),),
        "The memory leaves the step along two wires.",
    ),
    Question(
        "7.3",
        "Take $dC_t = 1$, $C_{t-1} = 1$, $g_t = 0.5$ and $f_t = 0.5$.",
        (Number("$dz_f$", lambda own: own["coupled_sum"](1.0, 1.0, 0.5, 0.5), 0.001),),
        "The gate stands in both terms of the sum, once with a minus.",
    ),
    Question(
        "8.1",
        "Take $I = 3$, $H = 5$ and $O = 2$.",
        (Number("Bytes", lambda own: own["training_bytes"](3, 5, 2)),),
        "Count the weights first, with two biases for each network. Each weight then needs four numbers of 4 bytes.",
    ),
    Question(
        "9.4",
        "A test of a million symbols. Give two decimal places.",
        (Number("Probability of no error", lambda own: own["unnoticed"](1e6), 0.002),),
        "Every one of the million symbols has to go well.",
    ),
    Question(
        "10.4",
        "Take the text `f(a[0])`.",
        (Number("Brackets open after its `[`", lambda own: own["open_brackets"]("f(a[0])")[3]),),
        "The count after a character includes that character.",
    ),
)
