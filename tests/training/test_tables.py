"""Tables of measurements: every usual form is read, and a bad cell is named with its line."""

import csv

import numpy as np
import pytest

from gradcheck.errors import UsageError
from gradcheck.examples import classify as example
from gradcheck.training import read_table

ROWS = "1.0{m}2.0{m}a\n3.0{m}2.0{m}b\n5.0{m}2.0{m}a\n"


def written(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("mark", [",", ";", "\t", " "])
@pytest.mark.parametrize("head", ["", "length{m}width{m}kind\n"])
def test_a_table_is_scaled_and_its_kinds_are_columns(tmp_path, mark, head):
    table = read_table(written(tmp_path, (head + ROWS).format(m=mark)))
    np.testing.assert_allclose(table.inputs[:, 0], np.array([-1, 0, 1]) * np.sqrt(1.5))
    assert not table.inputs[:, 1].any()  # a column that is the same everywhere says nothing
    assert table.targets.tolist() == [[1, 0], [0, 1], [1, 0]]
    assert table.kinds == ("a", "b")
    assert table.columns == (("length", "width") if head else ("column 1", "column 2"))


@pytest.mark.parametrize("target", ["kind", "1"])
def test_the_target_is_chosen_by_name_or_number(tmp_path, target):
    table = read_table(written(tmp_path, "kind,x\n1,0.5\n2,0.7\n"), target)
    assert table.kinds == ("1", "2")


@pytest.mark.parametrize(
    ("text", "target", "sentence"),
    [
        ("1,x,a\n2,3,b\n", None, "line 1: 'x' is no number: mend the cell"),
        ("x,y,kind\n1,2,a\n1,nan,b\n", None, "line 3: 'nan' is no number"),
        ("x,y,kind\n1,2,a\n1,b\n", None, "line 3: 2 cells, not 3: mend the row"),
        ("x,kind\n1,a\n2,a\n", None, "column kind holds 1 kind: give one with two kinds or more"),
        ("x,kind\n1,a\n2,b\n", "sort", "there is no column 'sort': choose from x, kind"),
        ("\n", None, "is empty: give a row for each sample"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(tmp_path, text, target, sentence):
    with pytest.raises(UsageError, match=sentence):
        read_table(written(tmp_path, text), target)


def test_a_file_that_is_not_there_is_told(capsys):
    assert example.main(["nowhere.csv"]) == 2
    assert "nowhere.csv cannot be read" in capsys.readouterr().err


def test_real_measurements_are_learned_with_the_gradient_watched(tmp_path, capsys):
    """The iris measurements of Fisher (1936), 150 flowers: a small net is right on nearly all that it did not see."""
    iris = pytest.importorskip("sklearn.datasets").load_iris()
    path = tmp_path / "iris.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*iris.feature_names, "kind"])
        rows.writerows([*x, iris.target_names[y]] for x, y in zip(iris.data, iris.target, strict=True))
    assert example.main([str(path)]) == 0
    told = capsys.readouterr().out
    share = float(told.split("trained on: ")[1].split("%")[0])
    assert share > 90
    assert "gradient looked at 39 times, it held" in told
