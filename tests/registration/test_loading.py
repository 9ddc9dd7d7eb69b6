"""`--load FILE` of the command line: a file that registers layers is run before the command."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from gradcheck.backprop.readings import layers as reverse
from gradcheck.checks.crossings import cross_check_random, repeated_by
from gradcheck.cli import app
from gradcheck.network.layers import LAYERS
from gradcheck.report.crossings import command_of

OWN = """
import gradcheck

print("registering")
gradcheck.register_layer("scale", lambda x, p, power=1: p["g"] * x**power, lambda shape: {"g": shape[-1:]})
gradcheck.register_activation("tamed", "z*tanh(z)")
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in a folder that holds the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_one_network_random_ones_and_a_derivation_know_what_the_file_registers(run):
    one = run("cross-check", "1:dense(1,tamed),scale(2),dense(1)", "--load", "own.py", "--order", "2")
    assert one.exit_code == 0, one.output
    assert "hess.g2[" in one.stdout
    assert "registering" not in one.stdout
    assert run("cross-check", "--kinds", "scale,mlp", "--examples", "1", "--load", "own.py").exit_code == 0
    assert "∂Loss/∂g1[0] = " in run("derive", "2:scale,dense(1)", "g1", "--load", "own.py").stdout


def test_without_the_file_the_layer_is_unknown(run):
    assert run("cross-check", "3:scale,dense(1)").exit_code == 2
    assert "there is no file other.py" in run("cross-check", "3:scale", "--load", "other.py").output


def test_the_command_that_repeats_a_failure_names_the_file(run, monkeypatch):
    run("cross-check", "2:scale,dense(1)", "--load", "own.py")
    kind = LAYERS["scale"]
    right = reverse.LAYER_RULES[kind]
    monkeypatch.setitem(reverse.LAYER_RULES, kind, lambda book, station, layer, x: right(book, station, layer, x) * 2)
    failure = cross_check_random(("scale",), examples=3).failure
    named = replace(failure, result=repeated_by(failure.result, ["--seed", "3", "--load", "own.py"]))
    assert command_of(named) == f"gradcheck cross-check '{failure.text}' --seed 3 --load own.py"
