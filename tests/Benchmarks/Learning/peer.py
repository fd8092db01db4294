"""PyTorch on the same work as LearningMeasures.cs, one thread: prints rates as JSON. A peer to measure, never a dependency."""
import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
WARM_UP, SPAN = 0.4, 1.0


class Block(nn.Module):
    def __init__(self, inputs, width, kernel, dilation):
        super().__init__()
        self.pad = (kernel - 1) * dilation
        self.first = nn.Conv1d(inputs, width, kernel, dilation=dilation)
        self.second = nn.Conv1d(width, width, kernel, dilation=dilation)
        self.skip = nn.Conv1d(inputs, width, 1) if inputs != width else nn.Identity()

    def forward(self, x):
        y = torch.relu(self.first(nn.functional.pad(x, (self.pad, 0))))
        y = self.second(nn.functional.pad(y, (self.pad, 0)))
        return torch.relu(y + self.skip(x))


class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*[Block(9 if i == 0 else 32, 32, 3, 2**i) for i in range(4)])
        self.head = nn.Linear(32, 6)

    def forward(self, x):
        return self.head(self.blocks(x).mean(dim=2))


def model_b():
    down = [nn.Conv2d(a, b, 3, 2, 1) for a, b in ((3, 16), (16, 32), (32, 64))]
    up = [nn.ConvTranspose2d(a, b, 3, 2, 1, 1) for a, b in ((64, 32), (32, 16), (16, 3))]
    layers = []
    for layer in down + up[:2]:
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers, up[2], nn.Sigmoid())


def model_c():
    return nn.Sequential(
        nn.Conv2d(3, 3, 3, padding=1, groups=3), nn.Conv2d(3, 8, 1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 8, 1), nn.ReLU(), nn.MaxPool2d(2),
        nn.ConvTranspose2d(8, 8, 2, 2), nn.ReLU(), nn.ConvTranspose2d(8, 3, 2, 2), nn.Sigmoid())


def rate(work):
    calls, started = 0, time.perf_counter()
    while time.perf_counter() - started < WARM_UP:
        work()
        calls += 1
    calls, started = 0, time.perf_counter()
    while time.perf_counter() - started < SPAN:
        work()
        calls += 1
    return calls / (time.perf_counter() - started)


def train(model, x, target, loss):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.001)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss(model(x), target).backward()
        optimiser.step()

    return x.shape[0] * rate(step)


def client_rounds():
    model = A()
    clients = [torch.cat([p.detach().reshape(-1) for p in A().parameters()]) for _ in range(32)]
    batches = [(torch.randn(10, 9, 128), torch.arange(10) % 6) for _ in range(5)]
    loss = nn.CrossEntropyLoss()
    state = [0]

    def round_of_one():
        client = state[0] % 32
        state[0] += 1
        nn.utils.vector_to_parameters(clients[client], model.parameters())
        optimiser = torch.optim.SGD(model.parameters(), lr=0.001)
        for x, target in batches:
            optimiser.zero_grad(set_to_none=True)
            loss(model(x), target).backward()
            optimiser.step()
        clients[client] = nn.utils.parameters_to_vector(model.parameters()).detach().clone()

    return rate(round_of_one)


def infer(batch):
    model, x = A().eval(), torch.randn(batch, 9, 128)
    with torch.inference_mode():
        return batch * rate(lambda: model(x))


if __name__ == "__main__":
    rates = {"version": torch.__version__}
    for size in (10, 32, 128):
        rates[f"A train {size}"] = train(A(), torch.randn(size, 9, 128), torch.arange(size) % 6, nn.CrossEntropyLoss())
    images = torch.randn(16, 3, 64, 64)
    rates["B train 16"] = train(model_b(), images, images, nn.MSELoss())
    images = torch.randn(16, 3, 32, 32)
    rates["C train 16"] = train(model_c(), images, images, nn.MSELoss())
    rates["A client round"] = client_rounds()
    for size in (1, 32):
        rates[f"A infer {size}"] = infer(size)
    json.dump(rates, sys.stdout)
