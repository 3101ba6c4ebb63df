"""The order in which the article and each library stack the four networks of a unit, one under the other.

``f`` is the forget valve, ``i`` the new-memory valve, ``g`` the new memory, ``o`` the output valve. The three valves
that look at the memory stand in the same order without ``g``, which never does.
"""

ORDERS = {"article": "figo", "torch": "ifgo", "onnx": "iofg"}
ORDERS["keras"] = ORDERS["torch"]
ORDERS["tensorflow1"] = "igfo"  # BasicLSTMCell and LSTMCell of tf.nn.rnn_cell, whose letters are i, j, f, o

LOOKING = {library: order.replace("g", "") for library, order in ORDERS.items()}
"""By library: the valves that may have a peephole."""

# The engines have PyTorch's order: these are the rows of their arrays.
I_T, F_T, G_T, O_T = range(4)
