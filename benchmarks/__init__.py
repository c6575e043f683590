"""Speed and scale, side by side with what a user would otherwise run: `python -m benchmarks` from the root of the tree."""

import os

# Before any library loads: on one thread both sides of a ratio do the same work, whatever else the machine is doing.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
