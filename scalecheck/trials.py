"""The half of the public Python API that says whether something holds: claims, conjectures, certificates, curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theory as _theory

if TYPE_CHECKING:
    from scalecheck.proofs_checks.conjectures.hearing import Verdicts
    from scalecheck.proofs_checks.court import Hearing
    from scalecheck.proofs_checks.mutation.census import Heard

    from .certifying import Certificate
    from .measurement import Measurement
    from .soundness import Census
    from .verification import Verification


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
        A ``verdicts.json`` of an earlier run to compare with: all that claims state, their verdicts, the outcomes of
        witnesses and twins, and its totals with its own claims; not the numbers, reasons and times beside them. Not inside
        `out`, which is replaced.
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
        For an unknown id, a folder that holds something else, a file that is no verdicts.json or lies in `out`, or
        workers that die.

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


def check(
    file: str | Path | Mapping[str, Any] | None = None,
    *,
    certificate: str | Path | None = None,
    out: str | Path | None = None,
    against: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    each: Callable[[Verdicts], None] | None = None,
) -> Any:
    """Verdicts on the user's own conjectures: symbolic over the whole stated range first, then numbers.

    Parameters
    ----------
    file : path or mapping
        A conjecture file (TOML), or what a TOML parser makes of one.
    certificate : path, optional
        Instead of a file: a certificate (JSON) to be checked again, by a checker that uses none of the code that made it.
    out : path, optional
        Folder of a report, replaced whole or not at all: page, ``claims.tex``, ``references.bib``, ``verdicts.json`` and
        the file itself. Of what is accepted false twins are heard as well.
    against : path, optional
        A ``verdicts.json`` of an earlier report to compare with, as for `verify`.
    progress : callable, optional
        Called with the id of each conjecture before it is heard, its number, and how many there are.
    each : callable, optional
        Called with each conjecture's verdict, evidence and assumptions as soon as it has been heard.

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
    if certificate is not None and not isinstance(certificate, str | Path):
        raise InputError("certificate", certificate, "the path of a certificate")
    if file is not None and not isinstance(file, str | Path | Mapping):
        raise InputError("file", file, "the path of a conjecture file, or what a TOML parser makes of one (a mapping)")
    for name, given in (("out", out), ("against", against)):
        if certificate is not None and given is not None:
            raise InputError(name, str(given), "nothing beside a certificate: only conjectures have a report")
    if certificate is not None:
        from scalecheck.proofs_checks.certificates.files import check_file

        return check_file(certificate)
    from .checking import check_statements

    assert file is not None  # mypy does not see that one of the two is given
    places = (None if place is None else Path(place) for place in (out, against))
    return check_statements(file, progress, each, *places)


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
    'at decay = 1 the value of zeta(2*decay) lies in [1.64493406684822, 1.64493406684823]'
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
    record: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    each: Callable[[Heard], None] | None = None,
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
    record : path, optional
        File of JSON lines: every mutant as soon as it is heard. Where it is there already, of the same census and the same
        source, the run goes on where the earlier one ended.
    progress : callable, optional
        Called after each claim, or few conjectures, with a name, the number done and the number in all.
    each : callable, optional
        Called with every mutant as soon as it is heard.

    Returns
    -------
    Census
        The table by claim and operator, totals, false accepts and rejects, and why mutants stayed undecided.

    Raises
    ------
    InputError
        For an unknown claim or theory, an unusable file, a record of something else, or a sample or a number of processes
        below 1.

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
    from .census_runs import Listener

    listener = Listener(progress, each, None if record is None else Path(record))
    if conjectures or files:
        from .judgement import run_judgement

        return run_judgement(tuple(only), tuple(files), sample=sample, seed=seed, jobs=jobs, listener=listener)
    from .soundness import run_census

    return run_census(tuple(only), sample=sample, seed=seed, jobs=jobs, listener=listener)


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
        The form of the law, if it is known; by default the interval allows for all of them, each as far as the errors
        leave it likely.

    Returns
    -------
    Measurement
        `to_json` as on the command line; exit status 1 if the expected exponent lies outside the interval, 3 if the
        interval is too wide to say.

    Raises
    ------
    InputError
        For a file that cannot be read, columns that are not there, or values that are not positive and finite.
    DomainError
        For data that are no curve: fewer than five points, an x that occurs twice.
    """
    if not isinstance(file, str | Path):
        raise InputError("file", file, "the path of a CSV file")
    from .measurement import measure_file

    return measure_file(Path(file), x, y, expect, error, form)


def cite(ids: Sequence[str] = ()) -> str:
    """BibTeX for scalecheck itself and for what the named claims or theories rest on (everything if none is named).

    Examples
    --------
    >>> cite(["N1"]).splitlines()[0]
    '@misc{scalecheck,'
    """
    from .citations import citations

    return citations([ids] if isinstance(ids, str) else list(ids))
