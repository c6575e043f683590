"""The main job: hear the ledger, compute the figures, compare with an earlier run, write the report."""

from __future__ import annotations

import platform
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sympy as sp

from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.court import Hearing, TwinHearing
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.evidence import Evidence
from scalecheck.proofs_checks.mutation.slots import expressions
from scalecheck.proofs_checks.registry import broken, theory
from scalecheck.theory.symbols import latex

from . import __version__, exits, ledger
from .against import SCHEMA, Earlier, check_apart, compare, read_verdicts, summary, told_of_replaced
from .against_rows import row_counts
from .lanes import Place, Steps, lanes

LIBRARIES = ("numpy", "scipy", "sympy", "mpmath", "python-flint", "scikit-learn", "matplotlib")


@dataclass(frozen=True)
class Verification:
    """The outcome of a run of the ledger.

    Parameters
    ----------
    hearings : tuple[Hearing, ...]
        One a claim, in the order of the ledger.
    effort : Effort
        How much work was spent, and the seed.
    changes : tuple[str, ...]
        Differences to the run given as `against`.
    regressed : bool
        Whether a verdict, or anything that a claim states, differs from the earlier run's.
    out : Path or None
        Where the report was written.
    undrawn : tuple[str, ...]
        Figures that could not be drawn, each with the reason.
    replaced : str
        What is gone with an earlier report in the same place, if that told of claims that this run did not hear; else empty.
    """

    hearings: tuple[Hearing, ...]
    effort: Effort
    only: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    regressed: bool = False
    out: Path | None = None
    undrawn: tuple[str, ...] = ()
    replaced: str = ""

    @property
    def exit_status(self) -> int:
        """0 all as the ledger expects, 1 something refuted or contradictory or changed, 3 something undecided or not drawn."""
        if self.regressed:
            return exits.REFUTED
        return ledger.exit_status(self.hearings) or (exits.UNDECIDED if self.undrawn else exits.HOLDS)

    def counts(self) -> dict[str, int]:
        """How many claims got which verdict."""
        return dict(Counter(hearing.judgement.verdict.value for hearing in self.hearings))

    def summary(self) -> str:
        """One line: verdicts and twins."""
        twins = [(twin.caught,) for hearing in self.hearings for twin in hearing.twins]
        return summary([hearing.judgement.verdict.value for hearing in self.hearings], twins)

    def to_json(self) -> dict[str, object]:
        """The document ``verdicts.json``: enough to rerun, to compare and to cite."""
        return {
            **run_header(rerun_command(self.only, self.effort)),
            "seed": self.effort.seed,
            "quick": self.effort.quick,
            "exit_status": self.exit_status,
            "summary": self.summary(),
            "claims": _records(self.hearings),
            "undrawn": list(self.undrawn),
            "changes": list(self.changes),
            "regressed": self.regressed,
        }

    def __repr__(self) -> str:
        rows = [f"{item.claim.id:32} {item.judgement.verdict.value:15} {item.claim.title}" for item in self.hearings]
        return "\n".join([*rows, self.summary()])

    def _repr_html_(self) -> str:
        from .report import verdict_table

        return verdict_table(self)


def run_header(command: str) -> dict[str, object]:
    """What every ``verdicts.json`` begins with: the command that repeats the run, when and on what it was made."""
    return {
        "schema": SCHEMA,
        "scalecheck": __version__,
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "python": sys.version.split()[0],
        },
        "versions": versions(),
    }


def rerun_command(only: Sequence[str], effort: Effort) -> str:
    """The command that repeats a run."""
    words = ["scalecheck verify", f"--only {','.join(only)}" if only else "", "--quick" if effort.quick else ""]
    return " ".join(word for word in words if word)


def versions() -> dict[str, str | None]:
    """Versions of the libraries that matter."""
    found: dict[str, str | None] = {"scalecheck": __version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def claim_record(hearing: Hearing) -> dict[str, object]:
    """A hearing as JSON."""
    claim = hearing.claim
    return {
        "id": claim.id,
        "title": claim.title,
        "statement": claim.statement,
        "source": {"keys": claim.source.keys, "label": claim.source.label, "status": claim.source.status},
        "hypotheses": [str(item.relation) for item in claim.hypotheses],
        "hypotheses_latex": [latex(item.relation) for item in claim.hypotheses],
        "assumptions": hearing.assumptions,
        "assuming": list(dict.fromkeys(label(text) for text in hearing.assumptions)),
        "comparison": claim.comparison,
        "rests_on": claim.rests_on,
        "tex_values": tex_values(hearing),
        "verdict": hearing.judgement.verdict.value,
        "reason": hearing.judgement.reason,
        "conflict": hearing.judgement.conflict,
        "evidence": [_evidence_record(item) for item in hearing.evidence],
        "twins": [_twin_record(twin) for twin in hearing.twins],
        "as_expected": hearing.as_expected,
        "hash": hearing.fingerprint(__version__),
        "seconds": round(hearing.seconds, 3),
    }


WHOLE = ("formula", "exponent", "constant")
"""Parts of an assertion that stand for the whole of it, the first that there is."""


def tex_values(hearing: Hearing) -> dict[str, str]:
    """What an accepted claim states in closed form, in LaTeX by the name of the part, the whole as ``value``.

    Nothing is exported of a claim that was not accepted, and no float of any: only what the run has established.
    """
    if not hearing.as_expected:
        return {}
    stated = {slot.name: slot.value for slot in expressions(hearing.claim.assertion)}
    told = {name: latex(value) for name, value in stated.items() if not value.has(sp.Float)}
    whole = next((name for name in (*WHOLE, *told) if name in told), None)
    return told | ({} if whole is None else {"value": told[whole]})


LABEL = 40
"""Characters of the name of an assumption; one without a name is told by twice as many of its first."""


def label(assumption: str) -> str:
    """The name of an assumption: what stands before its colon, else as much of it as fits on a line.

    Examples
    --------
    >>> label("N11: the state equations hold across scales")
    'N11'
    """
    head, colon, _ = assumption.partition(":")
    if colon and len(head) <= LABEL:
        return head
    return textwrap.shorten(assumption, 2 * LABEL, placeholder=" ...")


def _evidence_record(item: Evidence) -> dict[str, object]:
    return {
        "witness": item.witness,
        "outcome": item.outcome.value,
        "firmness": item.firmness.value,
        "reason": item.reason,
        "rows": list(item.table.records()),
    }


def _twin_record(twin: TwinHearing) -> dict[str, object]:
    return {
        "id": twin.twin.id,
        "falsehood": twin.twin.falsehood,
        "verdict": twin.judgement.verdict.value,
        "refuted": twin.caught,
        "reason": twin.judgement.reason,
    }


def run_verification(
    only: Sequence[str],
    *,
    quick: bool,
    place: Place,
    out: Path | None,
    against: Path | None,
    progress: Callable[[Hearing, int, int], None] | None,
    drawn: Steps | None,
) -> Verification:
    """Hear the chosen claims; compare and write if asked. Inputs are checked before any work is done."""
    if broken():
        raise InputError(
            "theory", "; ".join(broken()), "theories that load: mend or remove the package that registers it"
        )
    earlier = None if against is None else read_verdicts(against)
    if out is not None:
        from .report import check_target

        check_target(out)
        if against is not None:
            check_apart(against, out)
    chosen = ledger.select(only)
    drawing: list[str] = []
    if out is not None:
        # A part of a theory's claims does not need all of its figures, which cost as much as the claims.
        drawing = sorted({entry.theory for entry in chosen} if not only else whole_theories(chosen))
    effort = Effort(quick=quick)
    with lanes(place, len(chosen)) as found:
        heard, figures = ledger.run(chosen, effort, found, progress, drawing=drawing, drawn=drawn)
    hearings = tuple(heard)
    changes, regressed = ((), False) if earlier is None else _compared(earlier, hearings, quick, only)
    undrawn = tuple(f"{item.plan.title}: {item.missing}" for item in figures if item.missing)
    replaced = "" if out is None else told_of_replaced(out, {hearing.claim.id for hearing in hearings})
    result = Verification(hearings, effort, tuple(only), changes, regressed, out, undrawn, replaced)
    if out is not None:
        from .report import write_report

        write_report(result, out, figures)
    return result


def _compared(
    earlier: Earlier, hearings: Sequence[Hearing], quick: bool, only: Sequence[str]
) -> tuple[tuple[str, ...], bool]:
    """What changed since an earlier run; rows of evidence are counted where both took the same effort."""
    if earlier.quick == quick:
        return compare(earlier, _records(hearings), ledger.scope(only), row_counts)
    changes, regressed = compare(earlier, _records(hearings), ledger.scope(only))
    efforts = ("quick", "of full effort")[:: 1 if earlier.quick else -1]
    return (f"the earlier run is {efforts[0]}, this one {efforts[1]}: their rows are not compared", *changes), regressed


def _records(hearings: Sequence[Hearing]) -> list[dict[str, object]]:
    return [claim_record(hearing) for hearing in hearings]


def whole_theories(chosen: Sequence[ledger.Entry]) -> set[str]:
    """Theories all of whose claims are among the chosen ones."""
    ids = {entry.claim.id for entry in chosen}
    names = {entry.theory for entry in chosen}
    return {name for name in names if {claim.id for claim in ledger.claims_of(name, theory(name).claims)} <= ids}
