"""The diff of a change is taken by patch and by git apply, whatever the ends of the lines and of the file."""

import json
import shutil
import subprocess
import sys

import pytest

from gradcheck.diagnosis.diffs import diff_of

TEXT = "a = 1\nb = 2\nif b:\n\tc = 3\nd = 4\ne = 'ü'\nf = 6\ng = 7\nlast = 8\n"
CHANGES = {
    "first": ("a = 1\n", "a = 10\n"),
    "middle": ("\tc = 3\n", "\tc = 30\n\tcc = 31\n"),
    "last": ("last = 8", "last = 80"),
    "first and last": ("", ""),
}
FILES = {
    "line feeds": lambda text: text,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "no end": lambda text: text.removesuffix("\n"),
    "carriage returns, no end": lambda text: text.removesuffix("\n").replace("\n", "\r\n"),
    "a mark": lambda text: f"\ufeff{text}",
    "a mark and carriage returns": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "one line in another style": lambda text: text.replace("e = 'ü'\n", "e = 'ü'\r\n"),
}
TOOLS = {"patch": ["patch", "f.py"], "git": ["git", "apply", "-p0"]}


def changed(text, change):
    if change == "first and last":
        return changed(changed(text, "first"), "last")
    return text.replace(*CHANGES[change])


def needs(tool):
    """Skips where a program is not there."""
    if shutil.which(TOOLS[tool][0]) is None:
        pytest.skip(f"there is no {tool}")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("style", FILES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_tool_applies_the_diff(tmp_path, tool, style, change):
    needs(tool)
    path, make = tmp_path / "f.py", FILES[style]
    path.write_bytes(make(TEXT).encode())
    old = path.read_text(encoding="utf-8-sig")
    diff = diff_of(str(path), old, changed(old, change))

    subprocess.run(TOOLS[tool], input=diff.encode(), cwd=tmp_path, check=True, capture_output=True)

    assert path.read_bytes() == make(changed(TEXT, change)).encode()
    assert [one.name for one in tmp_path.iterdir()] == ["f.py"]


def test_a_file_that_is_another_by_now_has_the_diff_of_what_was_read(tmp_path):
    (tmp_path / "f.py").write_bytes(b"other = 1\r\n")
    assert diff_of(str(tmp_path / "f.py"), "a = 1\n", "a = 2\n").splitlines()[3:] == ["-a = 1", "+a = 2"]


def test_nothing_changed_has_no_diff():
    assert diff_of("f.py", TEXT, TEXT) == ""


NET = """import numpy as np
X = np.array([[0.4, -1.2], [0.7, 0.3], [-0.9, 1.1]])
def point(seed):
    return {"w": np.random.default_rng(seed).normal(size=2)}
def loss(w):
    return float(np.sum(np.tanh(X @ w)))
def grads(w):
    a = np.tanh(X @ w)
    return {"w": X.T @ (1 - a)}
"""


@pytest.mark.parametrize("tool", TOOLS)
def test_the_command_prints_a_diff_that_mends_a_file_with_carriage_returns(tmp_path, tool):
    needs(tool)
    path = tmp_path / "f.py"
    path.write_bytes(NET.replace("\n", "\r\n").encode())
    check = [sys.executable, "-m", "gradcheck", "check", str(path), "--format", "json"]
    diff = json.loads(subprocess.run(check, capture_output=True, check=False).stdout)["diagnosis"]["fixes"][0]["diff"]
    subprocess.run(TOOLS[tool], input=diff.encode(), cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
