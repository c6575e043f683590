"""The quadratic network: its convex problem, its training, its state equations (theory.md N2, N4), in floating point."""
