"""Adaptive quadrature in batches: every panel that is not good enough is halved, all of them in one call of the integrand."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Gauss and Kronrod's pair of 7 and 15 points (Kronrod 1965; digits as in QUADPACK). A test integrates x^22 with it.
_HALF = (
    0.991455371120812639206854697526329,
    0.949107912342758524526189684047851,
    0.864864423359769072789712788640926,
    0.741531185599394439863864773280788,
    0.586087235467691130294144838258730,
    0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
)
_KRONROD = (
    0.022935322010529224963732008058970,
    0.063092092629978553290700663189204,
    0.104790010322250183839876322541518,
    0.140653259715525918745189590510238,
    0.169004726639267902826583426598550,
    0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
)
_GAUSS = (0.129484966168869693270611432679082, 0.279705391489276667901467771423780, 0.381830050505118944950369775488975)
NODES = np.array([*(-x for x in _HALF), 0.0, *_HALF[::-1]])
KRONROD = np.array([*_KRONROD, 0.209482141084727828012999174891714, *_KRONROD[::-1]])
GAUSS = np.zeros(15)
GAUSS[1::2] = [*_GAUSS, 0.417959183673469387755102040816327, *_GAUSS[::-1]]


class Integral(NamedTuple):
    """The integral, what the two rules differ by, the integrals of what came along, and how many nodes there were."""

    value: float
    error: float
    companions: Array
    nodes: int
    converged: bool


def nodes_of(left: Array, right: Array) -> tuple[Array, Array]:
    """Kronrod nodes and half-widths of panels.

    Examples
    --------
    >>> x, half = nodes_of(np.array([0.0]), np.array([1.0]))
    >>> abs(float((x[0] ** 22 * KRONROD).sum() * half[0]) - 1 / 23) < 1e-15
    True
    """
    half = 0.5 * (right - left)
    return (0.5 * (left + right))[:, None] + half[:, None] * NODES, half


def integrate(
    function: Callable[[Array], Array], edges: Array, *, tolerance: float, rounds: int = 25, breaks: int = 200
) -> Integral:
    """Integrate over consecutive panels `edges`, halving until the rules differ by `tolerance` of the whole.

    The function may return several rows: the panels are chosen for the first, the others come along at the same nodes.
    `breaks` is the largest number of panels halved in one round. Panels one rounding wide are left alone.

    Examples
    --------
    >>> found = integrate(np.sqrt, np.array([0.0, 0.5, 1.0]), tolerance=1e-10)
    >>> abs(found.value - 2 / 3) < 1e-10, found.converged
    (True, True)
    """
    course = integration(edges, tolerance=tolerance, rounds=rounds, breaks=breaks)
    nodes = next(course)
    while True:
        try:
            nodes = course.send(function(nodes))
        except StopIteration as end:
            found: Integral = end.value
            return found


def integration(
    edges: Array, *, tolerance: float, rounds: int = 25, breaks: int = 200
) -> Generator[Array, Array, Integral]:
    """The same as a course that asks for values at nodes and is sent them, so that several can be answered in one call.

    Examples
    --------
    >>> course = integration(np.array([0.0, 1.0]), tolerance=1e-3)
    >>> try:
    ...     _ = course.send(next(course) ** 2)
    ... except StopIteration as end:
    ...     print(round(end.value.value, 12))
    0.333333333333
    """
    left, right = edges[:-1], edges[1:]
    total, error, count = 0.0, 0.0, 0
    others = np.zeros(0)
    for _ in range(rounds):
        x, half = nodes_of(left, right)
        y = (yield x.ravel()).reshape(-1, *x.shape)
        (value, *rest), rough = (y @ KRONROD) * half, (y[0] @ GAUSS) * half
        gap = np.abs(value - rough)
        whole = abs(total + float(value.sum()))
        budget = tolerance * whole / 2.0
        # A panel is fine if its share is far below the budget, or all that is left together is within it.
        bad = gap > budget / (10.0 * (len(edges) + breaks))
        if float(gap.sum()) + error <= budget:
            bad[:] = False
        worst = np.argsort(gap)[::-1][:breaks]
        chosen = np.zeros(bad.shape, dtype=bool)
        chosen[worst] = bad[worst] & (half[worst] > 4e-16 * (1.0 + np.abs(left[worst])))
        kept = ~chosen
        others = np.array([part[kept].sum() for part in rest]) + (others if others.size else 0.0)
        count += x.size
        total, error = total + float(value[kept].sum()), error + float(gap[kept].sum())
        if not chosen.any():
            break
        middle = 0.5 * (left + right)[chosen]
        left, right = np.concatenate([left[chosen], middle]), np.concatenate([middle, right[chosen]])
    settled = not chosen.any() and error <= tolerance * max(abs(total), 1e-300)
    return Integral(total, error, others, count, settled)
