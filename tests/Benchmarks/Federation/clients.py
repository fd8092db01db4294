"""PyTorch on the same work as FederationMeasures.ClientLoop: argument = clients; one thread; prints seconds. A peer to measure, never a dependency."""
import sys
import time
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "Learning"))
from peer import A  # noqa: E402, the same model as there

clients = int(sys.argv[1])
model, loss = A(), nn.CrossEntropyLoss()
basis = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
batches = [(torch.randn(10, 9, 128), torch.arange(10) % 6) for _ in range(5)]


def one_round(count):
    total = torch.zeros_like(basis)
    for _ in range(count):
        nn.utils.vector_to_parameters(basis, model.parameters())
        optimiser = torch.optim.SGD(model.parameters(), lr=0.001)
        for x, target in batches:
            optimiser.zero_grad(set_to_none=True)
            loss(model(x), target).backward()
            optimiser.step()
        total += 50 * (nn.utils.parameters_to_vector(model.parameters()).detach() - basis)
    return basis + total / (50 * count)


one_round(10)
started = time.perf_counter()
one_round(clients)
print(time.perf_counter() - started)
