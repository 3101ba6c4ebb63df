"""The ratios as a picture: a row for each peer, a panel for each size, a logarithmic axis."""

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from benchmarks.measure import SIZES, ratio
from benchmarks.peers import PEERS, REFERENCE
from lstm_ref.svg import INK, SERIES, drawn, number

TICKS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@drawn
def ratios(times):
    """Draw a dot for forward and backward and a ring for forward; `times` by size, as of `measure.times`."""
    rows = [peer for peer in PEERS if peer != REFERENCE]
    fig = Figure(figsize=(11, 0.27 * len(rows) + 1.3))
    panels = fig.subplots(1, len(times), sharey=True, squeeze=False)[0]
    for ax, (name, found) in zip(panels, times.items()):
        ax.axvline(1, color=INK.light, linewidth=1)
        for y, peer in enumerate(rows):
            colour = SERIES[_group(peer)].colour.light
            for which, fill in (("forward", "none"), ("both", colour)):
                if peer in found[which]:
                    ax.plot(ratio(found[which], peer), y, "o", color=colour, markerfacecolor=fill)
        ax.set(xscale="log", title=f"{name}: " + ", ".join(map(str, SIZES[name])))
        low, high = ax.get_xlim()
        shown = [tick for tick in TICKS if low <= tick <= high]
        ax.xaxis.set_major_locator(FixedLocator(shown))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(lambda value, _: number(value))
    first = panels[0]
    first.set_yticks(range(len(rows)), [f"{family}, {peephole}" for family, peephole in rows])
    first.invert_yaxis()
    fig.supxlabel("times as long as torch.nn.LSTM; dot: forward and backward, ring: forward", fontsize=11.5)
    return fig, "Time of each implementation beside torch.nn.LSTM"


def _group(peer):
    """Return the place in SERIES of what a peer belongs to: others, arrays and the function, the layer."""
    return {"unroll": 1, "function": 1, "layer": 2}.get(peer[0].split(",")[0], 0)
