"""The command line as a user starts it: what it prints, what it writes, how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck.examples import path_of

SOURCE, MENDED = (str(path_of(name).resolve()) for name in ("two_two_one.py", "two_two_one_mended.py"))


def run(*arguments, cwd=None):
    """(exit code, stdout, stderr) of the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "gradcheck", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def write(folder, text, name="net.py"):
    path = folder / name
    path.write_text(text)
    return path


def test_the_source_example_from_start_to_page(tmp_path):
    code, out, err = run("check", SOURCE, "--report", tmp_path)
    assert code == 1
    assert "DISAGREE" in out
    assert "blind" in out
    assert "w5 = w6" in out
    assert "Resolution" in out
    assert "pages:" in err
    page = (tmp_path / "two_two_one.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "<math" in page
    assert 'href="two_two_one.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_same_example_as_a_plain_script():
    code, out, _ = run("check", path_of("two_two_one_script.py").resolve(), "--format", "json")
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["point"]["blind"]) == (1, "disagree", True)
    assert [p["name"] for p in answer["parameters"] if p["verdict"] == "disagree"] == ["b1"]
    assert answer["diagnosis"]["discrepancy"] == {"b1": "(out - y)*(w5 - w6)*outh2*(1 - outh2)"}
    assert any(note.startswith("read as a script: the loss is Loss (line 26)") for note in answer["notes"])


def test_a_script_that_is_not_clear_is_asked_about(tmp_path):
    text = (
        "w, x = 2.0, 3.0\nfor i in range(9):\n    L = (w * x - 1) ** 2\n    g = 2 * (w * x - 1) * x\n    w -= 0.1 * g\n"
    )
    path = write(tmp_path, text)
    code, out, err = run("check", path)
    assert (code, out) == (2, "")
    assert "--map w=g" in err
    assert run("check", path, "--map", "w=g")[0] == 0


def test_the_mended_example_agrees():
    code, out, _ = run("check", MENDED)
    assert code == 0
    assert "AGREE" in out
    assert "DISAGREE" not in out


def test_the_demo_ends_well_and_writes_its_page_here(tmp_path):
    code, out, _ = run("demo", cwd=tmp_path)
    assert code == 0
    assert "DISAGREE" in out
    assert (tmp_path / "gradcheck-report" / "two_two_one.html").exists()


def test_json_holds_the_finding():
    code, out, _ = run("check", SOURCE, "--format", "json")
    answer = json.loads(out)
    assert code == 1
    assert (answer["schema"], answer["verdict"]) == ("gradcheck/1", "disagree")
    assert answer["point"]["blind"] is True
    assert answer["point"]["why"].startswith("w5 = w6")
    assert [p["name"] for p in answer["parameters"] if p["verdict"] == "disagree"] == ["b1"]
    assert answer["diagnosis"]["discrepancy"] == {"b1": "(out - y)*(w5 - w6)*outh2*(1 - outh2)"}


def test_several_targets_and_a_folder(tmp_path):
    write(tmp_path, Path(SOURCE).read_text(), "a.py")
    write(tmp_path, Path(MENDED).read_text(), "b.py")
    write(tmp_path, "print('no loss here')\n", "c.py")
    code, out, _ = run("check", tmp_path, "--format", "json")
    assert code == 1
    assert [one["verdict"] for one in json.loads(out)["results"]] == ["disagree", "agree"]
    empty = tmp_path / "empty"
    empty.mkdir()
    code, out, err = run("check", empty)
    assert (code, out) == (5, "")
    assert "nothing to check" in err


def test_output_goes_to_a_file(tmp_path):
    code, out, _ = run("check", MENDED, "--format", "json", "-o", tmp_path / "answer.json")
    assert (code, out) == (0, "")
    assert json.loads((tmp_path / "answer.json").read_text())["verdict"] == "agree"


def test_what_user_code_prints_is_no_result(tmp_path):
    path = write(
        tmp_path,
        "print('loading')\n" + Path(MENDED).read_text().replace("    Loss =", "    print('called')\n    Loss ="),
    )
    code, out, err = run("check", path, "--format", "json")
    assert code == 0
    assert json.loads(out)["verdict"] == "agree"
    assert "loading" in err
    assert "called" in err


def file(loss="return x", grad="return {'x': 1.0}", point="{'x': 1.0}"):
    """The text of a file with one parameter."""
    return f"import math, numpy as np\npoint = {point}\ndef loss(x):\n    {loss}\ndef grad(x):\n    {grad}\n"


BAD = {
    "no such file": (None, "there is no file"),
    "syntax error": ("point = {}\ndef loss(:\n", "line 2"),
    "no loss": ("def price(x):\n    return x\n", "looked for loss, cost, objective or f"),
    "loss raises": (file(loss="return [][1]"), "line 4 in loss: IndexError"),
    "grad raises": (file(grad="raise KeyError('W3')"), "line 6 in grad: KeyError: 'W3'"),
    "loss returns an array": (
        file(point="{'x': np.ones(3)}"),
        "loss returns an array of shape (3,): return one number",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, kind):
    text, said = BAD[kind]
    path = tmp_path / "absent.py" if text is None else write(tmp_path, text)
    code, out, err = run("check", path)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
    code, out, _ = run("check", path, "--format", "json")
    assert (code, json.loads(out)["verdict"]) == (2, "error")
    assert said in json.loads(out)["error"]


WRONG = {
    "missing parameter": ("{'x': y}", "missing"),
    "wrong shape": ("{'x': y, 'y': [x, x]}", "shape"),
    "NaN": ("{'x': y, 'y': float('nan')}", "not_finite"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_gradient_at_fault_is_a_disagreement(tmp_path, kind):
    returned, reason = WRONG[kind]
    text = f"point={{'x': 1.5, 'y': 0.5}}\ndef loss(x, y):\n    return x * y\ndef grad(x, y):\n    return {returned}\n"
    code, out, _ = run("check", write(tmp_path, text), "--format", "json")
    assert code == 1
    verdicts = {p["name"]: (p["verdict"], p["reason"]) for p in json.loads(out)["parameters"]}
    assert verdicts == {"x": ("agree", None), "y": ("disagree", reason)}


def test_an_undecided_check_has_its_own_exit_code(tmp_path):
    path = write(tmp_path, file(loss="return np.sqrt(x)", point="{'x': -1.0}"))
    assert run("check", path, "--stay")[0] == 3
    assert run("check", path, "--stay", "--inconclusive", "ignore")[0] == 0


@pytest.mark.parametrize("arguments", [["check"], ["check", MENDED, "--format", "xml"], ["nonsense"]])
def test_a_wrong_call_ends_with_usage(arguments):
    assert run(*arguments)[0] == 2


def test_the_version_is_printed():
    import gradcheck

    assert run("--version") == (0, f"gradcheck {gradcheck.__version__}\n", "")


def test_a_derivation_of_a_network_and_of_a_file(tmp_path):
    code, out, _ = run("derive", "source-2-2-1", "b1", "--report", tmp_path)
    assert code == 0
    assert "w5" in out
    assert "w6" in out
    assert "-0.58606" in out.replace("−", "-")
    assert next(tmp_path.glob("*.html")).read_text(encoding="utf-8").count("<math") > 2
    code, out, _ = run("derive", SOURCE, "b1")
    assert code == 0
    assert "-0.58606" in out.replace("−", "-")


def test_a_wrong_network_is_one_sentence():
    code, out, err = run("derive", "2-2-1:sigmod,linear")
    assert (code, out) == (2, "")
    assert "there is no activation 'sigmod': did you mean sigmoid?" in err


def test_one_bad_file_does_not_stop_a_folder(tmp_path):
    write(tmp_path, Path(MENDED).read_text(), "good.py")
    write(tmp_path, file(loss="return [][1]"), "bad.py")
    code, out, err = run("check", tmp_path, "--format", "json")
    assert code == 2
    assert [one["verdict"] for one in json.loads(out)["results"]] == ["agree", "error"]
    assert "line 4 in loss: IndexError" in err


@pytest.mark.parametrize("arguments", [["-o", "absent/out.txt"], ["--report", "taken"]])
def test_what_cannot_be_written_is_one_sentence(tmp_path, arguments):
    (tmp_path / "taken").write_text("a file where a folder should go")
    code, _, err = run("check", MENDED, *arguments, cwd=tmp_path)
    assert code == 2
    assert "name a file or folder that can be written" in err
    assert "Traceback" not in err


def test_a_derivation_takes_the_name_of_a_loss(tmp_path):
    path = write(tmp_path, "point = {'x': 1.5}\ndef price(x):\n    return x * x\n")
    code, out, _ = run("derive", f"{path}:price", "x")
    assert code == 0
    assert "3.000000" in out
