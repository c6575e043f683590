"""The command line. Its choices come from the theories that discovery finds; no theory is named here."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.registry import theory as theory_named

from . import __version__, exits
from .parallel import collect_seldom, keep_memory, remember_formulas
from .record_commands import (
    MADE_FROM_RECORDS,
    as_json,
    here_or_there,
    point_command,
    records,
    say,
    say_written,
    solvers,
)
from .streams import hush, prepare_streams
from .words import Exponent, RecordCommand, SweepCommand, TheoryName, TheoryOrFile, completion_script, pairs, place

if TYPE_CHECKING:
    pass

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; every failure is one line on standard error."""
    from scalecheck.proofs_checks.registry import broken

    prepare_streams()
    keep_memory()
    remember_formulas()
    collect_seldom()
    try:
        for fault in broken():
            print(f"scalecheck: warning: {fault}", file=sys.stderr)  # noqa: T201
        status = commands.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        status = _fail(f"Missing command (see {error.ctx.command_path if error.ctx else 'scalecheck'} --help)")
    except click.UsageError as error:
        status = _fail(_usage(error))
    except (KeyboardInterrupt, click.Abort):
        if arguments is None:  # the process ends now; Ctrl-C pressed again has nothing left to stop
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("scalecheck: interrupted; nothing half written", file=sys.stderr)  # noqa: T201
        status = exits.INTERRUPTED
    except BrokenPipeError:
        hush()
        status = exits.HOLDS
    except MemoryError:
        status = _fail("memory: this machine has too little of it for what was asked; ask for less at once")
    except OSError as error:
        status = _fail(f"{error.filename or 'output'}: {error.strerror or error}")
    except (ArithmeticError, ValueError, NotImplementedError, RuntimeError) as error:
        status = _known(error)
    return int(status or 0)


def _known(error: Exception) -> int:
    """Turn the errors that mean something into their exit status; anything else is a defect and is raised.

    Whatever a witness defines as its way to say that it cannot tell leaves what was asked undecided.
    """
    from scalecheck.numerics.errors import DomainError
    from scalecheck.proofs_checks.breakdowns import is_of_a_witness
    from scalecheck.proofs_checks.errors import InputError

    if isinstance(error, InputError | DomainError):
        return _fail(str(error))
    if is_of_a_witness(error):
        return _fail(str(error) or type(error).__name__, exits.UNDECIDED)
    raise error


def _fail(message: str, status: int = exits.UNUSABLE) -> int:
    line = " ".join(message.split())
    print(f"scalecheck: {line}", file=sys.stderr)  # noqa: T201
    return status


def _usage(error: click.UsageError) -> str:
    where = f" (see scalecheck {error.ctx.info_name} --help)" if error.ctx and error.ctx.parent else ""
    return error.format_message().rstrip(".") + where


class Commands(click.Group):
    """The commands of the house, `solve`, and one for every theory that solves under a name of its own."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names of all commands; those that solve a point come from the theories."""
        return sorted({*super().list_commands(context), *solvers(), *MADE_FROM_RECORDS})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command of the house, or one made from the records of the theories it serves."""
        house = super().get_command(context, name)
        if house is not None:
            return house
        if name in MADE_FROM_RECORDS:
            served = [item for item, record in records().items() if getattr(record, name) is not None]
            return MADE_FROM_RECORDS[name](served)
        names = solvers().get(name)
        return None if names is None else point_command(name, names)

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click does; a name that there is not gets the nearest one that there is."""
        try:
            return super().resolve_command(context, arguments)
        except click.UsageError as error:
            told = error.message.rstrip(".") + nearest(arguments[0], self.list_commands(context))
            raise click.UsageError(told, error.ctx) from None


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="scalecheck", message="%(prog)s %(version)s")
def commands() -> None:
    """Derive, check and cite neural scaling laws.

    Exit status: 0 everything holds, 1 something is refuted, 2 unusable input, 3 undecided, 130 interrupted.
    """


def _listed(values: Sequence[str]) -> list[str]:
    """Names with commas between them, of an option that may be given several times."""
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


@commands.command()
@click.option("--only", multiple=True, metavar="ID,..", help="Ids, or leading parts of ids, of claims; or theories.")
@click.option("--quick", is_flag=True, help="Smaller sizes, fewer points; the same acceptance intervals.")
@here_or_there
@click.option("--out", default="scalecheck-report", show_default=True, metavar="DIR", help="Folder of the report.")
@click.option(
    "--against",
    default=None,
    metavar="FILE",
    help="verdicts.json of an earlier run to compare with: all that claims state, their verdicts, the outcomes of witnesses and"
    " twins; not the numbers, reasons and times beside them. Not inside --out, which is replaced.",
)
def verify(only: tuple[str, ...], quick: bool, out: str, **options: Any) -> int:
    """Run the ledger of claims with their false twins, and write the report."""
    from . import terminal
    from .api import verify as run

    names = _listed(only)
    with terminal.progress() as (advance, drawn):
        result = run(only=names, quick=quick, out=Path(out), progress=advance, figure_progress=drawn, **options)
    try:
        terminal.show_verification(result)
    except BrokenPipeError:
        hush()  # the reader of the table went away; the verdict did not
    return result.exit_status


@commands.command()
@click.argument("file", metavar="FILE.toml", required=False)
@click.option("--certificate", default=None, metavar="FILE", help="A certificate (JSON) to be checked again instead.")
@click.option(
    "--out", default=None, metavar="DIR", help="Write a report: page, LaTeX, BibTeX, verdicts; with false twins."
)
@click.option(
    "--against",
    default=None,
    metavar="FILE",
    help="verdicts.json of an earlier report to compare with: statements, verdicts, twins, parts of the range and the laws on them to"
    " the letter, numbers within their error.",
)
@as_json
def check(file: str | None, certificate: str | None, out: str | None, against: str | None, json_: bool) -> int:
    """Verdicts on your own conjectures in FILE.toml, with reasons; or a certificate checked again."""
    from . import terminal
    from .api import check as run
    from .documents import dumps

    if certificate is not None:
        found = run(file, certificate=certificate, out=out, against=against)
        say(dumps(found.to_json()) if json_ else repr(found))
        return int(found.exit_status)
    with terminal.check_steps() as (advance, each):
        result = run(file, out=out, against=against, progress=advance, each=each)
    if json_:
        say(dumps(result.to_json()))
    else:
        terminal.show_checked(result)
    return int(result.exit_status)


@commands.command()
@click.argument("theory", type=TheoryOrFile())
@click.option(
    "--only",
    "--phase",
    "only",
    default=None,
    metavar="SUBJECT",
    help="Derivations with these words: II. Of a file: an id.",
)
@click.option("--latex", is_flag=True, help="LaTeX that needs amsmath and amssymb only.")
@click.option("--plot", default=None, metavar="FILE", help="Of one question of a file: the laws over the numbers.")
@as_json
def derive(theory: str, only: str | None, latex: bool, plot: str | None, json_: bool) -> int:
    """Derive the laws of a theory in closed form: the results, then the steps. Of FILE.toml: the laws that its questions ask for."""
    from . import terminal
    from .api import derive as run
    from .documents import dumps

    if theory.endswith(".toml"):
        with terminal.steps("deriving") as advance:
            result: Any = run(theory, only=only, plot=plot, progress=advance)
    else:
        result = run(theory, only=only, plot=plot)
    if json_ or latex:
        say(dumps(result.to_json()) if json_ else result.to_latex())
    else:
        terminal.show(result.to_text())
        say_written("figure", plot)
    return int(getattr(result, "exit_status", exits.HOLDS))


@commands.command(cls=RecordCommand, context_settings={"ignore_unknown_options": True})
@click.argument("theory", type=TheoryOrFile("phases"))
@click.option("--question", default=None, metavar="ID", help="Of a file: which question or conjecture.")
@click.option("--plane", default=None, metavar="X,Y", help="Of a file: two names that its range leaves free, or one.")
@click.option("--dim", default=None, metavar="D", help="Size at which --plot measures (default 1e8).")
@click.option(
    "--plot",
    default=None,
    metavar="FILE",
    help="Draw the diagram over numeric local exponents; of a file, with points.",
)
@click.option("--at", default=None, metavar="a=A,b=B", help="The law at one point, and the boundaries around it.")
@here_or_there
@as_json
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED, metavar="[--decay G]")
def phases(
    theory: str, plot: str | None, at: str | None, json_: bool, parameters: tuple[str, ...], **options: Any
) -> int:
    """The phase diagram of a theory, or of a question in FILE.toml: exact regions, exponents, constants.

    Parameters without a value stay symbolic: --decay 3/2, and of a file --NAME VALUE for any name of the question.
    """
    from . import terminal
    from .api import phases as run
    from .documents import dumps

    given, point, own = pairs(parameters), None if at is None else place(at), theory.endswith(".toml")
    if point is not None and not own:
        from .beforehand import check_place, numbered

        point = numbered(theory_named(theory), point)
        check_place(theory_named(theory), given, point)
    with terminal.steps("measuring", shown=plot is not None) as advance:
        diagram = run(theory, plot=plot, progress=advance, **options, **given)  # type: ignore[call-overload]
    result = diagram if point is None else diagram.at(**point)
    if json_:
        say(dumps(result.to_json()))
    else:
        terminal.show(repr(result))
        say_written("figure", plot)
    return int(getattr(diagram, "exit_status", exits.HOLDS))


@commands.command(cls=SweepCommand, context_settings={"ignore_unknown_options": True})
@click.argument("theory", type=TheoryName("solve"))
@click.option("--store", required=True, metavar="DIR", help="Folder of the results; one that holds points is resumed.")
@click.option("--simulate", type=int, default=None, metavar="K", help="Minimise K random problems at every point.")
@click.option("--seed", type=int, default=0, metavar="S", help="Seed from which every point's stream is spawned.")
@here_or_there
@click.option("--zip", "zip_", multiple=True, metavar="A,B", help="Controls that move in step; no product of these.")
@click.option("--resume/--no-resume", default=True, help="Continue a store that holds points (default), or refuse to.")
@as_json
@click.argument("controls", nargs=-1, type=click.UNPROCESSED, metavar="--CONTROL VALUES ...")
def sweep(
    theory: str, store: str, zip_: tuple[str, ...], json_: bool, controls: tuple[str, ...], **options: Any
) -> int:
    """Solve THEORY on a grid of controls, into a store that can be killed, resumed and extended.

    VALUES are numbers as 1,2,5 or FIRST:LAST:COUNT, with log for equal ratios and int for whole numbers: 1e2:1e6:50log.
    """
    from . import terminal
    from .documents import dumps
    from .sweeps import run

    together = [[name.strip().replace("-", "_") for name in group.split(",")] for group in zip_]
    with terminal.steps("sweeping") as advance:
        result = run(theory, pairs(controls), together, store=Path(store), progress=advance, **options)
    say(dumps(result.to_json()) if json_ else repr(result))
    return result.exit_status


@commands.command()
@click.argument("file")
@click.option("--x", default=None, metavar="COLUMN", help="Column of the scale (default: the first).")
@click.option("--y", default=None, metavar="COLUMN", help="Column of the curve (default: the second).")
@click.option(
    "--error",
    default=None,
    metavar="COLUMN",
    help="Column of the curve's standard errors, in its units. Without it their size is taken from the scatter.",
)
@click.option(
    "--expect", type=Exponent(), default=None, metavar="EXPONENT", help="A predicted exponent to compare with."
)
@click.option(
    "--form",
    default=None,
    metavar="FORM",
    help="The form of the law, if you know it: power (x^b), plateau (y_inf + A x^b: a loss above its irreducible part),"
    " correction (A x^b + B x^(b-d)), logarithm (x^b log(x/x_0)^p). Without it the interval allows for all of them,"
    " each as far as the errors leave it likely.",
)
@as_json
def measure(file: str, json_: bool, **options: Any) -> int:
    """The exponent of your own curve in FILE.csv, with an honest interval.

    Give --error where you have standard errors: they decide what the data can tell. Give --form only where you know the
    form for a reason of its own; the report shows every form's reading beside the interval that allows for all.
    """
    from .api import measure as run
    from .documents import dumps

    result = run(file, **options)
    say(dumps(result.to_json()) if json_ else repr(result))
    return result.exit_status


@commands.command()
@click.option("--only", multiple=True, metavar="ID,..", help="Ids, or leading parts of ids, of claims; or theories.")
@click.option("--sample", type=int, default=None, metavar="K", help="At most K mutants of each claim, phase or file.")
@click.option("--conjectures", is_flag=True, help="Hear conjectures made out of the diagrams instead of claims.")
@click.option(
    "--file", "files", multiple=True, metavar="FILE", help="Hear mutants of the true conjectures of FILE.toml."
)
@click.option("--seed", type=int, default=0, metavar="S", help="Which mutants are chosen.")
@click.option("--jobs", type=int, default=None, metavar="N", help="Processes (default: every core).")
@click.option("--record", default=None, metavar="FILE", help="JSON lines as mutants are heard; a run goes on with it.")
@as_json
def census(only: tuple[str, ...], json_: bool, **options: Any) -> int:
    """Measure soundness: false neighbours and true reformulations of every claim, heard by its own witnesses."""
    from . import terminal
    from .api import census as run
    from .documents import dumps

    chosen = _listed(only)
    with terminal.census_steps() as (advance, each):
        result = run(only=chosen, progress=advance, each=each, **options)
    if json_:
        say(dumps(result.to_json()))
    else:
        terminal.show_census(result)
    return result.exit_status


@commands.command()
@click.argument("theory", type=TheoryName("phases"), required=False)
@click.option("--port", type=int, default=0, metavar="P", help="Port on this machine (default: any free one).")
@click.option("--browser/--no-browser", default=True, help="Open a browser (default), or only serve.")
def explore(theory: str | None, port: int, browser: bool) -> None:
    """Explore a phase diagram in the browser: sliders, and what was learned at a click. Needs scalecheck[explorer]."""
    from .explorer import serve

    serve(theory, port, browser)


@commands.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
def cite(ids: tuple[str, ...]) -> None:
    """BibTeX for scalecheck and for what the named claims or theories rest on."""
    from .api import cite as run

    say(run([part for word in ids for part in word.split(",") if part]))


@commands.command()
def conventions() -> None:
    """Normalisations: the letters of the papers, the names used here, their meaning."""
    from .api import conventions as run

    say(run())


@commands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """The script that completes commands, theories and options: eval "$(scalecheck completion bash)"."""
    say(completion_script(commands, shell))
