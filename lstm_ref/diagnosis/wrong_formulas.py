"""The known mistakes in the six equations, and with the states between steps."""

import numpy as np

from lstm_ref.checks import Array
from lstm_ref.diagnosis.mistakes import Mistake
from lstm_ref.diagnosis.variants import Bend
from lstm_ref.unit import sigmoid

NETS = {"f": "the forget valve", "i": "the new-memory valve", "g": "the new memory", "o": "the output valve"}

BENT: dict[str, Bend] = {
    "a tanh, not a sigmoid": np.tanh,
    "a sigmoid of a sigmoid": lambda z: sigmoid(sigmoid(z)),
    "left without its sigmoid": lambda z: z,
    "a hard sigmoid, 0.2 z + 0.5 cut off at 0 and 1, as in Keras before version 3": lambda z: np.clip(
        0.2 * z + 0.5, 0, 1
    ),
    "a hard sigmoid, z / 6 + 0.5 cut off at 0 and 1, as in Keras 3 and PyTorch": lambda z: np.clip(z / 6 + 0.5, 0, 1),
}


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


FORMULAS = (
    Mistake(
        "the tanh of the memory is left out at the output: h_t = o_t * C_t",
        {"output": lambda s: s.o_t * s.c_t},
        "nicodjimenez/lstm#7",
    ),
    Mistake("the tanh of the new memory is left out: g_t is the bare sum", {"bends": {"g": lambda z: z}}),
    Mistake("the new memory is a sigmoid, not a tanh", {"bends": {"g": sigmoid}}, "carpedm20/pixel-rnn-tensorflow#18"),
    Mistake(
        "a sigmoid stands at the output: h_t = o_t * sigmoid(C_t)",
        {"output": lambda s: s.o_t * sigmoid(s.c_t)},
    ),
    *(
        Mistake(
            f"every valve is {how}",
            {"bends": dict.fromkeys("fio", bend)},
            "tensorflow/tensorflow#47495" * ("Keras" in how),
        )
        for how, bend in BENT.items()
    ),
    *(Mistake(f"{NETS[net]} is {how}", {"bends": {net: bend}}) for net in "fio" for how, bend in BENT.items()),
    Mistake("the new memory is a tanh of a tanh", {"bends": {"g": lambda z: np.tanh(np.tanh(z))}}),
    Mistake("the new memory is a ReLU, not a tanh", {"bends": {"g": relu}}),
    Mistake("a ReLU stands at the output: h_t = o_t * relu(C_t)", {"output": lambda s: s.o_t * relu(s.c_t)}),
    Mistake(
        "the output is taken from the memory before the step: h_t = o_t * tanh(C_{t-1})",
        {"output": lambda s: s.o_t * np.tanh(s.c_prev)},
        "borelien/entailment-neural-attention-lstm-tf#3",
    ),
    Mistake(
        "the output valve stands inside the tanh: h_t = tanh(o_t * C_t)",
        {"output": lambda s: np.tanh(s.o_t * s.c_t)},
    ),
    Mistake(
        "the output is made of the new memory, not of the memory: h_t = o_t * tanh(g_t)",
        {"output": lambda s: s.o_t * np.tanh(s.g_t)},
        "chengtan9907/OpenSTL#68",
    ),
    Mistake("the output valve is left out: h_t = tanh(C_t)", {"output": lambda s: np.tanh(s.c_t)}),
    Mistake(
        "the forget and the new-memory valve are exchanged: C_t = i_t * C_{t-1} + f_t * g_t",
        {"memory": lambda s: s.i_t * s.c_prev + s.f_t * s.g_t},
        "NX-AI/xlstm#98",
    ),
    Mistake(
        "the forget valve is left out, as in the unit of 1997: C_t = C_{t-1} + i_t * g_t",
        {"memory": lambda s: s.c_prev + s.i_t * s.g_t},
    ),
    Mistake(
        "the new-memory valve is left out: C_t = f_t * C_{t-1} + g_t",
        {"memory": lambda s: s.f_t * s.c_prev + s.g_t},
    ),
    Mistake(
        "the new memory is left out: C_t = f_t * C_{t-1} + i_t",
        {"memory": lambda s: s.f_t * s.c_prev + s.i_t},
    ),
    Mistake(
        "the new-memory valve is 1 - f_t, as in a coupled unit: C_t = f_t * C_{t-1} + (1 - f_t) * g_t",
        {"memory": lambda s: s.f_t * s.c_prev + (1 - s.f_t) * s.g_t},
        "glample/tagger#25",
    ),
    Mistake(
        "the forget valve keeps the last output, not the memory: C_t = f_t * h_{t-1} + i_t * g_t",
        {"memory": lambda s: s.f_t * s.h_prev + s.i_t * s.g_t},
    ),
    Mistake(
        "the memory is squashed as it is stored: C_t = tanh(f_t * C_{t-1} + i_t * g_t)",
        {"memory": lambda s: np.tanh(s.f_t * s.c_prev + s.i_t * s.g_t)},
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
    Mistake("the memory is not passed on: every step begins with c0", {"carry": lambda h, c, h0, c0: (h, c0)}),
    Mistake("no state is passed on: after the first step, zeros are", {"carry": lambda h, c, h0, c0: (0 * h, 0 * c)}),
    Mistake("output and memory are exchanged as they are passed on", {"carry": lambda h, c, h0, c0: (c, h)}),
    Mistake("the memory is passed on as the output too", {"carry": lambda h, c, h0, c0: (c, c)}),
    Mistake("the output is passed on as the memory too", {"carry": lambda h, c, h0, c0: (h, h)}),
    Mistake("the steps are taken from the last to the first", {"feed": lambda x: x[::-1]}),
    Mistake("every step reads the first input", {"feed": lambda x: np.broadcast_to(x[:1], x.shape)}),
    Mistake(
        "an input (T, B, I) comes from one that is batch first by a reshape, not by a transpose",
        {"feed": lambda x: x.swapaxes(0, 1).reshape(x.shape)},
        "HHTseng/video-classification#42",
    ),
)
