"""Cost of the census of mutants, a mutant beside the claim it was made of: run `python -m benchmarks --only census`."""

from __future__ import annotations

import time

from scalecheck import ledger
from scalecheck.proofs_checks.claims import Effort

from .rows import Row, missing

CLAIMS = ("A2", "S7")


def rows(quick: bool) -> list[Row]:
    """For the common table: hearing a claim with its twins is the reference of hearing one mutant."""
    try:
        from scalecheck.soundness import run_census
    except ImportError as absent:
        return [missing("census", f"not there: {absent.name}")]
    found = []
    for what in CLAIMS[:1] if quick else CLAIMS:
        entries = ledger.select([what])
        start = time.process_time()
        ledger.run(entries, Effort(quick=True), None)
        claim = (time.process_time() - start) / len(entries)
        start = time.process_time()
        census = run_census([what], sample=4 if quick else 20, seed=0, jobs=1, progress=None)
        mutant = (time.process_time() - start) / max(1, len(census.heard))
        note = f"a mutant against a claim with its twins, over {len(census.heard)} mutants"
        found.append(Row(f"census.{what}", mutant, claim, claim / mutant, (claim / mutant,) * 2, note))
    return found
