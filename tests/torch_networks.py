"""Every layer and loss of the network language in torch, from its own functions and the papers' formulas."""

import numpy as np
import torch
from torch.nn import functional as F

from gradcheck.network import attention, dense, norms, recurrent, windows

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.01),
    "softplus": F.softplus,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
}


def softmax_cross_entropy(out, y, smoothing):
    smooth = (1 - smoothing) * y + smoothing / out.shape[-1]
    return -torch.sum(smooth * F.log_softmax(out, dim=-1))


def gaussian(out, y, _):
    mean, log_variance = torch.chunk(out, 2, dim=-1)
    return F.gaussian_nll_loss(mean, y, torch.exp(log_variance), reduction="sum")


def contrastive(out, y, margin):
    first, second = torch.chunk(out, 2, dim=-1)
    distance = torch.linalg.vector_norm(first - second, dim=-1)
    return torch.sum(y[..., 0] * distance**2 + (1 - y[..., 0]) * F.relu(margin - distance) ** 2) / 2


# Loss of one sample: (outputs, targets, setting).
LOSSES = {
    "half_square": lambda out, y, _: F.mse_loss(out, y, reduction="sum") / 2,
    "mean_square": lambda out, y, _: F.mse_loss(out, y),
    "binary_cross_entropy": lambda out, y, _: F.binary_cross_entropy_with_logits(out, y, reduction="sum"),
    "softmax_cross_entropy": softmax_cross_entropy,
    "output": lambda out, y, _: out.sum(),
    "huber": lambda out, y, width: F.huber_loss(out, y, reduction="sum", delta=width),
    "hinge": lambda out, y, _: F.relu(1 - y * out).sum(),
    "gaussian": gaussian,
    "poisson": lambda out, y, _: F.poisson_nll_loss(out, y, reduction="sum"),
    "cosine": lambda out, y, _: torch.sum(1 - F.cosine_similarity(out, y, dim=-1, eps=1e-300)),
    "contrastive": contrastive,
}
SETTINGS = {"huber": 1.0, "softmax_cross_entropy": 0.0, "contrastive": 1.0}


def value_and_gradient(network, point):
    """(loss, gradient by name) in float64."""
    params = {name: torch.tensor(np.array(array), requires_grad=True) for name, array in point.params.items()}
    total = loss(params, network, torch.tensor(np.array(point.inputs)), torch.tensor(np.array(point.targets)))
    total.backward()
    none = {name: torch.zeros_like(array) for name, array in params.items() if array.grad is None}
    return total.item(), {name: (none.get(name, array.grad)).numpy() for name, array in params.items()}


def loss(params, network, inputs, targets):
    """The loss of a batch."""
    out = forward(params, network, inputs)
    setting = SETTINGS.get(network.loss, 0.0) if network.setting is None else network.setting
    losses = torch.stack([LOSSES[network.loss](one, y, setting) for one, y in zip(out, targets, strict=True)])
    total = losses.mean() if network.reduction == "mean" else losses.sum()
    weights = [array for name, array in params.items() if name[0] not in "bg"]
    return total + sum(network.l1 * w.abs().sum() + network.l2 / 2 * (w**2).sum() for w in weights)


def forward(params, network, x):
    """The outputs of a batch."""
    for tied, of in network.ties:
        params = {**params, tied: params[of.removesuffix(".T")].T if of.endswith(".T") else params[of]}
    return through(params, network.layers, x, 1)[0]


def through(params, layers, x, number):
    """(what leaves the layers, the next free number)."""
    for layer in layers:
        if isinstance(layer, attention.Residual):
            inside, number = through(params, layer.layers, x, number + 1)
            x = x + inside
            continue
        own = {
            name.rstrip("0123456789"): a for name, a in params.items() if name.lstrip("WUPbgEifoqkvrun") == str(number)
        }
        x = LAYERS[type(layer)](layer, own, x)
        number += 1
    return x, number


def rnn(layer, p, x):
    h, states = zeros(x, layer.units), []
    for now in x.unbind(1):
        h = ACTIVATIONS[layer.activation](F.linear(now, p["W"], p["b"]) + F.linear(h, p["U"]))
        states.append(h)
    return torch.stack(states, 1)


def lstm(layer, p, x):
    h = c = zeros(x, layer.units)
    states = []
    for now in x.unbind(1):
        z = {gate: F.linear(now, p[f"W{gate}"], p[f"b{gate}"]) + F.linear(h, p[f"U{gate}"]) for gate in layer.gates}
        f = torch.sigmoid(z["f"] + p.get("Pf", 0.0) * c)
        i = 1 - f if layer.coupled else torch.sigmoid(z["i"] + p.get("Pi", 0.0) * c)
        c = f * c + i * torch.tanh(z["g"])
        h = torch.sigmoid(z["o"] + p.get("Po", 0.0) * c) * torch.tanh(c)
        states.append(h)
    return torch.stack(states, 1)


def gru(layer, p, x):
    h, states = zeros(x, layer.units), []
    for now in x.unbind(1):
        r, u = (torch.sigmoid(F.linear(now, p[f"W{g}"], p[f"b{g}"]) + F.linear(h, p[f"U{g}"])) for g in "ru")
        n = torch.tanh(F.linear(now, p["Wn"], p["bn"]) + F.linear(r * h, p["Un"]))
        h = u * h + (1 - u) * n
        states.append(h)
    return torch.stack(states, 1)


def zeros(x, units):
    return x.new_zeros(x.shape[0], units)


def conv(layer, p, x):
    rule = F.conv1d if len(layer.size) == 1 else F.conv2d
    bias = p["b"].expand(layer.channels) if "b" in p else None
    z = rule(x, p["W"], bias, layer.stride, layer.padding, layer.dilation)
    return ACTIVATIONS[layer.activation](z)


def pool(rules):
    return lambda layer, p, x: rules[len(layer.size) - 1](x, layer.size, layer.stride or layer.size[0])


def attend(layer, p, x):
    samples, steps, features = x.shape
    q, k, v = (F.linear(x, p[f"W{role}"]).reshape(samples, steps, layer.heads, -1).transpose(1, 2) for role in "qkv")
    context = F.scaled_dot_product_attention(q, k, v, is_causal=layer.causal)
    return F.linear(context.transpose(1, 2).reshape(samples, steps, features), p["Wo"])


LAYERS = {
    dense.Dense: lambda layer, p, x: ACTIVATIONS[layer.activation](F.linear(x, p["W"]) + p.get("b", 0.0)),
    dense.Activation: lambda layer, p, x: ACTIVATIONS[layer.activation](x),
    dense.Embedding: lambda layer, p, x: F.embedding(x.long(), p["E"]),
    dense.Dropout: lambda layer, p, x: x * torch.tensor(layer.mask).reshape(x.shape[1:]) / layer.keep,
    dense.Flatten: lambda layer, p, x: x.flatten(1),
    dense.Last: lambda layer, p, x: x[:, -1],
    recurrent.Recurrent: rnn,
    recurrent.LSTM: lstm,
    recurrent.GRU: gru,
    windows.Conv: conv,
    windows.MaxPool: pool([F.max_pool1d, F.max_pool2d]),
    windows.AveragePool: pool([F.avg_pool1d, F.avg_pool2d]),
    norms.BatchNorm: lambda layer, p, x: F.batch_norm(x, None, None, p["g"], p["b"], training=True, eps=layer.epsilon),
    norms.LayerNorm: lambda layer, p, x: F.layer_norm(x, x.shape[-1:], p["g"], p["b"], layer.epsilon),
    norms.RMSNorm: lambda layer, p, x: F.rms_norm(x, x.shape[-1:], p["g"], layer.epsilon),
    attention.Attention: attend,
}
