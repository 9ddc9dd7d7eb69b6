"""A fix is written only into the file that was checked, and the old file stays."""

import shutil
import stat
from dataclasses import replace

import pytest

import gradcheck
from gradcheck.checks.applying import apply_fix
from gradcheck.errors import UsageError

TEXT = """# Größe
x = 3.0
point = {"w": 0.7, "b": -0.4}


def loss(w, b):
    return (w*x + b)**2


def grads(w, b):
    delta = 2*(w*x + b)   # dL/dout
    return {"w": delta*x,
            "b": delta*x}
"""


@pytest.fixture
def wrong(tmp_path):
    """(file, result of its check): the gradient of b has a factor too many."""
    path = tmp_path / "net.py"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    result = gradcheck.check_file(path)
    assert result.diagnosis.fixes
    return path, result


def test_the_fix_is_written_and_the_old_file_kept(wrong):
    path, result = wrong
    before = path.read_bytes()
    said = apply_fix(result, before)
    assert said.startswith(f"{path}: line 13: ")
    assert said.endswith(f"the old file is kept as {path}.orig")
    assert path.with_name("net.py.orig").read_bytes() == before
    assert path.read_bytes() != before
    assert b"\r\n    delta = 2*(w*x + b)   # dL/dout\r\n" in path.read_bytes()
    assert path.read_bytes().count(b"\r\n") == before.count(b"\r\n") == path.read_bytes().count(b"\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert gradcheck.check_file(path)
    assert apply_fix(gradcheck.check_file(path), path.read_bytes()) == f"{path}: nothing to mend"


def test_a_file_that_changed_is_left_alone(wrong):
    path, result = wrong
    before = path.read_bytes()
    path.write_bytes(before + b"# another line\r\n")
    with pytest.raises(UsageError, match="has changed since it was checked, so nothing was written: check it again"):
        apply_fix(result, before)
    assert path.read_bytes() == before + b"# another line\r\n"
    assert not path.with_name("net.py.orig").exists()


def test_an_old_file_is_not_overwritten(wrong):
    path, result = wrong
    before = path.read_bytes()
    old = path.with_name("net.py.orig")
    old.write_text("precious")
    with pytest.raises(UsageError, match=r"net\.py\.orig is there already, so nothing was written: move it away"):
        apply_fix(result, before)
    assert (path.read_bytes(), old.read_text()) == (before, "precious")


def test_a_file_that_may_not_be_written_is_left_alone(wrong):
    path, result = wrong
    before = path.read_bytes()
    path.chmod(0o440)
    with pytest.raises(UsageError, match=r"is write-protected, so nothing was written: chmod u\+w .*, then check"):
        apply_fix(result, before)
    assert path.read_bytes() == before
    assert not path.with_name("net.py.orig").exists()


def test_a_folder_that_may_not_be_written_is_told(wrong, monkeypatch):
    path, result = wrong
    before = path.read_bytes()

    def refuse(source, target):
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(shutil, "copy2", refuse)
    with pytest.raises(UsageError, match=r"net\.py was not written, for .*orig cannot be \(Permission denied\): make"):
        apply_fix(result, before)
    assert path.read_bytes() == before


def test_what_a_link_points_to_is_mended_and_the_link_stays(wrong):
    path, _ = wrong
    link = path.with_name("link.py")
    link.symlink_to(path.name)
    before = path.read_bytes()
    apply_fix(gradcheck.check_file(link), before)
    assert link.is_symlink()
    assert link.read_bytes() == path.read_bytes() != before
    assert path.with_name("link.py.orig").read_bytes() == before


def test_without_a_fix_nothing_is_written(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(TEXT)
    result = gradcheck.check_file(path, budget=0.0)
    assert apply_fix(result, path.read_bytes()) == f"{path}: no verified fix was found, so nothing was written"
    assert path.read_text() == TEXT


def test_a_hint_is_not_written(wrong):
    path, result = wrong
    before = path.read_bytes()
    hint = replace(result.diagnosis.fixes[0], fails_with=("5 for 4 (`len(v)`)", "other data"))
    said = apply_fix(replace(result, diagnosis=replace(result.diagnosis, fixes=(hint,))), before)
    assert said.startswith(f"{path}: the change that was found is not enough with 5 for 4 (`len(v)`) or other data")
    assert path.read_bytes() == before


def test_a_module_is_not_written_to(wrong):
    _, result = wrong
    with pytest.raises(UsageError, match="name the file"):
        apply_fix(result, None)
