"""The schema gradcheck/1: every document fits it, and a broken one does not."""

import copy
import json
import math
from importlib.resources import files

import jsonschema
import pytest

from gradcheck.report.as_json import to_error, to_many, to_plain

KINDS = ["wrong", "right", "undecided", "arrays"]


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((files("gradcheck.report") / "schema" / "gradcheck-1.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_fits_the_schema_as_strict_json(kind, results, validator):
    text = json.dumps(to_plain(results[kind]), allow_nan=False)
    validator.validate(json.loads(text))


def test_several_results_and_errors_fit_too(results, validator):
    validator.validate(to_many(list(results.values())))
    validator.validate(to_error("net.py: no such file: give the path of a Python file"))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda d: d.pop("verdict"),
        lambda d: d.update(verdict="wrong"),
        lambda d: d.update(surprise=1),
        lambda d: d["point"].update(blind="yes"),
        lambda d: d["parameters"][0].update(wrong_count=-1),
        lambda d: d["parameters"][0]["worst"].update(yours=None),
        lambda d: d["parameters"][0]["worst"]["ladder"].pop("steps"),
        lambda d: d["audit"].update(caught=1.5),
        lambda d: d["points"][0].update(kind="own"),
        lambda d: d.update(schema="gradcheck/2"),
    ],
)
def test_a_broken_document_is_rejected(break_it, results, validator):
    document = copy.deepcopy(to_plain(results["wrong"]))
    break_it(document)
    assert not validator.is_valid(document)


def test_the_source_example_says_what_design_promises(results):
    document = to_plain(results["wrong"])
    assert document["verdict"] == "disagree"
    assert document["point"] == {"kind": "generic", "seed": 0, "blind": True, "why": results["wrong"].why}
    assert [p["verdict"] for p in document["points"]] == ["agree", "disagree"]
    wrong = [p for p in document["parameters"] if p["verdict"] == "disagree"]
    assert [p["name"] for p in wrong] == ["b1"]
    assert wrong[0]["wrong_entries"] == [[]]
    assert wrong[0]["worst"]["yours"] == pytest.approx(-1.2672034653298831)
    assert len(wrong[0]["worst"]["ladder"]["steps"]) == len(wrong[0]["worst"]["ladder"]["estimates"]) == 44
    assert document["diagnosis"]["discrepancy"] == {"b1": "(out - y)*(w5 - w6)*outh2*(1 - outh2)"}
    assert document["evaluations"] == {"loss": 1234, "grad": 5}
    assert document["seconds"] == 0.41


def test_numbers_that_json_lacks_are_strings(results):
    parameters = {p["name"]: p for p in to_plain(results["arrays"])["parameters"]}
    assert parameters["c"]["worst"]["yours"] == "nan"
    assert parameters["c"]["reason"] == "missing"
    assert parameters["b1"]["remark"].endswith("flatten it")
    assert not math.isnan(parameters["W1"]["worst"]["numeric"])


def test_entries_patterns_and_sizes_of_an_array(results):
    document = to_plain(results["arrays"])
    matrix = document["parameters"][0]
    assert matrix["wrong_entries"] == [[2, 3], [7, 1], [29, 39]]
    assert (matrix["wrong_count"], matrix["shape"]) == (3, [30, 40])
    assert matrix["pattern"] == "twice the true value"
    assert document["points"][0]["values"] is None  # 1,204 numbers are too many to write out
