"""The known mistakes in the six equations, and with the states between steps."""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.variants import Bend
from lstm_ref.unit import sigmoid

NETS = {"f": "the forget gate", "i": "the input gate", "g": "the candidate", "o": "the output gate"}

BENT: dict[str, Bend] = {
    "a tanh, not a sigmoid": np.tanh,
    "a sigmoid of a sigmoid": lambda z: sigmoid(sigmoid(z)),
    "left without its sigmoid": lambda z: z,
    "a tanh of a sigmoid": lambda z: np.tanh(sigmoid(z)),
    "a sigmoid of twice its sum, as (1 + tanh(z)) / 2 is": lambda z: sigmoid(2 * z),
    "a sigmoid of half its sum": lambda z: sigmoid(z / 2),
    "a sigmoid of minus its sum": lambda z: sigmoid(-z),
    "a hard sigmoid, 0.2 z + 0.5 cut off at 0 and 1, as in Keras before version 3": lambda z: np.clip(
        0.2 * z + 0.5, 0, 1
    ),
    "a hard sigmoid, z / 6 + 0.5 cut off at 0 and 1, as in Keras 3 and PyTorch": lambda z: np.clip(z / 6 + 0.5, 0, 1),
}


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


NEW: dict[str, Bend] = {
    "a tanh of a tanh": lambda z: np.tanh(np.tanh(z)),
    "a tanh of a sigmoid": lambda z: np.tanh(sigmoid(z)),
    "2 * sigmoid(z) - 1, which is tanh(z / 2)": lambda z: np.tanh(z / 2),
    "4 * sigmoid(z) - 2, the function of 1997": lambda z: 2 * np.tanh(z / 2),
    "a ReLU, not a tanh": relu,
}

FORMULAS = (
    Mistake(
        "the tanh of the cell state is left out at the output: h_t = o_t * c_t",
        {"lines": {"h_t": "o_t * c_t"}},
        "nicodjimenez/lstm#7",
    ),
    Mistake("the tanh of the candidate is left out: g_t is the bare sum", {"bends": {"g": lambda z: z}}),
    Mistake("the candidate is a sigmoid, not a tanh", {"bends": {"g": sigmoid}}, "carpedm20/pixel-rnn-tensorflow#18"),
    Mistake(
        "a sigmoid stands at the output: h_t = o_t * sigmoid(c_t)",
        {"lines": {"h_t": "o_t * sigmoid(c_t)"}},
    ),
    *(
        Mistake(
            f"every gate is {how}",
            {"bends": dict.fromkeys("fio", bend)},
            "tensorflow/tensorflow#47495" * ("Keras" in how),
        )
        for how, bend in BENT.items()
    ),
    *(
        Mistake(f"{NETS[net]} is {how}", {"bends": {net: bend}}, common=False)
        for net in "fio"
        for how, bend in BENT.items()
    ),
    *(Mistake(f"the candidate is {how}", {"bends": {"g": bend}}, common=False) for how, bend in NEW.items()),
    Mistake(
        "2 * sigmoid(c_t) - 1 stands at the output, the function of 1997, which is tanh(c_t / 2)",
        {"lines": {"h_t": "o_t * (2 * sigmoid(c_t) - 1)"}},
    ),
    Mistake("a ReLU stands at the output: h_t = o_t * relu(c_t)", {"lines": {"h_t": "o_t * relu(c_t)"}}),
    Mistake(
        "the output is taken from the cell state before the step: h_t = o_t * tanh(c_prev)",
        {"lines": {"h_t": "o_t * tanh(c_prev)"}},
        "borelien/entailment-neural-attention-lstm-tf#3",
    ),
    Mistake(
        "the output gate stands inside the tanh: h_t = tanh(o_t * c_t)",
        {"lines": {"h_t": "tanh(o_t * c_t)"}},
    ),
    Mistake(
        "the output is made of the candidate, not of the cell state: h_t = o_t * tanh(g_t)",
        {"lines": {"h_t": "o_t * tanh(g_t)"}},
        "chengtan9907/OpenSTL#68",
    ),
    Mistake("the output gate is left out: h_t = tanh(c_t)", {"lines": {"h_t": "tanh(c_t)"}}),
    Mistake(
        "the forget and the input gate are exchanged: c_t = i_t * c_prev + f_t * g_t",
        {"lines": {"c_t": "i_t * c_prev + f_t * g_t"}},
        "NX-AI/xlstm#98",
    ),
    Mistake(
        "the forget gate is left out, as in the unit of 1997: c_t = c_prev + i_t * g_t",
        {"lines": {"c_t": "c_prev + i_t * g_t"}},
    ),
    Mistake(
        "the input gate is left out: c_t = f_t * c_prev + g_t",
        {"lines": {"c_t": "f_t * c_prev + g_t"}},
    ),
    Mistake(
        "the candidate is left out: c_t = f_t * c_prev + i_t",
        {"lines": {"c_t": "f_t * c_prev + i_t"}},
    ),
    Mistake(
        "the input gate is 1 - f_t, as in a coupled unit: c_t = f_t * c_prev + (1 - f_t) * g_t",
        {"lines": {"c_t": "f_t * c_prev + (1 - f_t) * g_t"}},
        "glample/tagger#25",
    ),
    Mistake(
        "the forget gate keeps the last output, not the cell state: c_t = f_t * h_prev + i_t * g_t",
        {"lines": {"c_t": "f_t * h_prev + i_t * g_t"}},
    ),
    Mistake(
        "the cell state is squashed as it is stored: c_t = tanh(f_t * c_prev + i_t * g_t)",
        {"lines": {"c_t": "tanh(f_t * c_prev + i_t * g_t)"}},
    ),
)

STATES = (
    Mistake(
        "h0 and c0 are ignored: the unit begins with zeros", {"start": lambda h, c: (0 * h, 0 * c)}, "neulab/xnmt#223"
    ),
    Mistake("h0 is ignored", {"start": lambda h, c: (0 * h, c)}),
    Mistake("c0 is ignored", {"start": lambda h, c: (h, 0 * c)}),
    Mistake("h0 and c0 are exchanged", {"start": lambda h, c: (c, h)}),
    Mistake(
        "no state is passed on: every step begins with h0 and c0",
        {"carry": lambda h, c, h0, c0: (h0, c0)},
        "pytorch/tutorials#55",
    ),
    Mistake("the output is not passed on: every step sees h0", {"carry": lambda h, c, h0, c0: (h0, c)}),
    Mistake("the cell state is not passed on: every step begins with c0", {"carry": lambda h, c, h0, c0: (h, c0)}),
    Mistake("no state is passed on: after the first step, zeros are", {"carry": lambda h, c, h0, c0: (0 * h, 0 * c)}),
    Mistake("output and cell state are exchanged as they are passed on", {"carry": lambda h, c, h0, c0: (c, h)}),
    Mistake("the cell state is passed on as the output too", {"carry": lambda h, c, h0, c0: (c, c)}),
    Mistake("the output is passed on as the cell state too", {"carry": lambda h, c, h0, c0: (h, h)}),
    Mistake("the steps are taken from the last to the first", {"feed": lambda x: x[::-1]}),
    Mistake("every step reads the first input", {"feed": lambda x: np.broadcast_to(x[:1], x.shape)}),
    Mistake(
        "an input (T, B, I) comes from one that is batch first by a reshape, not by a transpose",
        {"feed": lambda x: x.swapaxes(0, 1).reshape(x.shape)},
        "HHTseng/video-classification#42",
    ),
)
