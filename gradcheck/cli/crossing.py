"""The command that holds our own engines against one another: cross-check."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gradcheck.cli.app import AGREE, DISAGREE, app
from gradcheck.cli.endings import exit_code, finish, load_own, loaded, progress, show
from gradcheck.cli.options import Load, Report

Of = Annotated[str | None, typer.Argument(metavar="[NETWORK]", help="5x3:lstm(4),last,dense(1); else random ones")]
Kinds = Annotated[str | None, typer.Option("--kinds", metavar="K,K", help="mlp,rnn,lstm,gru,... (else every kind)")]
Examples = Annotated[int, typer.Option("--examples", metavar="N", min=1, help="how many random networks")]
At = Annotated[int, typer.Option("--seed", metavar="S", min=0, help="of the random networks, or of a point")]
Samples = Annotated[int, typer.Option("--samples", metavar="N", min=1, help="of the point of a given network")]
Order = Annotated[int, typer.Option("--order", min=1, max=2, help="2: second derivatives as well")]


@app.command("cross-check")
def cross_check_command(
    network: Of = None,
    kinds: Kinds = None,
    examples: Examples = 100,
    seed: At = 0,
    samples: Samples = 1,
    order: Order = 1,
    report: Report = None,
    load: Load = None,
) -> None:
    """Hold the exact, the numeric and the reverse-mode opinion against one another.

    Of one network at its point of a seed, or of random architectures of some kinds: the smallest that fails is shown.
    Exit code 0: all agree, 1: two opinions differ, 2: usage.
    """

    def run() -> int:
        load_own(load)
        with progress():
            if network is None:
                return _random(kinds, examples, seed, order, report, load or [])
            return _one(network, seed, samples, order, report, load or [])

    finish(run)


def _one(text: str, seed: int, samples: int, order: int, report: Report, load: list[Path]) -> int:
    from gradcheck.checks import cross_check
    from gradcheck.checks.crossings import options_of, repeated_by
    from gradcheck.network.text import from_text
    from gradcheck.report.files import write_pages
    from gradcheck.strategies.points import point_at

    result = cross_check(text, point_at(from_text(text), seed, samples), order=order)
    result = repeated_by(result, [*options_of(seed, samples, order), *loaded(load)])
    show([result])
    if report:
        typer.echo(f"pages: {write_pages([result], report)}", err=True)
    return exit_code([result], "fail")


def _random(kinds: str | None, examples: int, seed: int, order: int, report: Report, load: list[Path]) -> int:
    from gradcheck.checks.crossings import cross_check_random, repeated_by
    from gradcheck.report.crossings import crossing_to_text
    from gradcheck.report.files import write_pages

    wanted = None if kinds is None else tuple(kind.strip() for kind in kinds.split(","))
    crossing = cross_check_random(wanted, examples, seed, order)
    if crossing.failure and load:
        result = crossing.failure.result
        result = repeated_by(result, [*result.subject.options, *loaded(load)])
        crossing = replace(crossing, failure=replace(crossing.failure, result=result))
    typer.echo(crossing_to_text(crossing), nl=False)
    if report and crossing.failure:
        typer.echo(f"pages: {write_pages([crossing.failure.result], report)}", err=True)
    return AGREE if crossing else DISAGREE
