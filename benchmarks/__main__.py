"""All benchmarks, one command, one table: `python -m benchmarks [--only NAME,..] [--quick] [--baseline FILE] [--json FILE]`.

Exit status: 0 if no ratio fell by more than 30% of the baseline's and all sides agreed, 1 otherwise, 2 for unusable input.
`pip install '.[bench,sweeps]'` brings the rivals; those that are missing are named in their rows.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import warnings
from pathlib import Path

from benchmarks.rows import Row, fallen, missing, read_baseline, table, write

BENCHMARKS = (
    "state_evolution",
    "minimisers",
    "balance",
    "shells",
    "free_convolution",
    "quadratic_minimisers",
    "quadratic_state_evolution",
    "claims",
    "census",
    "sweeps",
)
BASELINE = Path(__file__).with_name("baseline.json")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", metavar="NAME,..", help="of " + ", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--baseline", type=Path, default=BASELINE, metavar="FILE", help="ratios to compare with")
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the table")
    options = parser.parse_args()
    options.only = [name for name in options.only.split(",") if name] or list(BENCHMARKS)
    for name in options.only:
        if name not in BENCHMARKS:
            parser.error(f"--only: got {name!r}, allowed is {', '.join(BENCHMARKS)}")
    return options


def run(name: str, quick: bool) -> list[Row]:
    """Rows of one benchmark; sides that disagree are a row that says so."""
    from threadpoolctl import threadpool_limits

    module = importlib.import_module(f"benchmarks.{name}")
    start = time.perf_counter()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unconverged rivals complain; the table says it
        try:
            rows = list(module.rows(quick))
        except AssertionError as error:
            rows = [missing(f"{name}.agreement", f"DISAGREE: {error}")]
    print(f"{name}: {len(rows)} rows, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return rows


def main() -> int:
    options = parsed()
    try:
        baseline = read_baseline(options.baseline) if options.baseline.exists() or options.baseline != BASELINE else {}
    except (OSError, ValueError) as error:
        print(f"--baseline: {error}", file=sys.stderr)
        return 2
    rows = [row for name in options.only for row in run(name, options.quick)]
    flags = fallen(rows, baseline)
    print(table(rows, flags))
    compared = sum(row.id in baseline and row.ratio is not None for row in rows)
    print(f"{len(rows)} rows, {compared} compared with the baseline, {len(flags)} fell by more than 30%")
    if options.json:
        write(rows, options.json)
    return 1 if flags or any(row.note.startswith("DISAGREE") for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
