"""The verb `prove` on files."""

import gradcheck
from gradcheck.checks import prove
from gradcheck.examples import path_of

NET = """\
import numpy as np
X = np.array([[0.5, -1.25], [1.5, 0.75], [-0.25, 2.0]])
Y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
point = {"W": np.array([[0.3, -0.2], [0.1, 0.4]]), "b": np.array([0.05, -0.15])}

def probabilities(W, b):
    E = np.exp(X @ W + b)
    return E / E.sum(axis=1, keepdims=True)

def loss(W, b):
    return -np.sum(Y * np.log(probabilities(W, b))) / len(X) + 0.05 * np.sum(W ** 2)

def grads(W, b):
    dZ = (probabilities(W, b) - Y) / len(X)
    return {"W": X.T @ dZ + 0.1 * W, "b": dZ.sum(axis=0)}
"""


def test_the_source_example_is_refuted_with_its_discrepancy():
    proof = prove(path_of("two_two_one.py"))
    assert (proof.standing, proof.labels, bool(proof)) == ("refuted", ("b1",), False)
    assert [one.label for one in proof.discrepancies] == ["b1"]
    assert "the gradient of b1 is wrong" in str(proof)
    assert "(out − y)·(w5 − w6)·outh2·(1 − outh2)" in str(proof)


def test_the_mended_example_is_proved_for_every_input():
    proof = gradcheck.prove(path_of("two_two_one_mended.py"))
    assert proof
    assert "right for every input (w1, w2, w3, w4, w5, w6, b1 and b2)" in str(proof)


def test_a_softmax_classifier_is_proved(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(NET)
    assert "for every input of these shapes (W[0,0]" in str(prove(file))
    file.write_text(NET.replace("0.1 * W", "0.05 * W"))
    assert prove(file).labels == ("W[0,0]", "W[0,1]", "W[1,0]", "W[1,1]")


def test_code_that_branches_stays_open(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(NET.replace("E = np.exp(X @ W + b)", "Z = X @ W + b\n    E = np.exp(Z - Z.max())"))
    proof = prove(file)
    assert proof.standing == "open"
    assert "nothing is proved: the code takes one formula or another (line 8)" in str(proof)
