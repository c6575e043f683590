"""Growth of the ledger's cost with the number of claims: run `python -m benchmarks --only claims`.

Claims of one theory share their derivations, so that the second half of them should cost less than the first, from cold.
The reference of each row is the mean over the first claims, ours the mean over all of them, heard in a fresh process.
"""

from __future__ import annotations

import json
import subprocess
import sys

from .rows import Row

CODE = """
import json, sys, time
from scalecheck import ledger
from scalecheck.proofs_checks.claims import Effort
spent = []
for entry in ledger.select([sys.argv[1]])[:int(sys.argv[2])]:
    start = time.process_time()
    ledger.run([entry], Effort(quick=True), None)
    spent.append(time.process_time() - start)
print(json.dumps(spent))
"""


def heard(what: str, count: int) -> list[float]:
    """Processor seconds of each claim with its twins, quick, in a process without caches of derivations."""
    done = subprocess.run([sys.executable, "-c", CODE, what, str(count)], check=True, capture_output=True, text=True)
    return [float(seconds) for seconds in json.loads(done.stdout)]


def rows(quick: bool) -> list[Row]:
    """For the common table."""
    found = []
    for what, count in (("S10", 8),) if quick else (("S10", 30), ("N7.diagonal", 12), ("N7.quadratic", 12)):
        runs = [heard(what, count) for _ in range(1 if quick else 3)]
        third = max(1, len(runs[0]) // 3)
        pairs = [(sum(run) / len(run), sum(run[:third]) / third) for run in runs]
        ratios = sorted(few / all_ for all_, few in pairs)
        note = f"seconds a claim with its twins over {len(runs[0])} claims, against the first {third}"
        middle = sorted(pairs)[len(pairs) // 2]
        ratio = ratios[len(ratios) // 2]
        found.append(Row(f"claims.{what}-{len(runs[0])}", *middle, ratio, (ratios[0], ratios[-1]), note))
    return found
