"""The command line with user code that misbehaves, and with a fix that is written."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradcheck.checks import check_file
from gradcheck.errors import UserCodeError
from gradcheck.examples import path_of
from gradcheck.subject import cases

SCRIPT = path_of("two_two_one_script.py").resolve()
FILE = """import os, sys, ctypes, numpy as np
point = {{'x': 1.5}}
def loss(x):
    {}
def grads(x):
    return {{'x': 2 * x}}
"""
COMMAND = [sys.executable, "-m", "gradcheck", "check"]


def run(*arguments, cwd=None):
    """(exit code, stdout, stderr) of `gradcheck check` in a process of its own, whose input never ends."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False, input="y\n" * 10,
        env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


MISBEHAVING = {
    "hang": ("while True: pass", "line 4 in loss: still running after 6 s: look for an endless loop"),
    "memory": ("return np.ones(10**12).sum()", "line 4 in loss: MemoryError: Unable to allocate"),
    "exit": ("os._exit(0)", "ended the process with exit code 0 in the middle of the check"),
    "sys.exit": ("sys.exit(3)", "line 4 in loss: SystemExit: 3"),
    "crash": ("return ctypes.string_at(0)", "line 4 in loss: crashed (SIGSEGV)"),
    "input": ("return float(input())", "line 4 in loss: EOFError"),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_misbehaving_code_is_one_sentence_each(tmp_path):
    for kind, (body, _) in MISBEHAVING.items():
        (tmp_path / f"{kind}.py").write_text(FILE.format(body))
    (tmp_path / "well.py").write_text(FILE.format("return x * x"))
    hang, *others = MISBEHAVING_FILES
    stopped = run(hang, "--format", "json", "--timeout", "0.1", cwd=tmp_path)  # the clock decides on this one alone
    code, out, err = run(*others, "well.py", "--format", "json", "--jobs", "2", cwd=tmp_path)
    assert (stopped[0], code) == (2, 2)
    assert "Traceback" not in stopped[2] + err
    first, *errors = json.loads(out)["results"]
    assert [first["verdict"], *(one["verdict"] for one in errors)] == ["agree", *["error"] * len(others)]
    answers = [json.loads(stopped[1]), *errors]
    for (kind, (_, said)), answer in zip(MISBEHAVING.items(), answers, strict=True):
        assert answer["error"].startswith(f"{kind}.py")
        assert said in answer["error"]


MISBEHAVING_FILES = [f"{kind}.py" for kind in MISBEHAVING]


def test_a_file_works_in_its_own_folder_and_is_called_as_its_user_does(tmp_path):
    folder = tmp_path / "nets"
    folder.mkdir()
    (folder / "scale.py").write_text("SCALE = 2.0\n")
    (folder / "data.txt").write_text("1 2 3")
    (folder / "net.py").write_text(
        "import numpy as np\nfrom scale import SCALE\ndata = np.loadtxt('data.txt')\npoint = {'x': 1.5}\n"
        "def loss(x):\n    return SCALE * data.sum() * x\ndef grads(x):\n    return {'x': data.sum() * x}\n"
    )
    code, out, _ = run("nets/net.py", "--format", "json", cwd=tmp_path)
    answer = json.loads(out)
    assert (code, answer["subject"]["path"]) == (1, "nets/net.py")
    assert str(tmp_path) not in out
    (folder / "net.py").write_text("raise ValueError('no')\n")
    code, _, err = run("nets/net.py", cwd=tmp_path)
    assert (code, err) == (2, "gradcheck: nets/net.py, line 1: ValueError: no (while running the file)\n")


def test_the_script_is_diagnosed_mended_and_agrees(tmp_path):
    path = tmp_path / SCRIPT.name
    path.write_bytes(SCRIPT.read_bytes())
    code, out, err = run(path.name, "--apply", "--format", "json", cwd=tmp_path)
    fix = json.loads(out)["diagnosis"]["fixes"][0]
    assert (code, fix["line"], fix["old"], fix["new"]) == (1, 53, "dneto_douth1", "dneto_douth2")
    assert f"the old file is kept as {path.name}.orig; check it again: gradcheck check {path.name}" in err
    assert Path(f"{path}.orig").read_bytes() == SCRIPT.read_bytes()
    before, after = SCRIPT.read_text().splitlines(), path.read_text().splitlines()
    assert [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new] == [53]
    code, _, err = run(path.name, "--apply", cwd=tmp_path)
    assert code == 0
    assert "nothing to mend" in err


def test_apply_without_a_search_is_refused(tmp_path):
    code, _, err = run(SCRIPT, "--apply", "--no-diagnosis")
    assert code == 2
    assert "--no-diagnosis" in err


def test_without_diagnosis_no_line_is_named():
    code, out, _ = run(SCRIPT, "--no-diagnosis", "--format", "json")
    diagnosis = json.loads(out)["diagnosis"]
    assert (code, diagnosis["suspects"], diagnosis["fixes"]) == (1, [], [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_an_interrupt_ends_parent_and_child(tmp_path):
    pid = tmp_path / "pid"
    body = f"open({str(pid)!r}, 'w').write(str(os.getpid()))\n    while True: pass"
    (tmp_path / "net.py").write_text(FILE.format(body))
    parent = subprocess.Popen(
        [*COMMAND, "net.py"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )  # fmt: skip
    while not (pid.exists() and pid.read_text()):
        time.sleep(0.05)
    parent.send_signal(signal.SIGINT)
    out, err = parent.communicate()
    assert (parent.returncode, out) == (130, "")
    assert "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_gradient_that_never_returns_is_told_with_its_line(tmp_path, monkeypatch, capfd):

    monkeypatch.setattr(cases, "FIRST", 0.3)
    file = tmp_path / "hangs.py"
    file.write_text(
        "point = {'w': 1.0}\n\ndef loss(w):\n    return w\n\ndef grads(w):\n    while True:\n        w = w + 0\n"
    )
    with pytest.raises(
        UserCodeError, match=r"line [78] in grads: stopped after 0.3 s: it runs without end, or too long: look for"
    ):
        check_file(file)
