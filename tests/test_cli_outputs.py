"""Where answers go, what stands in pyproject.toml, what a warning says."""

import json
import os
import subprocess
import sys

import jsonschema
import pytest

RIGHT = "point = {'x': 1.5}\ndef loss(x):\n    return x * x\ndef grads(x):\n    return {'x': 2 * x}\n"
WRONG = RIGHT.replace("2 * x", "3 * x")
OPEN = "import math\npoint = {'x': 1.0}\ndef loss(x):\n    return math.floor(x)\ndef grads(x):\n    return {'x': 0.0}\n"


def run(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "gradcheck", "check", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path):
    for name, text in (("right.py", RIGHT), ("wrong.py", WRONG), ("open.py", OPEN)):
        (tmp_path / name).write_text(text)
    return tmp_path


def schema():
    from importlib.resources import files

    return json.loads((files("gradcheck.report") / "schema" / "gradcheck-1.json").read_text(encoding="utf-8"))


def test_every_file_is_written_in_the_format_of_its_ending(folder):
    code, out, _ = run(folder, "right.py", "-o", "a.json", "-o", "a.html", "-o", "a.txt")
    assert (code, out) == (0, "")
    assert json.loads((folder / "a.json").read_text())["verdict"] == "agree"
    assert (folder / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "AGREE" in (folder / "a.txt").read_text(encoding="utf-8")


def test_an_ending_that_tells_nothing_leaves_it_to_the_format(folder):
    run(folder, "right.py", "--format", "json", "-o", "answer")
    assert json.loads((folder / "answer").read_text())["verdict"] == "agree"


def test_several_files_make_no_one_page(folder):
    code, out, err = run(folder, "right.py", "wrong.py", "--format", "html")
    assert (code, out) == (2, "")
    assert "--report DIR writes a page of each" in err


def test_nothing_to_check_is_json_too(folder):
    (folder / "empty").mkdir()
    code, out, _ = run(folder, "empty", "--format", "json")
    assert code == 5
    jsonschema.validate(json.loads(out), schema())
    assert json.loads(out)["error"].startswith("nothing to check in empty")


def test_a_folder_leaves_out_what_is_installed_in_it(folder):
    for place in (".venv/lib", "env/site-packages"):
        (folder / place).mkdir(parents=True)
        (folder / place / "theirs.py").write_text(WRONG)
    code, out, _ = run(folder, ".", "--format", "json", "--no-diagnosis")
    assert [one["subject"]["path"] for one in json.loads(out)["results"]] == ["open.py", "right.py", "wrong.py"]
    assert code == 1


def test_a_folder_tells_what_it_passes_over(folder):
    place = folder / "mixed"
    place.mkdir()
    (place / "right.py").write_text((folder / "right.py").read_text())
    (place / "train.py").write_text("w = 2.0\nLoss = 0.5 * w ** 2\ndLoss_dw = 3 * w\n")
    (place / "noloss.py").write_text("def lossy(w):\n    return w\n\n\ndef grads(w):\n    return {'w': 1.0}\n")
    (place / "test_it.py").write_text("dW = 1\n")
    (place / "plain.py").write_text("d = 1\ndata = 2\n")
    code, _, err = run(folder, "mixed", "--no-diagnosis")
    assert code == 0
    told = [line for line in err.splitlines() if "passed over" in line]
    assert told == [
        f"note: mixed/{name} was passed over: it defines no loss and gradient; if it is a script, name it"
        for name in ("noloss.py", "train.py")
    ]


def test_a_warning_tells_what_is_left_open(folder):
    code, _, err = run(folder, "open.py", "--inconclusive", "warn")
    assert code == 0
    assert err == "gradcheck: warning: open.py: inconclusive: The gradient of x is undecided\n"
    code, _, err = run(folder, "open.py", "--inconclusive", "ignore")
    assert (code, err) == (0, "")


def test_defaults_stand_in_pyproject(folder):
    (folder / "pyproject.toml").write_text(
        '[tool.gradcheck]\nformat = "json"\nno-diagnosis = true\nseed = 7\nreport = "pages"\noutput = ["a.json"]\n'
    )
    deep = folder / "deep"
    deep.mkdir()
    code, out, _ = run(deep, "../wrong.py")
    answer = json.loads((folder / "a.json").read_text())
    assert (code, out) == (1, "")
    assert (answer["verdict"], answer["diagnosis"]["fixes"], answer["point"]["seed"]) == ("disagree", [], 7)
    assert (folder / "pages" / "index.html").exists()
    run(deep, "../wrong.py", "-o", "b.txt", "--seed", "3")
    assert json.loads((deep / "b.txt").read_text())["point"]["seed"] == 3


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("levle = 'quick'", "[tool.gradcheck] has no key 'levle': did you mean level?"),
        ("apply = true", "[tool.gradcheck] has no key 'apply'"),
        ("level = 'fast'", "--level 'fast': choose quick, standard, thorough"),
        ("level = ", "is no TOML"),
    ],
)
def test_wrong_defaults_are_told(folder, table, said):
    (folder / "pyproject.toml").write_text(f"[tool.gradcheck]\n{table}\n")
    code, out, err = run(folder, "right.py")
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_pyproject_of_others_is_left_alone(folder):
    (folder / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert run(folder, "right.py")[0] == 0
