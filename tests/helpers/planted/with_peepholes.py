"""An LSTM with peepholes, in tensors, with Graves's letters (2013): weights that are multiplied from the right."""

import torch

NAMES = {
    **{f"Wx{net}": f"W.T {ours}" for net, ours in zip("ifco", "ifgo")},
    **{f"Wh{net}": f"R.T {ours}" for net, ours in zip("ifco", "ifgo")},
    **{f"b{net}": f"b {ours}" for net, ours in zip("ifco", "ifgo")},
    "wci": "P i",
    "wcf": "P f",
    "wco": "P o",
}


def forward(w, x, h0, c0):
    h, c = h0, c0
    signals = []
    for x_t in x:
        i = torch.sigmoid(x_t @ w["Wxi"] + h @ w["Whi"] + c * w["wci"] + w["bi"])
        f = torch.sigmoid(x_t @ w["Wxf"] + h @ w["Whf"] + c * w["wcf"] + w["bf"])
        g = torch.tanh(x_t @ w["Wxc"] + h @ w["Whc"] + w["bc"])
        c = f * c + i * g
        o = torch.sigmoid(x_t @ w["Wxo"] + h @ w["Who"] + c * w["wco"] + w["bo"])
        h = o * torch.tanh(c)
        signals.append((i, f, g, c, o, h))
    return {name: torch.stack(each) for name, each in zip(("i_t", "f_t", "g_t", "c_t", "o_t", "h_t"), zip(*signals))}
