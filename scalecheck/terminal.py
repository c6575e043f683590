"""What a person sees in the terminal: progress on standard error, tables on standard output."""

from __future__ import annotations

import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .streams import aside

if TYPE_CHECKING:
    from rich.progress import Progress

    from scalecheck.proofs_checks.conjectures.hearing import Verdicts
    from scalecheck.proofs_checks.court import Hearing
    from scalecheck.proofs_checks.mutation.census import Heard

    from .checking import Checked
    from .soundness import Census
    from .verification import Verification

COLOURS = {"proved": "green", "certified": "blue", "supported": "cyan", "refuted": "red", "undecided": "magenta"}


Hearings = Callable[["Hearing", int, int], None]
Steps = Callable[[str, int, int], None]


@contextmanager
def progress() -> Iterator[tuple[Hearings, Steps]]:
    """Two bars on standard error, of claims heard and figures drawn; a line now and then where that is no terminal."""
    now_and_then = _Lines()
    with _bars() as bars:
        claims, figures = (
            bars.add_task("hearing claims", total=None),
            bars.add_task("figures", total=None, visible=False),
        )

        def heard(hearing: Hearing, done: int, total: int) -> None:
            bars.update(claims, completed=done, total=total, description=hearing.claim.id)
            now_and_then.tell(f"{done}/{total} claims heard, the last {hearing.claim.id}")

        def drawn(title: str, done: int, total: int) -> None:
            bars.update(figures, completed=done, total=total, description=f"figure: {title[:50]}", visible=True)
            now_and_then.tell(f"{done}/{total} figures drawn, the last {title}")

        yield heard, drawn


@contextmanager
def steps(what: str, *, shown: bool = True, lines: bool = True) -> Iterator[Steps]:
    """A progress bar on standard error for things that have a name and a number; `lines` where that is no terminal."""
    if not shown:  # and nothing is loaded that would draw it
        yield lambda name, done, total: None
        return
    now_and_then = _Lines()
    with _bars() as bars:
        task = bars.add_task(what, total=None)

        def advance(name: str, done: int, total: int) -> None:
            bars.update(task, completed=done, total=total, description=f"{what} {name}")
            if lines:
                now_and_then.tell(f"{what} {done}/{total} {name}".rstrip())

        yield advance


@contextmanager
def waiting(what: str, *, shown: bool = True) -> Iterator[None]:
    """A line on standard error every few seconds while something runs that has no steps to tell."""
    done = threading.Event()

    def tell() -> None:
        begun = time.monotonic()
        while not done.wait(LINE_EVERY):
            aside(f"{what}: {time.monotonic() - begun:.0f} s")

    thread = threading.Thread(target=tell, daemon=True)
    if shown:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if shown:
            thread.join()


LINE_EVERY = 10.0
"""Seconds between two lines about a long run where standard error is no terminal and shows no bar."""


class _Lines:
    """Lines on standard error, one every few seconds at most; none in a terminal, where a bar is."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def tell(self, line: str) -> None:
        if not sys.stderr.isatty() and time.monotonic() - self.last > LINE_EVERY:
            self.last = time.monotonic()
            aside(line)


@contextmanager
def census_steps() -> Iterator[tuple[Steps, Callable[[Heard], None]]]:
    """Progress of a census, as a bar or as lines every few seconds; a wrong verdict is told at once."""
    heard = wrong = 0
    now_and_then = _Lines()

    def each(item: Heard) -> None:
        nonlocal heard, wrong
        heard += 1
        if item.false_accept or item.false_reject:
            wrong += 1
            told = "false accept" if item.false_accept else "false reject"
            aside(f"{told}: {item.claim}: {' '.join(item.told.split())}")

    with steps("hearing", lines=False) as advance:

        def step(name: str, done: int, total: int) -> None:
            advance(name, done, total)
            now_and_then.tell(f"{done}/{total} {name}: {heard} heard, {wrong} wrong")

        yield step, each


@contextmanager
def check_steps() -> Iterator[tuple[Steps, Callable[[Verdicts], None]]]:
    """Progress of conjectures: a bar, and a line for each verdict as it falls once the file has taken a while."""
    begun = last = time.monotonic()
    place, waiting = (0, 0), list[str]()
    with _bars() as bars:
        task = bars.add_task("checking", total=None)

        def step(name: str, done: int, total: int) -> None:
            nonlocal place
            place = (done + 1, total)
            bars.update(task, completed=done, total=total, description=f"checking {name}")

        def each(item: Verdicts) -> None:
            nonlocal last
            here = time.monotonic()
            taken, last = here - last, here
            waiting.append(
                f"{place[0]}/{place[1]} {item.conjecture.id}: {item.judgement.verdict.value} ({taken:.1f} s)"
            )
            if here - begun > LINE_EVERY:
                for line in waiting:
                    _beside(bars, line)
                waiting.clear()

        yield step, each


NARROWEST = 40
"""Columns below which lines are left to the terminal."""


def folded(text: str, columns: int) -> str:
    """Lines that are too long continue below their beginning, a little to the right; formulas break at spaces alone.

    Examples
    --------
    >>> print(folded("  II    exponent -4*a/3 + 4*b/3 + 2/3,  constant 3/2,  log 0", 40))
      II    exponent -4*a/3 + 4*b/3 + 2/3,
              constant 3/2,  log 0
    """
    if columns < NARROWEST:
        return text
    return "\n".join("\n".join(_fold(line, columns)) or line for line in text.split("\n"))


def _fold(line: str, columns: int) -> list[str]:
    start = len(line) - len(line.lstrip())
    wrapper = textwrap.TextWrapper(
        columns, subsequent_indent=" " * (start + HANGING), break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(line) if len(line) > columns else [line]


HANGING = 8
"""Columns by which the rest of a long line is moved to the right."""


def show(text: str) -> None:
    """Print on standard output, folded where a person reads it in a terminal: elsewhere lines stay whole."""
    import shutil

    sys.stdout.write((folded(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text) + "\n")


def _bars() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _beside(bars: Progress, line: str) -> None:
    """A line above the bar, or where there is none."""
    if bars.console.is_terminal:
        bars.console.print(line, markup=False, highlight=False)
    else:
        aside(line)


def show_checked(result: Checked) -> None:
    """Print the table of verdicts, then every conjecture with its reason and what it assumes."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, pad_edge=False)
    table.add_column("conjecture", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("witnesses", no_wrap=True)
    table.add_column("reason")
    for row in result.rows:
        verdict = str(row["verdict"])
        heard = "\n".join(f"{item['witness']} {item['outcome']}" for item in row["evidence"])
        style = COLOURS.get(verdict, "white")
        open_ = [
            f"; {item['witness']}: {item['reason']}" for item in row["evidence"] if _is_untold(item, row["reason"])
        ]
        table.add_row(Text(row["id"]), Text(verdict, style=style), Text(heard), Text("".join([row["reason"], *open_])))
    console.print(table)
    assumptions = dict.fromkeys(text for row in result.rows for text in row["assumptions"])
    for text in assumptions:
        console.print(f"assuming: {text}", markup=False, highlight=False)
    for line in twin_lines(result):
        console.print(line, markup=False, highlight=False)
    for line in result.changes:
        console.print(f"since the earlier run: {line}", markup=False, highlight=False)
    if result.out is not None:
        console.print(f"report: {result.out}/index.html", markup=False, highlight=False, soft_wrap=True)


def _is_untold(item: Mapping[str, Any], reason: str) -> bool:
    """Whether a witness decided nothing and the verdict's reason does not say why."""
    return item["outcome"] == "undecided" and item["reason"] not in reason


def twin_lines(result: Checked) -> list[str]:
    """How many false twins were refuted, and every one that was accepted."""
    heard = [twin for several in result.twins.values() for twin in several]
    told = [f"{twin.claim}: a false twin was accepted: {twin.told.partition(': [[')[0]}" for twin in result.let_through]
    caught = sum(twin.verdict.value == "refuted" for twin in heard)
    return [*told, f"{caught} of {len(heard)} false twins refuted"] if heard else []


def show_census(result: Census) -> None:
    """Print the table of mutants by claim and operator, why some stayed undecided, and everything that went wrong."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, pad_edge=False)
    for name in ("claim", "operator", "truth", "mutants", "accepted", "refuted", "undecided", "not applicable"):
        table.add_column(name, no_wrap=True, justify="left" if name in ("claim", "operator", "truth") else "right")
    for row in result.rows:
        counts = (row.mutants, row.accepted, row.refuted, row.undecided, row.not_applicable)
        table.add_row(row.claim, row.operator, "true" if row.true else "false", *map(str, counts))
    console.print(table)
    for of, reason, count in result.reasons():
        console.print(f"undecided, {count} {of}: {reason}", markup=False, highlight=False)
    for told, items in (("false accept", result.false_accepts), ("false reject", result.false_rejects)):
        for item in items:
            line = f"{told}: {item.claim}: {item.told}: {item.verdict.value}: {item.reason} (known: {item.why})"
            console.print(line, style="red", markup=False, highlight=False)
    console.print(result.summary(), highlight=False)


def show_verification(result: Verification) -> None:
    """Print the table of verdicts, what is wrong, and where the report is."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, pad_edge=False)
    for name in ("claim", "what", "verdict", "twins"):
        table.add_column(name, no_wrap=name != "what")
    for hearing in result.hearings:
        verdict = hearing.judgement.verdict.value
        caught = sum(twin.caught for twin in hearing.twins)
        colour = COLOURS.get(verdict, "white")
        table.add_row(
            hearing.claim.id, hearing.claim.title, f"[{colour}]{verdict}[/]", f"{caught}/{len(hearing.twins)}"
        )
    console.print(table)
    for line in complaints(result):
        console.print(line, style="red", markup=False, highlight=False)
    for line in result.changes:
        console.print(f"since the earlier run: {line}", markup=False, highlight=False)
    console.print(result.summary(), highlight=False)
    if result.out is not None:
        console.print(f"report: {result.out}/index.html", markup=False, highlight=False, soft_wrap=True)
    if result.replaced:
        console.print(result.replaced, markup=False, highlight=False, soft_wrap=True)


def complaints(result: Verification) -> list[str]:
    """One line for everything that is not as the ledger expects."""
    lines = []
    for hearing in result.hearings:
        if not hearing.judgement.verdict.accepts:
            lines.append(f"{hearing.claim.id}: {hearing.judgement.verdict.value}: {hearing.judgement.reason}")
        for witness in hearing.toothless:
            lines.append(
                f"{hearing.claim.id}: the {witness} witness contradicts none of the twins: it could not say no"
            )
        if hearing.judgement.verdict.accepts:
            for witness in hearing.silent:
                how = "broke down" if witness in hearing.broken else "decides nothing"
                lines.append(f"{hearing.claim.id}: the {witness} witness {how}; the verdict rests on the other alone")
        for twin in hearing.twins:
            if not twin.caught:
                verdict = twin.judgement.verdict.value
                lines.append(f"{hearing.claim.id}~{twin.twin.id}: a false twin was not refuted but {verdict}")
    return lines + [f"a figure was not drawn: {text}" for text in result.undrawn]
