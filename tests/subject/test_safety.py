"""What counts as reaching outside of the program, directly or through other functions of the file."""

import ast

import pytest

from gradcheck.subject.safety import does_io

HEAD = """
import os, sys, math, subprocess as sp, numpy as np, matplotlib.pyplot as plt
from os import remove as away
from pathlib import Path
from urllib.parse import quote

log = open("log.txt", "w")
SCALE = np.array([1.0, 2.0])
def sigmoid(x):
    return 1 / (1 + math.exp(-x))
def note(x):
    with open("notes.txt", mode="a") as file:
        file.write(str(x))
class Net:
    def backward(self, x):
        return self.step(x)
    def step(self, x):
        note(x)
        return x
    def forward(self, x):
        return sigmoid(x)
"""


def what(body, function="grads"):
    return does_io(ast.parse(f"{HEAD}\ndef grads(x):\n    {body}\n    return x\n"), function)


@pytest.mark.parametrize(
    "body",
    [
        "open('a', 'w').close()",
        "open('a', mode)",
        "open('a', mode='r+')",
        "Path('a').open('w')",
        "Path('a').write_text('x')",
        "Path('a').unlink()",
        "os.remove('a')",
        "f = os.system",
        "sp.run(['ls'])",
        "away('a')",
        "from shutil import rmtree; rmtree('a')",
        "import socket; socket.socket()",
        "import requests; requests.get('http://localhost')",
        "import urllib.request; urllib.request.urlopen('http://localhost')",
        "getattr(os, 'remove')('a')",
        "import os.path; os.remove('a')",
        "np.save('a', x)",
        "np.savetxt('a', x)",
        "x.tofile('a')",
        "plt.savefig('a')",
        "plt.show()",
        "eval('x')",
        "exec('x = 1')",
        "__import__('os')",
        "y = input()",
        "log.write('x')",
        "print(x, file=log)",
        "note(x)",
        "list(map(note, [x]))",
        "Net().backward(x)",
        "from os import *",
        "(lambda: os.mkdir('a'))()",
    ],
)
def test_it_reaches_outside(body):
    assert what(body)


@pytest.mark.parametrize(
    "body",
    [
        "y = sigmoid(x) * SCALE",
        "print('x', x)",
        "print('x', file=sys.stderr)",
        "sys.stdout.write('x')",
        "y = open('data.csv').read()",
        "y = open('data.csv', 'rb').read()",
        "y = Path('data.csv').open().read()",
        "p = os.path.join('a', 'b')",
        "y = quote('x')",
        "import os.path as p; y = p.join('a', 'b')",
        "signal = x; y = signal.sum()",
        "y = np.load('a.npy')",
        "name = 'a-b'.replace('-', '_')",
        "y = Net().forward(x)",
    ],
)
def test_it_stays_inside(body):
    assert what(body) is None


def test_methods_by_their_qualified_names():
    assert what("pass", "Net.step")
    assert what("pass", "Net.backward")
    assert what("pass", "Net.forward") is None


def test_it_says_what():
    assert what("os.remove('a')") == "os.remove"
    assert what("np.save('a', x)") == "numpy.save"


def test_an_unknown_function_stands_for_the_whole_file():
    assert what("pass", "absent") is not None
    assert does_io(ast.parse("def grads(x):\n    return x\n"), "absent") is None
