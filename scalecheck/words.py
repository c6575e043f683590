"""Words of the command line: names of theories, parameters of their diagrams, points, and how shells complete them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.theory_record import Theory

LONGEST = 40
"""Characters of a number."""


class TheoryName(click.types.StringParamType):
    """The name of a theory that has a certain part: shown in help, completed by shells, checked by the API."""

    name = "theory"

    def __init__(self, part: str = "derive", names: Sequence[str] | None = None) -> None:
        self.part, self.given = part, names

    def names(self) -> list[str]:
        """Names of the theories that serve."""
        if self.given is not None:
            return list(self.given)
        return [name for name, record in theories().items() if getattr(record, self.part) is not None]

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """All names, for help."""
        return "{" + ",".join(self.names()) + "}"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Names that begin so."""
        found = [name for name in self.names() if name.startswith(incomplete)]
        return [CompletionItem(name) for name in found]


class TheoryOrFile(TheoryName):
    """The name of a theory, or a file of the user's own equations and questions."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """All names, for help."""
        return super().get_metavar(param, ctx).removesuffix("}") + ",FILE.toml}"


class Exponent(click.types.StringParamType):
    """A number, as a decimal or a fraction."""

    name = "exponent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number as a float."""
        try:
            number = float(Fraction(str(value).strip())) if len(str(value)) <= LONGEST else math.nan
        except (ValueError, ZeroDivisionError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(
                param.name if param and param.name else self.name, value, "a number, as a decimal or a fraction"
            )
        return number


class RecordCommand(click.Command):
    """A command whose further options come from the record of the theory that is named on the line."""

    def further(self, record: Theory) -> list[str]:
        """Names of these options, as in Python: the parameters of the diagram."""
        return list(record.phase_parameters)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Its own options, and those of the theory that stands on the line already."""
        found = super().shell_complete(ctx, incomplete)
        record = theories().get(str(ctx.params.get("theory")))
        names = [] if record is None else ["--" + name.replace("_", "-") for name in self.further(record)]
        return [*found, *(CompletionItem(name) for name in names if name.startswith(incomplete))]


class SweepCommand(RecordCommand):
    """The command whose further options are the controls of the theory."""

    def further(self, record: Theory) -> list[str]:
        """Names of the controls."""
        return [control.name for control in record.controls]


def place(text: str) -> dict[str, str]:
    """A point written ``a=0.7,b=-1``."""
    found: dict[str, str] = {}
    for word in text.split(","):
        name, sign, value = word.partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise click.UsageError(f"Unexpected '{word}' in --at, allowed is NAME=NUMBER,.. with each name once")
        found[name.strip()] = value
    return found


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Options that belong to the theory: ``--decay 3/2`` or ``--decay=3/2``."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, sign, value = word.partition("=")
        if not name.startswith("--") or (not sign and not rest):
            raise click.UsageError(f"Unexpected argument '{word}', allowed is --NAME VALUE")
        found[name.removeprefix("--").replace("-", "_")] = value if sign else rest.pop(0)
    return found


def completion_script(commands: click.Command, shell: str) -> str:
    """The script that makes a shell ask this program for completions; the library's own."""
    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"No completion for {shell}")
    return script(commands, {}, "scalecheck", "_SCALECHECK_COMPLETE").source()
