"""Sums over 1, 2, ..., dim at a cost that does not grow with dim: Gauss rules for the *discrete* uniform measure.

A smooth summand needs few evaluations on a long run of integers. The 16-node Gauss rule of the uniform measure on N
consecutive integers (the nodes of a Gram polynomial) sums every polynomial of degree 31 *exactly*, ends included, so
neither an explicitly summed head nor Euler-Maclaurin corrections are needed: a caller cuts [1, dim] into panels on
which the summand is smooth, at integer edges, and short panels (N <= 16) are summed term by term.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# Nodes of a panel. 16 nodes resolve exp(-mu^2/2) on panels of width 2.7 and k^-s on panels of ratio 4 to rounding
# (Bernstein ellipse 3, error 3^-32 = 5e-16); 12 nodes would lose four digits, 24 cost half as much again.
ORDER = 16
# Chebyshev terms in 1/N^2 for nodes and weights. Measured against the eigenproblem for N = 17 ... 10^6: nodes 4e-14 of
# the panel at 32 terms, 2e-14 (the rounding of the eigenproblem itself) from 40 on; 24 terms leave 1e-11.
TERMS = 40


@dataclass(frozen=True)
class Nodes:
    """Weighted points that stand for the terms of several sums at once.

    Parameters
    ----------
    owner : array of int, shape (rows,)
        Which sum each row belongs to; non-decreasing, every sum has at least one row.
    values, weights : arrays, shape (rows, columns)
        Where to evaluate, and how many terms each evaluation stands for.

    Examples
    --------
    >>> import numpy as np
    >>> integers = panels(np.array([[0.0, 1e6], [0.0, 10.0]]))
    >>> integers.total(integers.values**2)[0]
    array([3.33333833e+17, 3.85000000e+02])
    """

    owner: Indices
    values: Array
    weights: Array

    def total(self, *summands: Array) -> Array:
        """Return the sums of the given arrays of values at the nodes, shape (number of arrays, number of sums)."""
        rows = np.array([np.einsum("ij,ij->i", part, self.weights) for part in summands], dtype=np.float64)
        starts = np.flatnonzero(np.diff(self.owner, prepend=-1))
        if starts.size == self.owner.size:
            return rows
        sums: Array = np.add.reduceat(rows, starts, axis=1)
        return sums


def gram_rule(inverse_square: float, order: int = ORDER) -> tuple[Array, Array]:
    """Return nodes in (-1/2, 1/2) and weights of the uniform measure on N equispaced points, N^2 = 1/inverse_square.

    The Jacobi matrix has zero diagonal and squared off-diagonal N^-2 beta_n = n^2 (1 - n^2/N^2) / (4 (4 n^2 - 1)), in
    units of N spacings (discrete Chebyshev polynomials, also named after Gram). At 0 it is the Gauss-Legendre rule.

    Examples
    --------
    >>> nodes, weights = gram_rule(1 / 100**2)
    >>> round(float(100 * weights @ (100 * nodes) ** 2), 6)  # sum of the squares of -49.5, ..., 49.5
    83325.0
    """
    n = np.arange(1.0, order)
    off_diagonal = np.sqrt(n**2 * (1.0 - n**2 * inverse_square) / (4.0 * (4.0 * n**2 - 1.0)))
    nodes, vectors = np.linalg.eigh(np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1))
    return nodes, vectors[0] ** 2


@lru_cache(maxsize=1)
def _interpolant() -> Array:
    """Chebyshev coefficients in nu = 1/N^2 on [0, 1/ORDER^2] of the nodes and weights, which are analytic there."""
    angles = (np.arange(TERMS) + 0.5) * np.pi / TERMS
    rules = [np.concatenate(gram_rule((1.0 + np.cos(angle)) / (2 * ORDER**2))) for angle in angles]
    coefficients: Array = 2.0 / TERMS * np.cos(np.outer(np.arange(TERMS), angles)) @ np.array(rules)
    coefficients[0] /= 2.0
    return coefficients


def _rules(lengths: Array) -> tuple[Array, Array]:
    """Nodes (in units of the panel, from its centre) and weights (per term) for panels longer than ORDER."""
    angles = np.arccos(2.0 * (ORDER / lengths) ** 2 - 1.0)
    table = np.cos(np.outer(angles, np.arange(TERMS))) @ _interpolant()
    return table[:, :ORDER], table[:, ORDER:]


def panels(edges: ArrayLike) -> Nodes:
    """Return nodes whose weighted sum over row i is the sum over the integers in (edges[i, 0], edges[i, -1]].

    Parameters
    ----------
    edges : array, shape (sums, cuts)
        Non-decreasing integers (as floats, up to 2^53) in each row. Repeated edges make empty panels, which cost
        nothing. Each row must contain at least one integer.

    Notes
    -----
    Exact for polynomials of degree 31 in the summation index on each panel, and for anything on panels of at most 16
    integers. *When this is wrong*: on a summand that varies on a scale much shorter than a sixteenth of a long panel.
    Compare with `panels(bisected(edges))`.
    """
    cuts = np.atleast_2d(np.asarray(edges, dtype=np.float64))
    owner, column = np.nonzero(cuts[:, 1:] > cuts[:, :-1])
    left, right = cuts[owner, column], cuts[owner, column + 1]
    lengths = right - left
    steps = np.arange(1.0, ORDER + 1.0)
    values = left[:, None] + np.minimum(steps, lengths[:, None])
    weights = (steps <= lengths[:, None]).astype(np.float64)
    long = lengths > ORDER
    if long.any():
        nodes, shares = _rules(lengths[long])
        values[long] = 0.5 * (left + right + 1.0)[long, None] + lengths[long, None] * nodes
        weights[long] = lengths[long, None] * shares
    return Nodes(owner, values, weights)


def bisected(edges: Array) -> Array:
    """Return the edges with an integer near the geometric middle of every panel added, for a second, finer rule.

    Geometric, because what is summed varies on the scale of the index itself: both halves are then easier than the whole.
    (Arithmetic halves leave the lower one as hard as the whole: bad rules then agree with each other.)

    Examples
    --------
    >>> import numpy as np
    >>> bisected(np.array([[0.0, 100.0, 100.0, 105.0]]))
    array([[  0.,  10., 100., 100., 100., 102., 105.]])
    """
    refined = np.empty((edges.shape[0], 2 * edges.shape[1] - 1))
    refined[:, ::2] = edges
    middle = np.floor(np.sqrt(np.maximum(edges[:, :-1], 1.0)) * np.sqrt(edges[:, 1:]))
    refined[:, 1::2] = np.clip(middle, edges[:, :-1], edges[:, 1:])
    return refined
