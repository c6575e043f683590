"""The public Python API: one function a command, with the command's keywords. What hears and judges is in `trials`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories as _theories
from scalecheck.proofs_checks.registry import theory as _theory

from .derivations import Derivations
from .points import MOST_RUNS, Point
from .trials import census, certify, check, cite, measure, verify

if TYPE_CHECKING:
    from scalecheck.proofs_checks.diagrams import Diagram
    from scalecheck.proofs_checks.spectra import Spectrum
    from scalecheck.proofs_checks.theory_record import Theory


__all__ = [
    "census",
    "certify",
    "check",
    "cite",
    "conventions",
    "derive",
    "explore",
    "measure",
    "phases",
    "solve",
    "spectrum",
    "theories",
    "verify",
]


def theories() -> list[str]:
    """Names of all theories found.

    Examples
    --------
    >>> "diagonal" in theories()
    True
    """
    return list(_theories())


@overload
def derive(theory: str, *, only: str | None = None) -> Derivations: ...


@overload
def derive(
    theory: str | Path | Mapping[str, Any],
    *,
    only: str | None = None,
    plot: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Any: ...


def derive(
    theory: str | Path | Mapping[str, Any],
    *,
    only: str | None = None,
    plot: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Any:
    """Derive the laws of a theory, step by step, in closed form; or those that a file of the user's own asks for.

    Parameters
    ----------
    theory : str, path or mapping
        Name of a theory, see `theories`. Or a conjecture file (TOML; a name that ends in ``.toml``), or what a TOML parser
        makes of one: each of its ``[[question]]`` tables, and of its conjectures whatever they claim, is answered by the
        laws on the stated range.
    only : str, optional
        Whole words of a subject, such as ``"Phase II"``: those derivations alone. Of a file the id of a question.
    plot : path, optional
        Of one question of a file: a figure (png, pdf or svg) of the numbers along the path with the laws over them.
    progress : callable, optional
        Of a file: called with the id of each question, its number, and how many there are.

    Returns
    -------
    Derivations or Answers
        Prints as text, results first; shows as LaTeX in a notebook; `to_json` and `to_latex`.

    Raises
    ------
    InputError
        If there is no such theory, no such subject, or the file cannot be used.

    Notes
    -----
    When this is wrong: laws of a user's equations are of solutions that go like powers and logarithms; where it is not shown
    that there is no other solution the answer says so.

    Examples
    --------
    >>> derive("diagonal").theory
    'diagonal'
    >>> system = {"id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "p > 1"}, "equations": ["x**p + x = n"]}
    >>> question = {"id": "root", "theory": "system:s", "observable": "x"}
    >>> print(derive({"system": [system], "question": [question]}))
    root: x of system:s as n grows
      x ~ 1 * n**(1/p)
          where p > 1
      numbers: holds: the derived laws along the path, at 2 points
      assuming: the user's equations as they stand: that they describe anything is not checked
    """
    if not isinstance(theory, str) or theory.endswith(".toml"):
        from .answers import derive_file

        if not isinstance(theory, str | Path | Mapping):
            raise InputError("theory", theory, "the name of a theory, the path of a conjecture file, or a mapping")
        return derive_file(theory, only, progress, None if plot is None else Path(plot))
    if plot is not None:
        raise InputError("plot", str(plot), "nothing beside a theory: phases and spectrum draw")
    record = _theory(theory)
    if only is not None and record.families:  # a theory from outside has its words elsewhere
        from .beforehand import check_subject

        check_subject(record, only)
    found = Derivations(record.name, tuple(record.derive()))
    return found if only is None else found.only(only)


def solve(
    theory: str,
    *,
    simulate: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **controls: object,
) -> Point:
    """Solve one point of a theory, beside `simulate` really minimised problems if asked.

    Parameters
    ----------
    theory : str
        Such as ``"diagonal"``.
    simulate : int, optional
        Number of random problems to minimise, at most a million; needs an integer number of samples.
    seed : int
        Seed of the simulation.
    jobs, executor, scheduler
        Where its problems are minimised, as for `verify`; every core by default. The numbers do not depend on it.
    progress : callable, optional
        Called with a word, the number of problems minimised and the number in all.
    **controls
        The controls of the theory by name, in the normalisation of `conventions`.

    Returns
    -------
    Point
        Value, status, error and its kind; `to_json` as on the command line.

    Raises
    ------
    InputError
        For an unknown name or a value outside its domain.
    NotConverged
        If there is no converged solution; nothing unconverged passes for a number.

    Examples
    --------
    >>> point = solve("diagonal", dim=100, samples=1000, weight_decay=0, decay=1, noise=1)
    >>> round(point.value.risk * 900, 9)  # least squares: d Δ / (n - d)
    100.0
    """
    record = _theory(theory)
    if record.solve is None:
        solvers = [name for name, item in _theories().items() if item.solve]
        raise InputError("theory", theory, "one that can be solved at a point: " + ", ".join(solvers))
    if simulate is not None and (
        isinstance(simulate, bool) or not isinstance(simulate, int) or not 1 <= simulate <= MOST_RUNS
    ):
        raise InputError("simulate", simulate, f"an integer from 1 to {MOST_RUNS}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError("seed", seed, "an integer >= 0")
    from .lanes import Mapping as Spread
    from .lanes import Place

    spread = Spread(Place(jobs, executor, scheduler), progress)
    point = record.point(controls)
    solution = record.solve(**point)
    experiment = _simulate(record, point, simulate, seed, spread) if simulate is not None else None
    return Point(record.kind, record.name, point, solution, experiment)


def _simulate(record: Theory, point: dict[str, float | int | str], runs: int, seed: int, spread: Executor) -> object:
    if record.simulate is None:
        raise InputError("simulate", runs, f"nothing: {record.name} has no problem to minimise")
    from .parallel import one_thread
    from .theory_phases import where_of

    with one_thread():
        return record.simulate(runs=runs, seed=seed, **where_of(record.simulate, spread), **point)


@overload
def phases(
    theory: str, *, question: None = None, plane: None = None, dim: float | None = None, plot: str | Path | None = None,
    jobs: int | None = None, executor: Executor | None = None, scheduler: str | None = None,
    progress: Callable[[str, int, int], None] | None = None, **parameters: object,
) -> Diagram: ...  # fmt: skip


@overload
def phases(
    theory: str | Path | Mapping[str, Any], *, question: str | None = None, plane: str | Sequence[str] | None = None,
    dim: float | None = None, plot: str | Path | None = None, jobs: int | None = None, executor: Executor | None = None,
    scheduler: str | None = None, progress: Callable[[str, int, int], None] | None = None, **parameters: object,
) -> Any: ...  # fmt: skip


def phases(
    theory: str | Path | Mapping[str, Any],
    *,
    question: str | None = None,
    plane: str | Sequence[str] | None = None,
    dim: float | None = None,
    plot: str | Path | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **parameters: object,
) -> Any:
    """The phase diagram of a theory, or of a question in a file of the user's own: exact regions, exponents and constants.

    Parameters
    ----------
    theory : str, path or mapping
        Such as ``"diagonal"``. Or a conjecture file (TOML; a name that ends in ``.toml``), or what a TOML parser makes of one.
    question : str, optional
        Of a file: the id of a ``[[question]]``, or of a conjecture whatever it claims; not needed where there is one alone.
    plane : str or sequence of str, optional
        Of a file: two names that the range leaves free, or one, ``"s,b"``; if none are named those that there are, or those
        on the path. Others stay symbolic.
    dim : float, optional
        Value of the large parameter at which `plot` measures local exponents (10^8 if none is given).
    plot : path, optional
        File for the diagram (png, pdf or svg): drawn over the numeric local exponents, or for a file with its regions filled
        and the points at which the numbers were heard.
    jobs, executor, scheduler
        Where these are measured, as for `verify`; every core by default. The numbers do not depend on it. Not of a file.
    progress : callable, optional
        Called with a word, the number of columns of the map (or of points) measured and the number in all.
    **parameters
        Parameters of the diagram by name, ``decay=1.5`` or exactly ``decay="3/2"``; symbolic where left out.

    Returns
    -------
    Diagram or OwnPhases
        Rows of exact formulas; `to_json` as on the command line.

    Raises
    ------
    InputError
        For an unknown name, a value outside its domain, or a file that is no picture.

    Notes
    -----
    When this is wrong: laws of a user's equations are of solutions that go like powers and logarithms; where it is not shown
    that there is no other solution that stands under what is assumed.

    Examples
    --------
    >>> [row.name for row in phases("diagonal").phases if str(row.exponent) == "1 - a"]
    ['VIa', 'VIb']
    >>> spent = {"id": "spent", "large": "C", "positive": ["loss"], "controls": {"N": "N > 0", "D": "D > 0"},
    ...          "parameters": {"a": "a > 0"}, "equations": ["loss = N**(-a) + 1/D"]}
    >>> share = {"id": "share", "theory": "system:spent", "observable": "loss",
    ...          "path": {"N": "C**s", "D": "C**(1-s)"}, "where": {"s": "0 < s < 1"}}
    >>> found = phases({"system": [spent], "question": [share]}).diagram
    >>> [(row.name, row.exponent) for row in found.phases], found.boundaries[0].equation.rhs
    ([('I', -a*s), ('II', s - 1)], 1/(a + 1))
    """
    if not isinstance(theory, str) or theory.endswith(".toml"):
        from .planes import own_phases

        elsewhere = {"dim": dim, "jobs": jobs, "executor": executor, "scheduler": scheduler}
        return own_phases(theory, question, plane, plot, progress, parameters, elsewhere)
    for name, value in (("question", question), ("plane", plane)):
        if value is not None:
            raise InputError(name, value, "nothing beside a theory, whose diagram has one plane: it is of a file")
    record = _theory(theory)
    from .lanes import Mapping as Spread
    from .lanes import Place
    from .theory_phases import diagram_of

    spread = Spread(Place(jobs, executor, scheduler), progress)
    return diagram_of(record, dim, None if plot is None else Path(plot), spread, parameters)


def spectrum(theory: str, *, plot: str | Path | None = None, **controls: object) -> Spectrum:
    """What was learned at one point: zero mass, bulk, outliers, and the power tail with its window.

    Parameters
    ----------
    theory : str
        Such as ``"diagonal"``.
    plot : path, optional
        File for the figure (png, pdf or svg).
    **controls
        As for `solve`.

    Raises
    ------
    InputError
        For an unknown name or a value outside its domain.
    NotConverged
        If the state equations have no solution at this point.

    Examples
    --------
    >>> found = spectrum("diagonal", dim=1e8, samples=1e6, weight_decay=1, decay=1, noise=1)
    >>> found.phase, found.tail.exponent
    ('II', -2.0)
    """
    record = _theory(theory)
    if record.spectrum is None:
        names = [name for name, item in _theories().items() if item.spectrum]
        raise InputError("theory", theory, "one with a learned spectrum: " + ", ".join(names))
    point = record.point(controls)
    if plot is not None:
        from .drawing import check_format

        check_format(Path(plot))
    found = record.spectrum(**point)
    if plot is not None:
        from .drawing import save

        save(found.figure, Path(plot))
    return found


def explore(theory: str | None = None) -> Any:
    """The phase diagram to turn and click, in a notebook: sliders for its parameters, and what was learned at a click.

    Parameters
    ----------
    theory : str, optional
        One with a phase diagram and a solver; the first of them if none is named. Others can be chosen on the page.

    Returns
    -------
    Page
        A notebook shows it in a frame; `address` opens it in a browser. It is served on the machine of the kernel alone.

    Raises
    ------
    InputError
        For a theory without a phase diagram, or where the extra is missing: ``pip install 'scalecheck[explorer]'``.

    Notes
    -----
    When this is wrong: laws are limits; the panel shows the numbers at the chosen size beside them, and says when a
    boundary is near.

    Examples
    --------
    >>> from scalecheck.proofs_checks.errors import InputError
    >>> try:
    ...     explore("asymptotics")  # powers and sums: nothing with a plane
    ... except InputError as error:
    ...     print(error.field)
    theory
    """
    from .explorer import in_notebook

    return in_notebook(theory)


def conventions() -> str:
    """Normalisations of every theory: letter of the papers, name in the code, meaning.

    Examples
    --------
    >>> "weight_decay" in conventions()
    True
    """
    lines: list[str] = []
    for record in _theories().values():
        lines.append(f"{record.name}: {record.title}")
        width = max((len(item.name) for item in record.conventions), default=0)
        lines += [f"  {item.name:{width}}  {item.letter:4} {item.meaning}" for item in record.conventions]
    return "\n".join(lines)


def __getattr__(name: str) -> Callable[..., Point]:
    """The function of a theory that solves its points under a command of its own: same name, same keywords."""
    record = None if name.startswith("_") else next((r for r in _theories().values() if r.command == name), None)
    if record is None or record.solve is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _named_function(record.name)


@cache
def _named_function(theory: str) -> Callable[..., Point]:
    record = _theory(theory)

    def run(**controls: Any) -> Point:
        return solve(theory, **controls)

    required = [c for c in record.controls if c.default is None and c.follows is None]
    rest = [c for c in record.controls if c not in required]
    run.__name__ = run.__qualname__ = record.command
    lines = [f"{c.name} : {c.domain.describe()}\n    {c.letter}: {c.help}." for c in (*required, *rest)]
    run.__doc__ = f"Solve one point: {record.title}.\n\nParameters\n----------\n" + "\n".join(lines)
    kind = Parameter.KEYWORD_ONLY
    run.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter(c.name, kind) for c in required] + [Parameter(c.name, kind, default=c.default) for c in rest]
    )
    return run
