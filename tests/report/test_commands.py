"""The commands that a result prints can be pasted into a shell and find the same functions again."""

import pytest

from gradcheck.report.commands import check_again, derive_again
from gradcheck.results.result import Subject


@pytest.mark.parametrize(
    ("subject", "command"),
    [
        (Subject("net.py", "loss", "grads"), "gradcheck check net.py"),
        (Subject("net.py", "cost", "cost_gradient"), "gradcheck check net.py:cost,cost_gradient"),
        (Subject("net.py", "both", "both"), "gradcheck check net.py:both"),
        (Subject("my net.py", "loss", "grads"), "gradcheck check 'my net.py'"),
        (Subject("net.py", "f", "g", ("--vjp", "f,g")), "gradcheck check net.py --vjp f,g"),
        (Subject("net.py", "f", "g", ("--at", "other")), "gradcheck check net.py:f,g --at other"),
    ],
)
def test_a_check_is_repeated_with_its_own_names(subject, command):
    assert check_again(subject) == command
    assert check_again(subject, "--seed", "3") == f"{command} --seed 3"


def test_a_derivation_is_quoted_for_every_shell():
    assert derive_again(Subject("net.py", "loss", "grads"), "W1[0,1]") == "gradcheck derive net.py 'W1[0,1]'"
    assert derive_again(Subject("net.py", "cost", "g"), "b1") == "gradcheck derive net.py:cost b1"
    far = Subject("net.py", "loss", "grads", ("--at", "other", "--seed", "3", "--args", "data"))
    assert derive_again(far, "b1") == "gradcheck derive net.py b1 --at other"
