"""Loss and gradient of six models by our engine, against NumPy written by hand and against torch, jax and autograd.

usage: python tests/benchmarks/bench_engine.py [--models mlp221,mlp32,mlp784,lstm,conv,attention] [--skip jax,torch]
           [--rounds 25] [--seed 0]

Every engine runs in this process on one thread, in float64, in turn; the figure is the median over the rounds of its
CPU time by that of the hand-written code in the same round. All gradients are compared before anything is timed. "ours"
is recorded once and replayed; "ours, held" the same where the caller keeps the last gradient, and the next needs
memory of its own. Memory is the peak that tracemalloc sees during the second run, with all that is kept for it. Exit
code 1 where a claim fails.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import argparse  # noqa: E402
import gc  # noqa: E402
import math  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import tracemalloc  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from itertools import pairwise  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from gradcheck.backprop import arrays as xp  # noqa: E402
from gradcheck.backprop.recording import record  # noqa: E402
from gradcheck.backprop.transforms import value_and_gradient  # noqa: E402

# The claims of issue 5: CPU time by that of the hand-written NumPy.
CLAIMS = {"mlp221": 1.0, "mlp32": 1.0, "mlp784": 1.0, "lstm": 1.15, "conv": 1.15, "attention": 1.15}
# Peak memory by that of the hand-written code. A plan's own objects are no arrays: about 1,500 bytes a line, here
# some 30 lines; the LSTM, which has 1,800, is not let off more.
MEMORY_CLAIM, OBJECTS = 2.0, 50_000
# Gradients are sums of thousands of doubles in another order.
SAME = 1e-9
# One sample lasts about so many seconds: far above the clock's 1 us, and short, so that neighbours share their weather.
SAMPLE = 0.005

Loss = Callable[[list[Any]], Any]
Runner = Callable[[], tuple[Any, list[Any]]]


def ours(loss: Loss, params: list[Any]) -> Runner:
    run = record(lambda p: value_and_gradient(lambda q: loss(q), (p,)))

    def once() -> tuple[Any, list[Any]]:
        value, (gradient,) = run(params)
        return value, gradient

    return once


def held(runner: Runner) -> Runner:
    """The same where the last answer is still there when the next one is made."""
    last: list[Any] = []

    def once() -> tuple[Any, list[Any]]:
        answer = runner()
        last[:] = [answer]
        return answer

    return once


def by_autograd(loss: Loss, params: list[Any]) -> Runner:
    from autograd import value_and_grad

    function = value_and_grad(loss)
    return lambda: function(params)


def by_jax(loss: Loss, params: list[Any]) -> Runner:
    import jax

    function, there = jax.jit(jax.value_and_grad(loss)), [jax.numpy.asarray(p) for p in params]
    return lambda: jax.block_until_ready(function(there))


def by_torch(loss: Loss, params: list[Any]) -> Runner:
    import torch

    torch.set_num_threads(1)
    there = [torch.tensor(p, requires_grad=True) for p in params]

    def once() -> tuple[Any, list[Any]]:
        for p in there:
            p.grad = None
        value = loss(there)
        value.backward()
        return value, [p.grad for p in there]

    return once


def sig(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def mlp(widths: tuple[int, ...], batch: int, kind: str, loss: str, seed: int) -> dict[str, Callable[[], Runner]]:
    """Dense layers; `kind` on all layers but the last, sigmoid on the last too."""
    random = np.random.default_rng(seed)
    params: list[Any] = []
    for a, b in pairwise(widths):
        params += [random.standard_normal((a, b)) / math.sqrt(a), 0.1 * random.standard_normal(b)]
    x = random.standard_normal((batch, widths[0]))
    labels, rows = random.integers(0, widths[-1], batch), np.arange(batch)
    y, depth, squashed = random.standard_normal((batch, widths[-1])), len(params) // 2, kind == "sigmoid"
    activation = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0), "sigmoid": sig}[kind]
    slope = {"tanh": lambda a: 1.0 - a * a, "relu": lambda a: a > 0, "sigmoid": lambda a: a * (1.0 - a)}[kind]

    def by_hand() -> tuple[Any, list[Any]]:
        layers, a = [x], x
        for k in range(depth):
            a = a @ params[2 * k]
            a += params[2 * k + 1]
            if k < depth - 1 or squashed:
                a = activation(a)
            layers.append(a)
        if loss == "cross_entropy":
            z = a - a.max(1, keepdims=True)
            p = np.exp(z)
            s = p.sum(1, keepdims=True)
            value = float((np.log(s[:, 0]) - z[rows, labels]).mean())
            d = p / s
            d[rows, labels] -= 1.0
            d /= batch
        else:
            d = a - y
            value = 0.5 * float((d * d).sum()) / d.size
            d = d / d.size
        d = d * slope(a) if squashed else d
        gradient: list[Any] = [None] * (2 * depth)
        for k in range(depth - 1, -1, -1):
            gradient[2 * k], gradient[2 * k + 1] = layers[k].T @ d, d.sum(0)
            if k:
                d = d @ params[2 * k].T
                d *= slope(layers[k])
        return value, gradient

    def model(np_: Any, act: Any, cross_entropy: Any, x: Any = x, y: Any = y) -> Loss:
        def function(p: list[Any]) -> Any:
            h = x
            for k in range(depth):
                h = h @ p[2 * k] + p[2 * k + 1]
                h = act(h) if k < depth - 1 or squashed else h
            return cross_entropy(h) if loss == "cross_entropy" else 0.5 * ((h - y) ** 2).sum() / (batch * widths[-1])

        return function

    def torch_model() -> Runner:
        import torch

        act = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}[kind]
        at = torch.tensor(labels)
        cross = lambda h: torch.nn.functional.cross_entropy(h, at)  # noqa: E731
        return by_torch(model(torch, act, cross, torch.tensor(x), torch.tensor(y)), params)

    def jax_model() -> Runner:
        import jax

        act = {"tanh": jax.numpy.tanh, "relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}[kind]
        cross = lambda h: (jax.nn.logsumexp(h, 1) - h[rows, labels]).mean()  # noqa: E731
        return by_jax(model(jax.numpy, act, cross), params)

    def autograd_model() -> Runner:
        import autograd.numpy as anp
        from autograd.scipy.special import logsumexp

        one = {"tanh": anp.tanh, "relu": lambda z: anp.maximum(z, 0.0), "sigmoid": lambda z: 1 / (1 + anp.exp(-z))}
        return by_autograd(model(anp, one[kind], lambda h: anp.mean(logsumexp(h, axis=1) - h[rows, labels])), params)

    mine = {"tanh": np.tanh, "relu": xp.relu, "sigmoid": xp.sigmoid}[kind]
    cross = lambda h: (xp.logsumexp(h, 1) - h[rows, labels]).mean()  # noqa: E731
    return {
        "numpy": lambda: by_hand,
        "ours": lambda: ours(model(np, mine, cross), params),
        "torch": torch_model,
        "jax": jax_model,
        "autograd": autograd_model,
    }


def lstm(seed: int, steps: int = 32, units: int = 64, batch: int = 16, inputs: int = 32) -> dict[str, Any]:
    """One layer, gates in the order input, forget, update, output; half the mean square of the last state."""
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((steps, batch, inputs)), random.standard_normal((batch, units))
    Wx = random.standard_normal((inputs, 4 * units)) / math.sqrt(inputs)
    Wh = random.standard_normal((units, 4 * units)) / math.sqrt(units)
    params, H = [Wx, Wh, 0.1 * random.standard_normal(4 * units)], units
    b = params[2]

    def by_hand() -> tuple[Any, list[Any]]:
        zx = (x.reshape(-1, inputs) @ Wx).reshape(steps, batch, 4 * H) + b
        G = np.empty((steps, batch, 4 * H))
        hs, cs = np.zeros((steps + 1, batch, H)), np.zeros((steps + 1, batch, H))
        tc = np.empty((steps, batch, H))
        for t in range(steps):
            z, g = zx[t] + hs[t] @ Wh, G[t]
            g[:, : 2 * H] = sig(z[:, : 2 * H])
            g[:, 2 * H : 3 * H] = np.tanh(z[:, 2 * H : 3 * H])
            g[:, 3 * H :] = sig(z[:, 3 * H :])
            np.multiply(g[:, H : 2 * H], cs[t], out=cs[t + 1])
            cs[t + 1] += g[:, :H] * g[:, 2 * H : 3 * H]
            np.tanh(cs[t + 1], out=tc[t])
            np.multiply(g[:, 3 * H :], tc[t], out=hs[t + 1])
        e = hs[steps] - y
        value = 0.5 * float((e * e).sum()) / e.size
        dz = np.empty((steps, batch, 4 * H))
        dh, dc = e / e.size, np.zeros((batch, H))
        WhT = np.ascontiguousarray(Wh.T)
        for t in range(steps - 1, -1, -1):
            i, f, u, o = (G[t][:, k * H : (k + 1) * H] for k in range(4))
            dc += dh * o * (1 - tc[t] ** 2)
            q = dz[t]
            q[:, :H] = dc * u * i * (1 - i)
            q[:, H : 2 * H] = dc * cs[t] * f * (1 - f)
            q[:, 2 * H : 3 * H] = dc * i * (1 - u * u)
            q[:, 3 * H :] = dh * tc[t] * o * (1 - o)
            dc *= f
            dh = q @ WhT
        flat = dz.reshape(-1, 4 * H)
        return value, [x.reshape(-1, inputs).T @ flat, hs[:steps].reshape(-1, H).T @ flat, flat.sum(0)]

    def model(np_: Any, sigmoid: Any) -> Loss:
        def function(p: list[Any]) -> Any:
            zx = np_.reshape(x.reshape(-1, inputs) @ p[0] + p[2], (steps, batch, 4 * H))
            h = c = np.zeros((batch, H))
            for t in range(steps):
                z = zx[t] + h @ p[1]
                i, f, u, o = (z[:, k * H : (k + 1) * H] for k in range(4))
                c = sigmoid(f) * c + sigmoid(i) * np_.tanh(u)
                h = sigmoid(o) * np_.tanh(c)
            return 0.5 * np_.mean((h - y) ** 2)

        return function

    def torch_model() -> Runner:
        import torch

        there, target = torch.tensor(x), torch.tensor(y)

        def function(p: list[Any]) -> Any:
            zx = there @ p[0] + p[2]
            h = c = torch.zeros(batch, H, dtype=torch.float64)
            for t in range(steps):
                i, f, u, o = (zx[t] + h @ p[1]).chunk(4, 1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(u)
                h = torch.sigmoid(o) * torch.tanh(c)
            return 0.5 * ((h - target) ** 2).mean()

        return by_torch(function, params)

    def torch_fused() -> Runner:
        import torch

        torch.set_num_threads(1)
        layer, there, target = torch.nn.LSTM(inputs, H).double(), torch.tensor(x), torch.tensor(y)
        with torch.no_grad():
            layer.weight_ih_l0.copy_(torch.tensor(Wx.T)), layer.weight_hh_l0.copy_(torch.tensor(Wh.T))
            layer.bias_ih_l0.copy_(torch.tensor(b)), layer.bias_hh_l0.zero_()

        def once() -> tuple[Any, list[Any]]:
            layer.zero_grad(set_to_none=True)
            value = 0.5 * ((layer(there)[0][-1] - target) ** 2).mean()
            value.backward()
            return value, [layer.weight_ih_l0.grad.T, layer.weight_hh_l0.grad.T, layer.bias_ih_l0.grad]

        return once

    def jax_model() -> Runner:
        import jax
        import jax.numpy as jnp

        def function(p: list[Any]) -> Any:
            def cell(state: Any, z: Any) -> Any:
                h, c = state
                z = z + h @ p[1]
                i, f, u, o = (z[:, k * H : (k + 1) * H] for k in range(4))
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(u)
                return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

            start = (jnp.zeros((batch, H)), jnp.zeros((batch, H)))
            (h, _), _ = jax.lax.scan(cell, start, x @ p[0] + p[2])
            return 0.5 * ((h - y) ** 2).mean()

        return by_jax(function, params)

    def autograd_model() -> Runner:
        import autograd.numpy as anp

        return by_autograd(model(anp, lambda z: 1 / (1 + anp.exp(-z))), params)

    return {
        "numpy": lambda: by_hand,
        "ours": lambda: ours(model(np, xp.sigmoid), params),
        "torch": torch_model,
        "torch fused": torch_fused,
        "jax": jax_model,
        "autograd": autograd_model,
    }


def conv(seed: int, samples: int = 8, channels: int = 3, size: int = 32, outputs: int = 16) -> dict[str, Any]:
    """A 3×3 convolution of the same size, relu, half the mean square; gradients of input, kernel and bias."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((samples, channels, size, size))
    W, b = (
        random.standard_normal((outputs, channels, 3, 3)) / math.sqrt(9 * channels),
        0.1 * random.standard_normal(outputs),
    )
    params, S, count = [x, W, b], size, samples * outputs * size * size

    def by_hand() -> tuple[Any, list[Any]]:
        padded = np.zeros((channels, samples, S + 2, S + 2))
        padded[:, :, 1:-1, 1:-1] = x.transpose(1, 0, 2, 3)
        columns = np.empty((channels, 3, 3, samples, S, S))
        for i in range(3):
            for j in range(3):
                columns[:, i, j] = padded[:, :, i : i + S, j : j + S]
        K, W2 = columns.reshape(channels * 9, -1), W.reshape(outputs, -1)
        o = W2 @ K
        o += b[:, None]
        np.maximum(o, 0.0, out=o)
        value = 0.5 * float(np.vdot(o, o)) / count
        o /= count  # relu: its bar is o / count, already zero where it is off
        dW, db = (o @ K.T).reshape(W.shape), o.sum(1)
        dc = (W2.T @ o).reshape(channels, 3, 3, samples, S, S)
        dx = np.zeros((channels, samples, S + 2, S + 2))
        for i in range(3):
            for j in range(3):
                dx[:, :, i : i + S, j : j + S] += dc[:, i, j]
        return value, [dx[:, :, 1:-1, 1:-1].transpose(1, 0, 2, 3), dW, db]

    def loss(p: list[Any]) -> Any:
        out = xp.convolve(p[0], p[1], padding=1) + p[2].reshape(1, outputs, 1, 1)
        return 0.5 * np.mean(np.square(xp.relu(out)))

    def torch_model() -> Runner:
        import torch

        convolve = torch.nn.functional.conv2d
        return by_torch(lambda p: 0.5 * (torch.relu(convolve(p[0], p[1], p[2], padding=1)) ** 2).mean(), params)

    def jax_model() -> Runner:
        import jax

        def function(p: list[Any]) -> Any:
            out = jax.lax.conv(p[0], p[1], (1, 1), "SAME") + p[2][:, None, None]
            return 0.5 * (jax.numpy.maximum(out, 0.0) ** 2).mean()

        return by_jax(function, params)

    def autograd_model() -> Runner:
        import autograd.numpy as anp
        from autograd.scipy.signal import convolve

        def function(p: list[Any]) -> Any:
            padded = anp.pad(p[0], [(0, 0), (0, 0), (1, 1), (1, 1)], "constant")
            turned = anp.transpose(p[1], (1, 0, 2, 3))[:, :, ::-1, ::-1]
            out = convolve(padded, turned, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")
            return 0.5 * anp.mean(anp.maximum(out + anp.reshape(p[2], (1, outputs, 1, 1)), 0.0) ** 2)

        return by_autograd(function, params)

    return {
        "numpy": lambda: by_hand,
        "ours": lambda: ours(loss, params),
        "torch": torch_model,
        "jax": jax_model,
        "autograd": autograd_model,
    }


def attention(seed: int, length: int = 64, width: int = 64) -> dict[str, Any]:
    """One head with an output projection, half the mean square."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((length, width))
    params = [random.standard_normal((width, width)) / math.sqrt(width) for _ in range(4)]
    y, scale, (Q, K, V, O) = random.standard_normal((length, width)), 1 / math.sqrt(width), params

    def by_hand() -> tuple[Any, list[Any]]:
        q, k, v = x @ Q, x @ K, x @ V
        s = q @ k.T
        s *= scale
        s -= s.max(1, keepdims=True)
        np.exp(s, out=s)
        s /= s.sum(1, keepdims=True)
        u = s @ v
        e = u @ O - y
        value = 0.5 * float(np.vdot(e, e)) / e.size
        e /= e.size
        dO, du = u.T @ e, e @ O.T
        dv, ds = s.T @ du, du @ v.T
        ds -= (ds * s).sum(1, keepdims=True)
        ds *= s
        ds *= scale
        return value, [x.T @ (ds @ k), x.T @ (ds.T @ q), x.T @ dv, dO]

    def model(softmax: Any, mean: Any, x: Any = x, y: Any = y) -> Loss:
        def function(p: list[Any]) -> Any:
            scores = (x @ p[0]) @ (x @ p[1]).T * scale
            return 0.5 * mean((softmax(scores) @ (x @ p[2]) @ p[3] - y) ** 2)

        return function

    def torch_model() -> Runner:
        import torch

        loss = model(lambda s: torch.softmax(s, 1), torch.mean, torch.tensor(x), torch.tensor(y))
        return by_torch(loss, params)

    def jax_model() -> Runner:
        import jax

        return by_jax(model(lambda s: jax.nn.softmax(s, 1), jax.numpy.mean), params)

    def autograd_model() -> Runner:
        import autograd.numpy as anp

        def softmax(s: Any) -> Any:
            e = anp.exp(s - anp.max(s, axis=1, keepdims=True))
            return e / anp.sum(e, axis=1, keepdims=True)

        return by_autograd(model(softmax, anp.mean), params)

    return {
        "numpy": lambda: by_hand,
        "ours": lambda: ours(model(xp.softmax, np.mean), params),
        "torch": torch_model,
        "jax": jax_model,
        "autograd": autograd_model,
    }


MODELS: dict[str, Callable[[int], dict[str, Any]]] = {
    "mlp221": lambda seed: mlp((2, 2, 1), 1, "sigmoid", "square", seed),
    "mlp32": lambda seed: mlp((32, 64, 32, 10), 16, "tanh", "square", seed),
    "mlp784": lambda seed: mlp((784, 512, 512, 10), 128, "relu", "cross_entropy", seed),
    "lstm": lstm,
    "conv": conv,
    "attention": attention,
}


def flat(gradient: Any) -> Any:
    return np.concatenate([np.asarray(g.detach() if hasattr(g, "detach") else g, np.float64).ravel() for g in gradient])


def repeats(function: Callable[[], Any]) -> int:
    """How often to run so that one sample lasts about SAMPLE."""
    function()
    number = 1
    while True:
        start = time.process_time()
        for _ in range(number):
            function()
        if (spent := time.process_time() - start) >= SAMPLE / 2:
            return max(1, int(number * SAMPLE / spent))
        number *= 2


def timed(functions: dict[str, Callable[[], Any]], rounds: int) -> dict[str, tuple[float, float]]:
    """(median CPU seconds per call, median ratio to the first function in the same round), in turn."""
    number = {name: repeats(function) for name, function in functions.items()}
    samples: dict[str, list[float]] = {name: [] for name in functions}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, function in functions.items():
            function()  # the caches are its own then, not those of the engine before it
            start = time.process_time()
            for _ in range(number[name]):
                function()
            samples[name].append((time.process_time() - start) / number[name])
    gc.unfreeze()
    first = samples[next(iter(functions))]
    return {
        name: (statistics.median(one), statistics.median(a / b for a, b in zip(one, first, strict=True)))
        for name, one in samples.items()
    }


def memory(function: Callable[[], Any]) -> tuple[float, float]:
    """(peak bytes of a run with what is kept for it, bytes held between runs)."""
    gc.collect()
    tracemalloc.start()
    function()
    gc.collect()
    between = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    answer = function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer is not None
    return peak, between


def measure(name: str, options: argparse.Namespace) -> bool:
    """Prints a model's table; true where all claims hold."""
    functions, reference = {}, None
    for engine, make in MODELS[name](options.seed).items():
        if engine in options.skip.split(",") and engine not in ("numpy", "ours"):
            continue
        functions[engine] = make()
        found = flat(functions[engine]()[1])
        reference = found if reference is None else reference
        error = np.abs(found - reference).max() / np.abs(reference).max()
        assert error < SAME, f"{engine} has another gradient on {name}: {error:.1e}"
    functions["ours, held"] = held(functions["ours"])
    figures = timed(functions, options.rounds)
    (hand_peak, _), (peak, kept) = (memory(MODELS[name](options.seed)[engine]()) for engine in ("numpy", "ours"))
    for engine, (seconds, ratio) in figures.items():
        print(f"{name:10} {engine:12} {seconds * 1e6:10.1f} us   {ratio:6.2f} x hand-written")
    print(f"{name:10} memory       {peak / 1024:10.0f} KiB  {peak / hand_peak:6.2f} x by hand, kept {kept / 1024:.0f}")
    others = [ratio for engine, (_, ratio) in figures.items() if engine in ("torch", "jax", "autograd")]
    mine, most = figures["ours"][1], MEMORY_CLAIM * hand_peak + OBJECTS
    claims = (mine <= CLAIMS[name], mine < min(others, default=math.inf), peak <= most)
    print(f"{name:10} claims: time {claims[0]}, faster than the others {claims[1]}, memory {claims[2]}", flush=True)
    return all(claims)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--skip", default="", help="engines to leave out, for example jax,autograd")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")  # the others' own
    held_claims = [measure(name, options) for name in options.models.split(",")]
    return 0 if all(held_claims) else 1


if __name__ == "__main__":
    sys.exit(main())
