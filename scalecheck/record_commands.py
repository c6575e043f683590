"""Commands made from the records of the theories they serve, and the options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from . import exits
from .words import TheoryName

if TYPE_CHECKING:
    from scalecheck.proofs_checks.controls import Control
    from scalecheck.proofs_checks.theory_record import Theory

JSON = "One JSON document on standard output, nothing else."
as_json = click.option("--json", "json_", is_flag=True, help=JSON)
JOBS = ("Processes (default: every core).", "A Dask scheduler, tcp://HOST:8786, instead of --jobs.")


def here_or_there(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where the work goes."""
    for option in reversed(_places()):
        command = click.option(*option.opts, type=option.type, metavar=option.metavar, default=None, help=option.help)(
            command
        )
    return command


def _places() -> list[click.Option]:
    return [
        click.Option(["--jobs"], type=int, default=None, metavar="N", help=JOBS[0]),
        click.Option(["--scheduler"], default=None, metavar="ADDRESS", help=JOBS[1]),
    ]


def solvers() -> dict[str, list[str]]:
    """Commands that solve a point, each with the theories it serves."""
    found: dict[str, list[str]] = {}
    for record in records().values():
        if record.solve is not None:
            found.setdefault(record.command, []).append(record.name)
    return found


def records() -> dict[str, Theory]:
    """All theories, by name."""
    from scalecheck.proofs_checks.registry import theories

    return theories()


def say(text: str) -> None:
    """Print on standard output."""
    click.echo(text)


def say_written(what: str, path: str | None) -> None:
    """Tell where something was written, if it was."""
    if path is not None:
        say(f"{what}: {path}")


def point_command(name: str, names: Sequence[str]) -> click.Command:
    """A command that solves one point; its options are the controls of the theories it serves."""
    shared = name == "solve"
    options = _control_options(names)
    if any(records()[item].simulate for item in names):
        options += [
            click.Option(
                ["--simulate"],
                type=int,
                default=None,
                metavar="K",
                help="Minimise K random problems as well, at most a million.",
            ),
            click.Option(["--seed"], type=int, default=0, metavar="S", help="Seed of the simulation."),
            *_places(),
        ]
    options.append(
        click.Option(["--json", "json_"], is_flag=True, help="One JSON document on standard output, nothing else.")
    )
    if shared:
        options.insert(0, _choice(names))
    text = "Solve one point of state evolution." if shared else f"Solve one point: {records()[names[0]].title}."
    return click.Command(name, params=options, callback=_solver(None if shared else names[0]), help=text)


def _spectrum_command(names: Sequence[str]) -> click.Command:
    options = [_choice(names), *_control_options(names)]
    options += [
        click.Option(["--plot"], default=None, metavar="FILE", help="Draw it into a png, pdf or svg file."),
        click.Option(["--json", "json_"], is_flag=True, help="One JSON document on standard output, nothing else."),
    ]
    return click.Command("spectrum", params=options, callback=_spectrum, help="What was learned at one point.")


def _spectrum(theory: str, plot: str | None, json_: bool, **given: object) -> None:
    from . import terminal
    from .api import spectrum
    from .documents import dumps

    named = {key: value for key, value in given.items() if value is not None}
    with terminal.waiting(f"{theory}: looking for what was learned"):
        found = spectrum(theory, plot=plot, **named)
    say(dumps(found.to_json()) if json_ else repr(found))
    say_written("figure", None if json_ else plot)


def _certify_command(names: Sequence[str]) -> click.Command:
    options = [_choice(names), *_control_options(names)]
    options += [
        click.Option(
            ["--law"], default=None, metavar="PHASE", help="Of this phase's law there, or of its constant alone."
        ),
        click.Option(["--out"], default=None, metavar="FILE", help="Write the certificate into a file."),
        click.Option(["--json", "json_"], is_flag=True, help="The certificate on standard output, nothing else."),
    ]
    text = "A certificate for one point: the solution enclosed, checked by a checker of its own."
    return click.Command("certify", params=options, callback=_certify, help=text)


def _certify(theory: str, law: str | None, out: str | None, json_: bool, **given: object) -> None:
    from .api import certify
    from .documents import dumps

    named = {key: value for key, value in given.items() if value is not None}
    found = certify(theory, out=out, law=law, **named)
    say(dumps(found.to_json()) if json_ else repr(found))
    say_written("certificate", None if json_ else out)


MADE_FROM_RECORDS: dict[str, Callable[[Sequence[str]], click.Command]] = {
    "spectrum": _spectrum_command,
    "certify": _certify_command,
}
"""Commands offered for the theories whose record has the field of that name."""


def _choice(names: Sequence[str]) -> click.Argument:
    return click.Argument(["theory"], metavar="{" + ",".join(names) + "}", type=TheoryName(names=names))


def _control_options(names: Sequence[str]) -> list[click.Parameter]:
    """Options for all controls of the named theories; each theory refuses those that are not its own."""
    found: dict[str, dict[str, Control]] = {}
    for theory in names:
        for control in records()[theory].controls:
            found.setdefault(control.name, {})[theory] = control
    return [_option(controls) for controls in found.values()]


def _option(controls: Mapping[str, Control]) -> click.Option:
    """The option of one control; where theories allow different values, those of each."""
    first = next(iter(controls.values()))
    said: dict[str, list[str]] = {}
    for theory, control in controls.items():
        default = "" if control.default is None else f" [default: {control.default}]"
        said.setdefault(control.domain.describe() + default, []).append(theory)
    told = [text if len(said) == 1 else f"{text} ({', '.join(theories)})" for text, theories in said.items()]
    text = f"{first.help}: {'; '.join(told)}"
    return click.Option([first.option, first.name], default=None, metavar=first.letter, help=text)


def _solver(fixed: str | None) -> Callable[..., int]:
    def run(json_: bool, theory: str | None = None, **given: Any) -> int:
        from scalecheck.numerics.errors import NotConverged

        from . import terminal
        from .api import solve
        from .documents import dumps

        named = {key: value for key, value in given.items() if value is not None}
        chosen = fixed or str(theory)
        try:
            with terminal.steps("minimising", shown="simulate" in named) as advance:
                point = solve(chosen, progress=advance, **named)
        except NotConverged as error:
            if json_:
                say(dumps(_unconverged(chosen, error)))
            raise
        say(dumps(point.to_json()) if json_ else repr(point))
        return exits.HOLDS

    return run


def _unconverged(theory: str, error: Any) -> dict[str, object]:
    """The document of a point without a solution: no numbers, and the status that says why."""
    record = records()[theory]
    nothing = {name: None for name in record.observables}
    return {record.kind: theory, **nothing, "status": str(error), "error": None, "error_kind": "none"}
