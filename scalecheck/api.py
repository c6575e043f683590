"""The public Python API: one function a command, with the command's keywords."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import cache
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories as _theories
from scalecheck.proofs_checks.registry import theory as _theory

from .derivations import Derivations
from .points import Point

if TYPE_CHECKING:
    from scalecheck.proofs_checks.court import Hearing
    from scalecheck.proofs_checks.diagrams import Diagram
    from scalecheck.proofs_checks.spectra import Spectrum
    from scalecheck.proofs_checks.theory_record import Theory

    from .certifying import Certificate
    from .measurement import Measurement
    from .soundness import Census
    from .verification import Verification


def theories() -> list[str]:
    """Names of all theories found.

    Examples
    --------
    >>> "diagonal" in theories()
    True
    """
    return list(_theories())


def derive(theory: str, *, only: str | None = None) -> Derivations:
    """Derive the laws of a theory, step by step, in closed form.

    Parameters
    ----------
    theory : str
        Name of a theory, see `theories`.
    only : str, optional
        Whole words of a subject, such as ``"Phase II"``: those derivations alone.

    Returns
    -------
    Derivations
        Prints as text, results first; shows as LaTeX in a notebook; `to_json` and `to_latex`.

    Raises
    ------
    InputError
        If there is no such theory, or no such subject.

    Examples
    --------
    >>> derive("diagonal").theory
    'diagonal'
    """
    record = _theory(theory)
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
        Number of random problems to minimise; needs an integer number of samples.
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
    if simulate is not None and (isinstance(simulate, bool) or not isinstance(simulate, int) or simulate < 1):
        raise InputError("simulate", simulate, "an integer >= 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError("seed", seed, "an integer >= 0")
    from .lanes import Mapping, Place

    spread = Mapping(Place(jobs, executor, scheduler), progress)
    point = record.point(controls)
    solution = record.solve(**point)
    experiment = _simulate(record, point, simulate, seed, spread) if simulate is not None else None
    return Point(record.kind, record.name, point, solution, experiment)


def _simulate(record: Theory, point: dict[str, float | int | str], runs: int, seed: int, spread: Executor) -> object:
    if record.simulate is None:
        raise InputError("simulate", runs, f"nothing: {record.name} has no problem to minimise")
    from .parallel import one_thread

    with one_thread():
        return record.simulate(runs=runs, seed=seed, **_where(record.simulate, spread), **point)


def _where(function: Callable[..., Any], spread: Executor) -> dict[str, Executor]:
    """The executor, for functions of a theory that take one: those of a theory from outside need not."""
    return {"executor": spread} if "executor" in signature(function).parameters else {}


def verify(
    *,
    only: Sequence[str] = (),
    quick: bool = False,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    out: str | Path | None = "scalecheck-report",
    against: str | Path | None = None,
    progress: Callable[[Hearing, int, int], None] | None = None,
    figure_progress: Callable[[str, int, int], None] | None = None,
) -> Verification:
    """Run the ledger of claims with their false twins and write the report.

    Parameters
    ----------
    only : sequence of str
        Ids, or leading parts of ids, of the claims to hear; all if empty.
    quick : bool
        Smaller sizes and fewer points; acceptance intervals stay as they are.
    jobs : int, optional
        Processes; the number of cores by default.
    executor : concurrent.futures.Executor, optional
        Where the claims and figures go instead; scalecheck must be installed there.
    scheduler : str, optional
        Address of a Dask scheduler, instead of `jobs` and `executor`; ``scalecheck[cluster]``.
    out : path or None
        Folder of the report, replaced whole or not at all; None writes nothing.
    against : path, optional
        A ``verdicts.json`` of an earlier run to compare with.
    progress : callable, optional
        Called after each claim with the hearing, the number done and the number in all.
    figure_progress : callable, optional
        Called after each figure of the report with its title, the number done and the number in all.

    Returns
    -------
    Verification
        Hearings, exit status and the differences to the earlier run.

    Raises
    ------
    InputError
        For an unknown id, a folder that holds something else, a file that is no verdicts.json, or workers that die.

    Notes
    -----
    Verdicts, evidence and figures are the same whatever the number of workers and wherever they are.

    Examples
    --------
    >>> verify(only=["N1"], quick=True, jobs=1, out=None).exit_status
    0
    """
    from .lanes import Place
    from .verification import run_verification

    return run_verification(
        [only] if isinstance(only, str) else list(only),
        quick=quick,
        place=Place(jobs, executor, scheduler),
        out=None if out is None else Path(out),
        against=None if against is None else Path(against),
        progress=progress,
        drawn=figure_progress,
    )


def phases(
    theory: str,
    *,
    dim: float | None = None,
    plot: str | Path | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **parameters: object,
) -> Diagram:
    """The phase diagram of a theory: exact regions, exponents and constants, from the dominant-balance engine.

    Parameters
    ----------
    theory : str
        Such as ``"diagonal"``.
    dim : float, optional
        Value of the large parameter at which `plot` measures local exponents (10^8 if none is given).
    plot : path, optional
        File for the diagram drawn over the numeric local exponents (png, pdf or svg).
    jobs, executor, scheduler
        Where these are measured, as for `verify`; every core by default. The numbers do not depend on it.
    progress : callable, optional
        Called with a word, the number of columns of the map measured and the number in all.
    **parameters
        Parameters of the diagram by name, ``decay=1.5`` or exactly ``decay="3/2"``; symbolic where left out.

    Returns
    -------
    Diagram
        Rows of exact formulas; `to_json` as on the command line.

    Raises
    ------
    InputError
        For an unknown name, a value outside its domain, or a file that is no picture.

    Examples
    --------
    >>> [row.name for row in phases("diagonal").phases if str(row.exponent) == "1 - a"]
    ['VIa', 'VIb']
    """
    record = _theory(theory)
    if record.phases is None:
        found = [name for name, item in _theories().items() if item.phases]
        raise InputError("theory", theory, "one with a phase diagram: " + ", ".join(found))
    given = {name: _exact(record, name, value) for name, value in parameters.items() if value is not None}
    size = 1e8 if dim is None else float(_number_of("dim", dim, 100.0, 1e12))
    from .lanes import Mapping, Place

    spread = Mapping(Place(jobs, executor, scheduler), progress)
    if plot is not None:
        _plot_phases(record, Path(plot), size, given, spread)
    return replace(record.phases(**given), scaling=record.scaling.exponents)


def _plot_phases(record: Theory, path: Path, dim: float, given: dict[str, str], spread: Executor) -> None:
    from .drawing import check_format, save

    if record.phase_map is None:
        raise InputError("plot", str(path), f"nothing: {record.name} has no map of numeric exponents")
    check_format(path)
    where = _where(record.phase_map, spread)
    save(record.phase_map(dim, **where, **{**record.phase_parameters, **given}), path)


def _exact(record: Theory, name: str, value: object) -> str:
    """A parameter of a diagram as exact text; "3/2" and 1.5 are the same number."""
    from fractions import Fraction

    if name not in record.phase_parameters:
        allowed = f"a parameter of the diagram of {record.name}: {', '.join(record.phase_parameters)}"
        raise InputError(name, value, allowed)
    domain = next(control.domain for control in record.controls if control.name == name)
    text = str(value).strip()
    if domain.words:
        return str(domain.parse(name, text))
    if len(text) > 40 or "e" in text.lower():
        raise InputError(name, value, domain.describe() + ", as a decimal or a fraction")
    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(name, value, domain.describe() + ", as a decimal or a fraction") from None
    domain.parse(name, float(number))
    return str(number)


def _number_of(field: str, value: object, low: float, high: float) -> float:
    from scalecheck.proofs_checks.controls import Domain

    return float(Domain(lower=low, upper=high).parse(field, value))


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


def measure(
    file: str | Path,
    *,
    x: str | None = None,
    y: str | None = None,
    error: str | None = None,
    expect: float | None = None,
    form: str | None = None,
) -> Measurement:
    """The exponent of the user's own curve: an honest interval, sensitivity to the window, a test for logarithms.

    Parameters
    ----------
    file : path
        A CSV file with a header line.
    x, y : str, optional
        Names of the columns; the first two if none are given.
    error : str, optional
        Name of the column of y's standard errors; without one their size is taken from the scatter.
    expect : float, optional
        A predicted exponent to compare with.
    form : {"power", "plateau", "correction", "logarithm"}, optional
        The form of the law, if it is known; by default the interval allows for all of them.

    Returns
    -------
    Measurement
        `to_json` as on the command line; exit status 1 if the expected exponent lies outside the interval, 3 if the
        interval is too wide to say.

    Raises
    ------
    InputError
        For a file that cannot be read or columns that are not there.
    DomainError
        For data that are no curve: fewer than five points, values that are not positive and finite.
    """
    from .measurement import measure_file

    return measure_file(Path(file), x, y, expect, error, form)


def check(
    file: str | Path | Mapping[str, Any] | None = None,
    *,
    certificate: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Any:
    """Verdicts on the user's own conjectures: symbolic over the whole stated range first, then numbers.

    Parameters
    ----------
    file : path or mapping
        A conjecture file (TOML), or what a TOML parser makes of one.
    certificate : path, optional
        Instead of a file: a certificate (JSON) to be checked again, by a checker that uses none of the code that made it.
    progress : callable, optional
        Called with the id of each conjecture before it is heard, its number, and how many there are.

    Returns
    -------
    Checked or CheckedCertificate
        `rows` (of conjectures), `to_json` as on the command line, `exit_status`.

    Raises
    ------
    InputError
        For a file that cannot be used, with every fault in it; where both or neither of file and certificate are given.

    Notes
    -----
    When this is wrong: verdicts are about the equations a theory starts from; what these assume is listed with each.

    Examples
    --------
    >>> path = {"samples": "dim**(3/2)", "weight_decay": "1/dim"}
    >>> law = {"id": "bulk", "theory": "diagonal", "observable": "risk", "path": path, "exponent": "-1/2"}
    >>> found = check({"conjecture": [law, {**law, "id": "too-fast", "exponent": "-3/5"}]})
    >>> [row["verdict"] for row in found.rows], found.exit_status
    (['proved', 'refuted'], 1)
    """
    if (file is None) == (certificate is None):
        raise InputError("file", file, "a conjecture file, or else a certificate")
    if certificate is not None:
        from scalecheck.proofs_checks.certificates.files import check_file

        return check_file(certificate)
    from .checking import check_statements

    return check_statements(file, progress)  # type: ignore[arg-type]


def certify(theory: str, *, out: str | Path | None = None, law: str | None = None, **controls: object) -> Certificate:
    """A certificate for one point: that the equations have a solution in a stated box, with enclosures, in ball arithmetic.

    Parameters
    ----------
    theory : str
        Such as ``"diagonal"``.
    out : path, optional
        File for the document, which `check` verifies again (``certificate=``).
    law : str, optional
        A phase, such as ``"II"``: the certificate is about its law at this point, and encloses the ratio of the risk to it.
        If not every control is given it is about the constant of that phase alone.
    **controls
        As for `solve`; numbers or decimal text, taken exactly.

    Returns
    -------
    Certificate
        `document`, and `statement`: what the separate checker found it to prove.

    Raises
    ------
    InputError
        For an unknown name, a value outside its domain, or a point that has no certificate.
    NotConverged
        If no box could be certified.

    Examples
    --------
    >>> found = certify("diagonal", dim=100, samples=50, weight_decay="0.1", decay=1, noise=1)
    >>> "exactly one solution in the stated box" in found.statement
    True
    >>> certify("diagonal", law="Ib", decay=1).statement
    'at decay = 1 the value of zeta((2 * decay)) lies in [1.64493406684822, 1.64493406684823]'
    """
    from .certifying import certify_point

    return certify_point(_theory(theory), controls, None if out is None else Path(out), law)


def census(
    *,
    only: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    conjectures: bool = False,
    files: Sequence[str | Path] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> Census:
    """Measure soundness: false neighbours and true reformulations of every claim, heard by its own witnesses.

    With `conjectures`, the judge of conjecture files is on trial instead: conjectures of which it is known whether they
    are true are made out of every phase and line of the diagrams, or of the true conjectures of `files`.

    Parameters
    ----------
    only : sequence of str
        Ids, or leading parts of ids, of claims; with `conjectures` names of theories; all if empty.
    sample : int, optional
        At most so many mutants of each claim; with `conjectures` of each phase, of all lines of a diagram, or of a file.
    seed : int
        Which mutants are chosen; the same seed and ledger give the same ones.
    jobs : int, optional
        Processes; the number of cores by default.
    conjectures : bool
        Whether conjectures are heard instead of claims.
    files : sequence of path
        Conjecture files; those conjectures are taken to be true whose ``note`` begins with proved or supported.
    progress : callable, optional
        Called after each claim with its id, the number done and the number in all.

    Returns
    -------
    Census
        The table by claim and operator, totals, false accepts and rejects, and why mutants stayed undecided.

    Raises
    ------
    InputError
        For an unknown claim or theory, an unusable file, or a sample or a number of processes below 1.

    Notes
    -----
    When this is wrong: a mutant is taken to be false because its claim is true. A claim that is itself refuted or
    undecided makes false accepts and rejects of its own.

    Examples
    --------
    >>> found = census(only=["N1.diagonal.penalty"], sample=5, jobs=1)
    >>> found.exit_status, len(found.heard), found.false_accepts
    (0, 5, [])
    """
    if conjectures or files:
        from .judgement import run_judgement

        return run_judgement(tuple(only), tuple(files), sample=sample, seed=seed, jobs=jobs, progress=progress)
    from .soundness import run_census

    return run_census(tuple(only), sample=sample, seed=seed, jobs=jobs, progress=progress)


def cite(ids: Sequence[str] = ()) -> str:
    """BibTeX for scalecheck itself and for what the named claims or theories rest on (everything if none is named).

    Examples
    --------
    >>> cite(["N1"]).splitlines()[0]
    '@misc{scalecheck,'
    """
    from .citations import citations

    return citations([ids] if isinstance(ids, str) else list(ids))


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
