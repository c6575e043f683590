"""The rich models of a curve, minimised over their shapes: series of corrections, alone or beside a logarithm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from .scaling_fits import FASTEST, FREEDOM, KINDS, SLOWEST, Array, Curve, Nodes, design, solve
from .scaling_search import Problem, search

# Width of the prior of a shape (rates and leads: of their logarithm) in the curvature that gives the spread of a
# refined solution. It only matters where the data do not determine the shape; without it the spread would be infinite.
PRIOR_WIDTH = 0.7


def fit_series(curve: Curve, simple: list[Nodes], variance: float) -> list[Nodes]:
    """Minimise the rich models over their shapes, each started from the simpler one before it.

    Parameters
    ----------
    simple : list of Nodes
        What `fit_grid` found.
    variance : float
        Estimated variance of the weighted residuals: how strong the prior of the shapes is beside the data.
    """
    by_kind = {nodes.kind: nodes for nodes in simple}
    found: list[Nodes] = []
    plain = _ladder(curve, _first_series(curve, by_kind), "series", 3, variance)
    if "log" in by_kind:
        plain += _ladder(curve, [by_kind["log"].shapes[by_kind["log"].best]], "log series", 2, variance, by_kind)
    found += plain
    return found


def _first_series(curve: Curve, by_kind: dict[str, Nodes]) -> list[Array]:
    """Starting shapes (δ, a) from the grid models with one correction."""
    starts = [np.array([0.5, 0.1])]
    for kind, sign in (("crossover", 1.0), ("deficit", -1.0)):
        if kind in by_kind:
            rate, onset = by_kind[kind].shapes[by_kind[kind].best]
            starts.append(np.array([rate, sign * np.exp(min(math.log(50.0), rate * onset * curve.span))]))
    return starts


def _ladder(
    curve: Curve,
    starts: list[Array],
    family: str,
    highest: int,
    variance: float,
    by_kind: dict[str, Nodes] | None = None,
) -> list[Nodes]:
    """Refine with more and more corrections; stops where the points do not suffice."""
    found: list[Nodes] = []
    lead = int(family == "log series")
    for order in range(1 - lead, highest + 1):
        if 2 + lead + len(starts[0]) > curve.u.size - FREEDOM:
            break
        nodes = _refined(curve, f"{family} {order}", starts, variance)
        if np.isfinite(nodes.misfit[0]):  # else a start for the next one all the same
            found.append(nodes)
        starts = _longer(nodes.shapes[0], lead)
        if order == 0 and by_kind is not None and "log and correction" in by_kind:
            grid = by_kind["log and correction"]
            first, rate = grid.shapes[grid.best]
            starts = [np.array([first, rate, sign]) for sign in (0.3, -0.3)] + starts[:2]
    return found


def _longer(shape: Array, lead: int) -> list[Array]:
    """Starting shapes with one more correction: beyond the fastest, below the slowest, or in a regular series."""
    terms = (shape.size - lead) // 2
    head, rates, amplitudes = shape[:lead], shape[lead : lead + terms], shape[lead + terms :]
    if terms == 0:
        return [np.array([*head, rate, 0.01]) for rate in (0.3, 1.0)]
    added = [min(FASTEST, 1.7 * rates.max()), max(SLOWEST, 0.6 * rates.min())]
    longer = [np.concatenate([head, rates, [rate], amplitudes, [0.01]]) for rate in added]
    regular = rates.min() * np.arange(1, terms + 2)
    return [*longer, np.concatenate([head, np.minimum(regular, FASTEST), amplitudes, [0.01]])]


def _refined(curve: Curve, kind: str, starts: list[Array], variance: float) -> Nodes:
    """The best solution over the shapes by variable projection; its spread includes the shapes' own."""
    model = KINDS[kind]
    lower, upper = (model.inside(np.array(side)) for side in np.array(model.bounds).T)
    terms = (lower.size - model.has_log) // 2
    problem = Problem.of(curve.u, curve.v, curve.weight, has_log=model.has_log, terms=terms)
    ends = search(problem, np.array([model.inside(start) for start in starts]), lower, upper)
    lowest = int(np.argmin(ends.misfit))
    searched = ends.searched[lowest]
    best = solve(curve, kind, model.outside(searched)[None, :])
    widths = _full_spreads(curve, kind, searched, variance)
    log_spread = widths[2:3] if model.has_log else np.zeros(1)
    converged = bool(ends.converged[lowest])
    return replace(best, spread=widths[1:2], log_spread=log_spread, volume=np.zeros(1), converged=converged)


def _full_spreads(curve: Curve, kind: str, searched: Array, variance: float) -> Array:
    """Standard deviations of (c, β, ...) with the shapes free as well, from the linearised model."""
    model = KINDS[kind]
    basis, target = (part[0] for part in design(curve, kind, model.outside(searched)[None, :]))
    coefficients = np.linalg.lstsq(basis, target, rcond=None)[0]
    slopes = []
    for step in 1e-5 * np.eye(searched.size):
        ahead, behind = (design(curve, kind, model.outside(searched + sign * step)[None, :]) for sign in (1, -1))
        change = (ahead[0][0] - behind[0][0]) @ coefficients - (ahead[1][0] - behind[1][0])
        slopes.append(change / 2e-5)
    full = np.column_stack([basis, *slopes])
    # the prior as extra observations, so that precise data do not square the condition number
    prior = np.hstack([np.zeros((searched.size, basis.shape[1])), np.eye(searched.size) / PRIOR_WIDTH])
    triangle = np.linalg.qr(np.vstack([full, np.sqrt(max(variance, 1e-300)) * prior]), mode="r")
    inverse = np.linalg.pinv(triangle, rcond=1e-15)
    return np.asarray(np.sqrt(np.sum(inverse**2, axis=1)))
