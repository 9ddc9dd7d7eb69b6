"""The README's Python runs as it stands, and its commands are the ones that CI takes from it."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block-{number}" for number in range(len(BLOCKS))])
@pytest.mark.usefixtures("registers")
def test_python_in_the_readme_runs(block, capsys):
    exec(compile(block, "README.md", "exec"), {})


def test_the_first_block_shows_a_disagreement(capsys):
    exec(compile(BLOCKS[0], "README.md", "exec"), {})
    assert "disagree" in capsys.readouterr().out.lower()


@pytest.mark.parametrize("name", ["main-job", "tests"])
def test_ci_finds_the_readmes_commands(name):
    assert re.search(rf"<!-- {name} -->\n```sh\n.*\.venv/bin/.*\n```", README)
