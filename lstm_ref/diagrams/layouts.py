"""Where the parts of the unit stand, in three styles, and how the wires run between them.

A layout says nothing about what is wired to what: that is the wiring's. Lengths are the SVG's own units.
"""

from lstm_ref.diagrams.geometry import Ends, Layout, Place, Spot


def _row(y: float, **columns: float) -> dict[str, Place]:
    """Return places in one row: name = x."""
    return {name: Place(x, y) for name, x in columns.items()}


def _buses(columns: dict[str, float], **buses: tuple[str, float]) -> dict[Ends, str]:
    """Return routes from each bus, name = (path to the bus, offset), up into the boxes at these columns."""
    return {
        (name, box): f"{path} H{x + offset} V352"
        for name, (path, offset) in buses.items()
        for box, x in columns.items()
    }


_BOX_COLUMNS: dict[str, float] = {"box_f": 104, "box_i": 186, "box_g": 268, "box_o": 372}

PIPE = Layout(
    words="drawn as a pipe",
    scene="The memory flows along the top from left to right; below stand four boxes, "
    "those with the biases b_f, b_i, b_g and b_o from left to right.",
    outputs={
        "c_out": "C_t goes on to the next step.",
        "h_out": "h_t goes on to the next step.",
        "h_up": "h_t goes up, as the output.",
    },
    size=(520, 500),
    frame=(50, 40, 428, 404),
    places={
        **_row(118, c_prev=22, times_f=104, plus=268, c_out=498),
        **_row(168, tanh_c=440),
        **_row(192, times_i=268),
        **_row(236, times_o=440),
        **_row(262, sigmoid_f=104, sigmoid_i=186, tanh_g=268),
        "sigmoid_o": Place(372, 266),
        **_row(336, **_BOX_COLUMNS),
        **{f"b_{box[-1]}": Place(x + 41, 336) for box, x in _BOX_COLUMNS.items()},
        **_row(426, h_prev=22, h_out=498),
        "x_t": Place(86, 474),
        "h_up": Place(466, 22),
    },
    routes={
        **_buses(_BOX_COLUMNS, x_t=("M86,474 V410", 0), h_prev=("M22,426", 12)),
        **_buses(_BOX_COLUMNS, c_prev=("M68,133 V394", -12), plus=("M338,133 V380", -12)),
        ("c_prev", "times_f"): "M39,118 H104",
        ("plus", "c_out"): "M268,118 H481",
        ("sigmoid_i", "times_i"): "M186,262 V192 H268",
        ("sigmoid_o", "times_o"): "M372,266 V236 H440",
        ("plus", "box_o"): "M338,133 V336 H372",
        ("plus", "tanh_c"): "M440,133 V168",
        ("times_o", "h_out"): "M440,236 V426 H498",
        ("times_o", "h_up"): "M440,236 H466 V22",
    },
    spots={
        "x_t": Spot(108, 470),
        "h_prev": Spot(4, 458),
        "c_prev": Spot(56, 94, up=True),
        "kept": Spot(124, 94, up=True),
        "c_t": Spot(286, 94, up=True),
        "h_t": Spot(516, 458, "end"),
        "f_t": Spot(111, 176),
        "i_t": Spot(193, 210),
        "g_t": Spot(276, 218),
        "let_in": Spot(276, 150),
        "squashed": Spot(432, 196, "end"),
        "o_t": Spot(391, 253),
        **{f"z_{box[-1]}": Spot(x + 7, 292 if box == "box_o" else 289) for box, x in _BOX_COLUMNS.items()},
        **{f"b_{box[-1]}": Spot(x + 41, 366, "middle") for box, x in _BOX_COLUMNS.items()},
    },
    handles={"times_f": 0, "times_i": 90, "times_o": 90},
    water={"c_prev": (40, 91, 132, 28), "kept": (117, 252, 132, 28), "c_t": (284, 480, 132, 28)},
    always_named=("f_t", "i_t", "g_t", "o_t"),
    pipes=(("c_prev", "times_f"), ("times_f", "plus"), ("plus", "c_out")),
)

CELL = Layout(
    words="drawn around a cell",
    scene="The cell, which keeps the memory, stands in the middle, the box with b_f to its right, that with b_i at the "
    "lower left, that with b_g at the lower right, that with b_o at the upper left.",
    outputs={
        "c_out": "C_t flows back into the cell.",
        "h_out": "h_t goes to the right, to the next step.",
        "h_up": "h_t goes up, as the output.",
    },
    size=(520, 592),
    places={
        "cell": Place(230, 236, ("c_prev", "c_out"), "cell"),
        **_row(24, h_up=230),
        **_row(84, **{"x_t@box_o": 44, "h_prev@box_o": 80}, times_o=230, h_out=498),
        **_row(150, b_o=20, box_o=62, sigmoid_o=152),
        "tanh_c": Place(230, 158),
        **_row(312, times_f=318, sigmoid_f=376, box_f=436, b_f=480),
        **{"x_t@box_f": Place(490, 268), "h_prev@box_f": Place(490, 384)},
        **_row(356, plus=230),
        **_row(430, b_i=20, box_i=62, sigmoid_i=152, times_i=230, tanh_g=340),
        **_row(496, **{"x_t@box_i": 44, "h_prev@box_i": 80}),
        **_row(512, box_g=340, b_g=382),
        **_row(568, **{"x_t@box_g": 322, "h_prev@box_g": 358}),
    },
    routes={
        **{
            (f"{name}@{box}", box): f"M{x},{y} V{row}"
            for box, row, y in (("box_o", 150, 84), ("box_i", 430, 496))
            for name, x in (("x_t", 48), ("h_prev", 76))
        },
        **{(f"{name}@box_g", "box_g"): f"M{x},568 V512" for name, x in (("x_t", 326), ("h_prev", 354))},
        ("x_t@box_f", "box_f"): "M490,268 H448 V312",
        ("h_prev@box_f", "box_f"): "M490,384 H448 V312",
        ("cell", "times_f"): "M264,254 H318 V312",
        ("cell", "box_f"): "M264,218 H436 V312",
        ("cell", "box_i"): "M196,254 H62 V430",
        ("cell", "box_o"): "M196,218 H62 V150",
        ("cell", "box_g"): "M252,272 V512 H340",
        ("times_f", "plus"): "M318,312 V356 H230",
        ("sigmoid_o", "times_o"): "M152,150 V84 H230",
    },
    always_named=("c_prev", "f_t", "i_t", "g_t", "c_t", "o_t"),
    spots={
        "x_t": Spot(2, 62, up=True),
        "h_prev": Spot(77, 62, up=True),
        "c_prev": Spot(266, 268, beside=("c_prev", "times_f")),
        "kept": Spot(252, 373),
        "c_t": Spot(206, 194, "end", up=True, beside=("plus", "tanh_c")),
        "h_t": Spot(300, 78, up=True),
        "f_t": Spot(350, 305, "middle", up=True),
        "i_t": Spot(170, 448),
        "g_t": Spot(256, 448),
        "let_in": Spot(222, 386, "end"),
        "squashed": Spot(238, 113),
        "o_t": Spot(160, 78, up=True),
        "z_f": Spot(402, 289, "middle", up=True),
        "z_i": Spot(109, 414, "middle", up=True),
        "z_g": Spot(348, 459),
        "z_o": Spot(110, 136, "middle", up=True),
        "b_f": Spot(484, 342, "middle"),
        "b_i": Spot(2, 412, up=True),
        "b_g": Spot(400, 516),
        "b_o": Spot(2, 178),
    },
    more_symbols=(
        ("c_prev", Spot(340, 212, beside=("c_prev", "box_f"))),
        ("c_prev", Spot(120, 270, beside=("c_prev", "box_i"))),
        ("c_t", Spot(120, 212, beside=("plus", "box_o"))),
        ("c_t", Spot(238, 322, beside=("plus", "c_out"))),
    ),
    order_offsets={"box_o": (-20, 17)},
    handles={"times_f": 90, "times_i": 90, "times_o": 90},
    water={"c_prev": (200, 228, 266, 44), "c_t": (232, 260, 266, 44)},
    signal_starts={"plus": "cell"},
)

_GATES = {"f": (260, 384), "i": (150, 110), "g": (60, 230), "o": (420, 110)}
_INPUTS = {"f": (344, 362, 344, 408), "i": (104, 44, 150, 34), "g": (22, 160, 66, 152), "o": (420, 34, 466, 44)}

OLDER = Layout(
    words="drawn as in the older diagram",
    scene="The cell, which keeps the memory, stands in the middle. Circles stand for whole networks: g_t on the left, "
    "i_t at the upper left, o_t at the upper right, f_t below. Old memory is dashed, all else solid.",
    outputs={"c_out": "", "h_out": "h_t goes out on the right.", "h_up": ""},
    size=(520, 430),
    places={
        **{
            net: Place(*_GATES[net], (f"box_{net}", f"{kind}_{net}", f"b_{net}"), "gate")
            for net, kind in (("f", "sigmoid"), ("i", "sigmoid"), ("g", "tanh"), ("o", "sigmoid"))
        },
        **{f"x_t@box_{net}": Place(x, y) for net, (x, y, _, _) in _INPUTS.items()},
        **{f"h_prev@box_{net}": Place(x, y) for net, (_, _, x, y) in _INPUTS.items()},
        "cell": Place(260, 230, ("c_prev", "plus", "c_out"), "cell"),
        **_row(230, times_i=150, tanh_c=346, times_o=420),
        "h_out": Place(498, 230, ("h_out", "h_up")),
        **_row(308, times_f=260),
    },
    routes={
        ("cell", "times_f"): "M294,250 H318 V308 H260",
        ("cell", "f"): "M226,250 H204 V384 H260",
        ("cell", "g"): "M226,240 H188 V292 H60 V230",
    },
    spots={},
    order_offsets={"box_f": (-18, -22), "box_i": (24, -14), "box_g": (-22, 18), "box_o": (-24, -14), "plus": (-34, 36)},
    dashed=("c_prev",),
)

LAYOUTS = {"pipe": PIPE, "cell": CELL, "older": OLDER}
"""The styles by name."""
