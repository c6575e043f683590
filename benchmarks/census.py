"""Cost of the census of mutants, of claims and of conjectures: run `python -m benchmarks --only census`."""

from __future__ import annotations

import time

from scalecheck import ledger
from scalecheck.proofs_checks.claims import Effort

from .rows import Row, missing

CLAIMS = ("A2", "S7")
THEORIES = ("diagonal", "quadratic")


def rows(quick: bool) -> list[Row]:
    """For the common table: what one mutant costs beside the claim, or the whole hearing, that it stands for."""
    try:
        from scalecheck import soundness
    except ImportError as absent:
        return [missing("census", f"not there: {absent.name}")]
    del soundness
    claims = [_of_claims(what, 4 if quick else 20) for what in (CLAIMS[:1] if quick else CLAIMS)]
    return claims + [_of_conjectures(name, 12 if quick else 60) for name in (THEORIES[:1] if quick else THEORIES)]


def _of_claims(what: str, sample: int) -> Row:
    """Hearing a claim with its twins is the reference of hearing one mutant."""
    from scalecheck import census

    entries = ledger.select([what])
    start = time.process_time()
    ledger.run(entries, Effort(quick=True), None)
    claim = (time.process_time() - start) / len(entries)
    start = time.process_time()
    found = census(only=[what], sample=sample, jobs=1)
    mutant = (time.process_time() - start) / max(1, len(found.heard))
    note = f"a mutant against a claim with its twins, over {len(found.heard)} mutants"
    return Row(f"census.{what}", mutant, claim, claim / mutant, (claim / mutant,) * 2, note)


def _of_conjectures(name: str, sample: int) -> Row:
    """Both witnesses on every conjecture are the reference of the census, which asks for numbers where they can matter."""
    from scalecheck.proofs_checks.conjectures.derived import derived_diagram
    from scalecheck.proofs_checks.mutation.charts import Chart
    from scalecheck.proofs_checks.mutation.judging import NUMBERS, judge, of_chart, thinned
    from scalecheck.proofs_checks.registry import theories

    chart = Chart(theories()[name], derived_diagram(name))
    stated = thinned(of_chart(chart, "1", 0), sample, 0)
    each = []
    for numbers in (NUMBERS, 1):
        start = time.process_time()
        judge(stated, numbers=numbers)
        each.append((time.process_time() - start) / len(stated))
    note = f"a conjecture of the census against one heard by both witnesses, over {len(stated)}, the theory derived"
    return Row(f"census.conjectures.{name}", each[0], each[1], each[1] / each[0], (each[1] / each[0],) * 2, note)
