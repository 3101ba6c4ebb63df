"""An LSTM as a module of PyTorch: two linear layers, whose outputs are cut into four."""

import torch
from torch import nn

NAMES = {"x2h.weight": "W ifgo", "x2h.bias": "b ifgo", "h2h.weight": "R ifgo", "h2h.bias": "b ifgo"}


class Lstm(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size)

    def forward(self, x, state):
        h, c = state[0][0], state[1][0]
        outputs = []
        for x_t in x:
            gates = self.x2h(x_t) + self.h2h(h)
            i, f, g, o = gates.chunk(4, dim=1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs), (h[None], c[None])


def make():
    return Lstm(4, 3).double()
