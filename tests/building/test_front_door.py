"""The public names: light to import, documented, and no module's name."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradcheck

ROOT = Path(gradcheck.__file__).parent
README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.parametrize("heavy", ["numpy", "sympy", "hypothesis", "pytest", "rich", "typer", "jinja2"])
def test_the_front_door_is_light(heavy):
    code = f"import gradcheck, sys; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("heavy", ["sympy", "hypothesis", "pytest"])
def test_the_help_of_the_command_line_is_light(heavy):
    code = f"import gradcheck.cli, sys; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("heavy", ["sympy", "mpmath", "hypothesis", "pytest", "rich", "jinja2"])
def test_a_check_of_python_functions_is_numeric_and_light(heavy):
    code = (
        "import gradcheck, sys, numpy as np\n"
        "assert gradcheck.check(lambda x: float(np.sum(x**2)), lambda x: 2 * x, at=np.array([0.3, 0.7]))\n"
        f"sys.exit({heavy!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", gradcheck.__all__)
def test_every_public_name_is_there_and_typed(name):
    assert getattr(gradcheck, name) is not None
    assert re.search(rf" as {name}$", (ROOT / "__init__.py").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    "name", sorted(set(gradcheck.__all__) - {"Point", "Reason", "Result", "GradcheckError", "check_file"})
)
def test_every_verb_is_in_the_readme(name):
    assert name in README.read_text(encoding="utf-8")


def test_a_name_that_is_not_public_is_told_with_all_that_are():
    with pytest.raises(AttributeError, match="has no public name 'chekc'; it has: Dense"):
        gradcheck.chekc  # noqa: B018


def test_no_public_name_is_also_a_module():
    modules = {path.stem for path in ROOT.rglob("*.py")} | {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert modules & set(gradcheck.__all__) == {"strategies"}  # a module on purpose: gradcheck.strategies.networks()


def test_the_visible_top_level_is_the_card():
    top = README.parent
    tracked = subprocess.run(["git", "ls-files"], cwd=top, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    visible = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {name for name in visible if not name.startswith(".")} == {
        "pyproject.toml", "README.md", "LICENSE", "gradcheck", "tests", "reports",
    }  # fmt: skip
