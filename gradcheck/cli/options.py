"""What the commands may be told."""

from pathlib import Path
from typing import Annotated

import typer

Targets = Annotated[list[str], typer.Argument(metavar="TARGET...", help="FILE, FILE:LOSS,GRAD, FILE:NAME or a folder")]
Loss = Annotated[str | None, typer.Option("--loss", metavar="NAME", help="the loss (else loss, cost, objective, f)")]
Grad = Annotated[str | None, typer.Option("--grad", metavar="NAME", help="the gradient (else grads, grad, ...)")]
At = Annotated[str | None, typer.Option("--at", metavar="NAME|FILE", help="the point: a name, FILE.json or FILE.npz")]
Data = Annotated[str | None, typer.Option("--args", metavar="NAME", help="a dict of data that is passed along")]
Report = Annotated[Path | None, typer.Option("--report", metavar="DIR", help="write a page per file, and an index")]
Format = Annotated[str, typer.Option("--format", help="text, json or html")]
Output = Annotated[
    list[Path] | None,
    typer.Option("-o", "--output", metavar="FILE", help="write there, not to stdout (.json, .html: so); repeatable"),
]
Seed = Annotated[int, typer.Option("--seed", help="the file's point(seed), and the generic point that follows")]
Stay = Annotated[bool, typer.Option("--stay", help="check the given point only")]
Pair = Annotated[str | None, typer.Option("--vjp", metavar="FORWARD,BACKWARD", help="a forward and a backward pass")]
Level = Annotated[str, typer.Option("--level", help="what the check may cost: quick, standard or thorough")]
Script = Annotated[bool, typer.Option("--script", help="a plain script: one turn of its loop is checked")]
Mapped = Annotated[list[str] | None, typer.Option("--map", metavar="W=DW", help="a script's gradient variable")]
Timeout = Annotated[
    float,
    typer.Option("--timeout", metavar="S", min=0.0, help="CPU seconds for a file, to name a wrong line in as well"),
]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="so many files at a time")]
NoDiagnosis = Annotated[bool, typer.Option("--no-diagnosis", help="the verdict only: name no line, look for no fix")]
Apply = Annotated[
    bool, typer.Option("--apply", help="write the first verified fix into the file; FILE.orig is the old one")
]
Undecided = Annotated[str, typer.Option("--inconclusive", help="fail (exit 3), warn or ignore (exit 0)")]
Load = Annotated[
    list[Path] | None, typer.Option("--load", metavar="FILE", help="run it first: it registers layers, activations")
]
