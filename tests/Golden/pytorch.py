"""Records what PyTorch makes of three small models: python3 pytorch.py > pytorch.json

Weights and inputs come from a formula, so that both sides have them without a file. Vectors of parameters are in the order
of our layouts: layer by layer, [height, width, inputs, outputs] and then the bias.
"""
import json
import math
import sys

import torch
from torch import nn

torch.set_num_threads(1)


def formula(n, shift):
    return torch.tensor([math.sin(0.7 * i + shift + 0.001 * i * i) for i in range(n)], dtype=torch.float64).float()


class Tcn(nn.Module):
    """[4, 20], dilations 1 and 2, two convolutions a block, 3 classes."""

    def __init__(self, width):
        super().__init__()
        self.layers = nn.ModuleList()
        for inputs in (4, width):
            self.layers += [nn.Conv1d(inputs, width, 3), nn.Conv1d(width, width, 3)] + ([nn.Conv1d(4, width, 1)] if inputs == 4 else [])
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        def causal(layer, x, dilation):
            return nn.functional.conv1d(nn.functional.pad(x, (2 * dilation, 0)), layer.weight, layer.bias, dilation=dilation)

        a, b, skip, c, d = self.layers
        x = torch.relu(causal(b, torch.relu(causal(a, x, 1)), 1) + skip(x))
        x = torch.relu(causal(d, torch.relu(causal(c, x, 2)), 2) + x)
        return self.head(x.mean(dim=2))

    def ordered(self):
        return [*self.layers, self.head]


class Micro(nn.Module):
    """The microcontroller's autoencoder on [3, 8, 8]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([
            nn.Conv2d(3, 3, 3, padding=1, groups=3), nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 8, 1),
            nn.ConvTranspose2d(8, 8, 2, 2), nn.ConvTranspose2d(8, 3, 2, 2)])

    def forward(self, x):
        a, b, c, d, e, f = self.layers
        x = nn.functional.max_pool2d(torch.relu(b(a(x))), 2)
        x = nn.functional.max_pool2d(torch.relu(d(c(x))), 2)
        return torch.sigmoid(f(torch.relu(e(x))))

    def ordered(self):
        return list(self.layers)


def order(layer):
    """The axes of a layer's weight as our layouts have them, and back."""
    if isinstance(layer, nn.Linear):
        return (1, 0)
    if isinstance(layer, nn.Conv1d):
        return (2, 1, 0)
    if isinstance(layer, nn.ConvTranspose2d):
        return (2, 3, 0, 1)
    return (2, 3, 1, 0)


def flat(model, of):
    return torch.cat([part for layer in model.ordered() for part in (of(layer.weight).permute(order(layer)).reshape(-1), of(layer.bias))])


def load(model, vector):
    at = 0
    for layer in model.ordered():
        axes = order(layer)
        shape = [layer.weight.shape[axis] for axis in axes]
        n = layer.weight.numel()
        back = [axes.index(axis) for axis in range(len(axes))]
        layer.weight.data = vector[at:at + n].reshape(shape).permute(back).contiguous()
        layer.bias.data = vector[at + n:at + n + layer.bias.numel()].clone()
        at += n + layer.bias.numel()


def record(model, x, target, loss):
    parameters = sum(p.numel() for p in model.parameters())
    start = 0.3 * formula(parameters, 0.5)

    def step(optimiser):
        optimiser.zero_grad()
        value = loss(model(x), target)
        value.backward()
        optimiser.step()
        return value.item()

    load(model, start)
    answer = {"output": model(x).reshape(-1).tolist()}
    answer["loss"] = step(torch.optim.SGD(model.parameters(), lr=0.0))
    answer["gradient"] = flat(model, lambda p: p.grad).tolist()
    for name, make, steps in (("sgd", lambda: torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9), 5),
                              ("adam", lambda: torch.optim.Adam(model.parameters(), lr=0.01), 20),
                              ("adamw", lambda: torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1), 20)):
        load(model, start)
        optimiser = make()
        for _ in range(steps):
            step(optimiser)
        answer[name] = flat(model, lambda p: p.detach()).tolist()
    return answer


signals = formula(4 * 4 * 20, 0.1).reshape(4, 4, 20)
images = (0.5 + 0.5 * formula(4 * 3 * 8 * 8, 0.2)).reshape(4, 3, 8, 8)
json.dump({
    "pytorch": torch.__version__,
    "tcn": record(Tcn(8), signals, torch.tensor([0, 1, 2, 0]), nn.CrossEntropyLoss()),
    "wide tcn": record(Tcn(16), signals, torch.tensor([0, 1, 2, 0]), nn.CrossEntropyLoss()),
    "micro": record(Micro(), images, images, nn.MSELoss()),
}, sys.stdout)
