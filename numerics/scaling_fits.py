"""The models behind an exponent: a power of x, with corrections that die as powers or that live on as logarithms.

Every model is linear in log y once its shape parameters are fixed: log y = c + β u + Σ_j a_j φ_j(u) + φ_0(u), with
u = log x. Simple models are solved on a whole grid of shapes at once, which draws their profile even where the data do
not determine the shapes; rich ones, for data precise enough to need them, are minimised over their shapes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .scaling_search import FLOOR, Problem, search

Array = NDArray[np.float64]
Columns = Callable[[Array, float, Array], Array]

# Relative exponents δ of corrections x^-δ. Slower ones cannot be told from a different power within the decades
# that anybody has; this is an assumption of every interval, and stated with it.
SLOWEST, FASTEST = 0.1, 4.0
RATES, FINE_RATES = np.geomspace(SLOWEST, FASTEST, 16), np.geomspace(SLOWEST, FASTEST, 46)
# Largest power of the logarithm that is considered.
LARGEST_LOG = 4.0
# Where corrections set in, in units of the logarithmic range of the data, from their start.
ONSETS = np.array([-0.6, -0.3, -0.2, -0.12, -0.07, -0.03, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8])
# How far before the data the logarithm vanishes, same units.
LEADS = np.geomspace(0.02, 2.0, 30)
# Widths of the priors of a logarithm's power and of a correction's amplitude (relative, at the first point), in models that
# are linear in both. Without them two large terms that cancel inside the data and part beyond it were as likely as none:
# a pure power with errors of 1% over 3.5 decades then had a half-width of 0.4. Precise data overrule them.
LOG_WIDTH, AMPLITUDE_WIDTH = 1.5, 1.5
# Width of the prior of a shape (rates and leads: of their logarithm) in the curvature that gives the spread of a
# refined solution. It only matters where the data do not determine the shape; without it the spread would be infinite.
PRIOR_WIDTH = 0.7
# Points that must remain beyond the number of parameters before a misfit says anything about the errors.
FREEDOM = 3


@dataclass(frozen=True)
class Curve:
    """Data in logarithmic variables: u = log x ascending, v = log y, weights 1/σ of v."""

    u: Array
    v: Array
    weight: Array
    span: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "span", float(self.u[-1] - self.u[0]))

    def window(self, first: int, last: int) -> Curve:
        """The points first, ..., last - 1."""
        return Curve(self.u[first:last], self.v[first:last], self.weight[first:last])


@dataclass(frozen=True)
class Kind:
    """A family of models.

    Parameters
    ----------
    columns : callable
        (u from the first point, span, shapes of shape (K, s)) to the functions φ_j, shape (K, points, terms).
    offset : callable or None
        The same to φ_0 without free amplitude, shape (K, points).
    positive : tuple of bool
        Which shapes are positive, and searched by their logarithm.
    bounds : tuple of pairs
        Smallest and largest value of each shape.
    has_log : bool
        Whether the first column is the logarithm of u, whose amplitude is the power of log x.
    """

    columns: Columns
    offset: Columns | None = None
    positive: tuple[bool, ...] = ()
    bounds: tuple[tuple[float, float], ...] = ()
    has_log: bool = False

    def inside(self, shape: Array) -> Array:
        """Shapes as the search sees them: logarithms of the positive ones."""
        return np.where(self.positive, np.log(np.where(self.positive, shape, 1.0)), shape)

    def outside(self, searched: Array) -> Array:
        """The inverse of `inside`."""
        return np.where(self.positive, np.exp(np.where(self.positive, searched, 0.0)), searched)


@dataclass(frozen=True)
class Nodes:
    """Least-squares solutions of one kind of model over some shapes.

    Parameters
    ----------
    kind : str
        Name of the model.
    shapes : array of shape (nodes, shape parameters)
        Shape parameters of each solution.
    exponent, spread : arrays of shape (nodes,)
        β, and its standard deviation for errors of the stated size.
    log_exponent, log_spread : arrays of shape (nodes,)
        The same for the power p of the logarithm; zero for models without one.
    misfit : array of shape (nodes,)
        Weighted sum of squared residuals; infinite where the model cannot be solved or leaves its domain.
    parameters : int
        Number of free parameters, shapes included.
    volume : array of shape (nodes,)
        Logarithm of the share of the amplitudes' priors that the data leave, for errors of the stated size: the price of
        a term that is fitted but not needed. Up to a constant that all models share.
    converged : bool
        Whether the search for the shapes has ended; always where they are a grid.
    """

    kind: str
    shapes: Array
    exponent: Array
    spread: Array
    log_exponent: Array
    log_spread: Array
    misfit: Array
    parameters: int
    volume: Array = field(default_factory=lambda: np.zeros(1))
    converged: bool = True

    @property
    def has_log(self) -> bool:
        """Whether the model contains a logarithm."""
        return KINDS[self.kind].has_log

    @property
    def best(self) -> int:
        """Index of the smallest misfit."""
        return int(np.argmin(self.misfit))


def _no_columns(u: Array, span: float, shapes: Array) -> Array:
    return np.empty((len(shapes), u.size, 0))


def _decays(u: Array, span: float, shapes: Array) -> Array:
    return np.exp(-u[None, :, None] * shapes[:, None, :])


def _crossover(u: Array, span: float, shapes: Array) -> Array:
    """log(1 + e^{-δ(u - onset)}): a correction that may exceed the leading term at small x."""
    return np.logaddexp(0.0, -shapes[:, :1] * (u[None, :] - shapes[:, 1:2] * span))


def _deficit(u: Array, span: float, shapes: Array) -> Array:
    """log(1 - e^{-δ(u - onset)}), onset before the data: a correction of negative sign, of any size."""
    return np.asarray(np.log(-np.expm1(-shapes[:, :1] * (u[None, :] - shapes[:, 1:2] * span))))


def _series(u: Array, span: float, shapes: Array) -> Array:
    """log(1 + Σ_j a_j e^{-δ_j u}), shapes (δ_1, ..., a_1, ...)."""
    half = shapes.shape[1] // 2
    total = np.einsum("kmj,kj->km", _decays(u, span, shapes[:, :half]), shapes[:, half:])
    return np.asarray(np.log(np.maximum(1.0 + total, FLOOR)))


def _logarithm(u: Array, span: float, shapes: Array) -> Array:
    return np.asarray(np.log(u[None, :, None] + shapes[:, None, :1] * span))


def _logarithm_and_decay(u: Array, span: float, shapes: Array) -> Array:
    return np.concatenate([_logarithm(u, span, shapes), _decays(u, span, shapes[:, 1:])], axis=2)


def _series_beside_log(u: Array, span: float, shapes: Array) -> Array:
    return _series(u, span, shapes[:, 1:])


RATE, LEAD, AMPLITUDE = (SLOWEST, FASTEST), (0.005, 3.0), (-20.0, 60.0)


def _series_kind(terms: int, *, log: bool) -> Kind:
    positive = (True,) * (terms + log) + (False,) * terms
    bounds = (LEAD,) * log + (RATE,) * terms + (AMPLITUDE,) * terms
    if log:
        return Kind(_logarithm, _series_beside_log if terms else None, positive, bounds, has_log=True)
    return Kind(_no_columns, _series, positive, bounds)


KINDS: dict[str, Kind] = {
    "power": Kind(_no_columns),
    "correction": Kind(_decays),
    "two corrections": Kind(_decays),
    "crossover": Kind(_no_columns, _crossover),
    "deficit": Kind(_no_columns, _deficit),
    "log": Kind(_logarithm, has_log=True),
    "log and correction": Kind(_logarithm_and_decay, has_log=True),
    "series 1": _series_kind(1, log=False),
    "series 2": _series_kind(2, log=False),
    "series 3": _series_kind(3, log=False),
    "log series 0": _series_kind(0, log=True),
    "log series 1": _series_kind(1, log=True),
    "log series 2": _series_kind(2, log=True),
}


def _grid(*axes: Array) -> Array:
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)


GRIDS: dict[str, Array] = {
    "power": np.empty((1, 0)),
    "correction": FINE_RATES[:, None],
    "two corrections": np.array([(a, b) for i, a in enumerate(RATES) for b in RATES[i + 1 :]]),
    "crossover": _grid(FINE_RATES, ONSETS),
    "deficit": _grid(FINE_RATES, ONSETS[ONSETS < 0]),
    "log": LEADS[:, None],
    "log and correction": _grid(LEADS[::2], RATES),
}


def fit_grid(curve: Curve, variance: float = 0.0) -> list[Nodes]:
    """Solve the simple models on their grids, as many as the number of points allows; `variance` as for `solve`."""
    found = []
    for kind, shapes in GRIDS.items():
        nodes = solve(curve, kind, shapes, variance)
        if nodes.parameters - shapes.shape[1] < curve.u.size and np.isfinite(nodes.misfit).any():
            found.append(nodes)
    return found


def solve(curve: Curve, kind: str, shapes: Array, variance: float = 0.0) -> Nodes:
    """Weighted least squares for every row of `shapes` at once.

    A `variance` of the weighted residuals sets the strength of the amplitudes' priors, which then count in the misfit;
    zero leaves them out.
    """
    basis, target = _with_priors(*_design(curve, kind, shapes), KINDS[kind].has_log, variance)
    count, _, terms = basis.shape
    orthogonal, triangle = np.linalg.qr(basis)
    pivots = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
    solvable = pivots.min(axis=1) > 1e-12 * pivots.max(axis=1)
    inverse = np.linalg.inv(np.where(solvable[:, None, None], triangle, np.eye(terms)))
    projected = np.einsum("kmt,km->kt", orthogonal, target)
    coefficients = np.einsum("kst,kt->ks", inverse, projected)
    residual = target - np.einsum("kmt,kt->km", orthogonal, projected)
    spreads = np.sqrt(np.sum(inverse**2, axis=2))
    has_log = KINDS[kind].has_log
    power = coefficients[:, 2] if has_log else np.zeros(count)
    misfit = np.where(solvable & (np.abs(power) <= LARGEST_LOG), np.sum(residual**2, axis=1), np.inf)
    log_spread = spreads[:, 2] if has_log else np.zeros(count)
    parameters = terms + shapes.shape[1]
    volume = -np.sum(np.log(np.where(solvable[:, None], pivots, 1.0)), axis=1) - np.sum(np.log(_widths(terms, has_log)))
    return Nodes(kind, shapes, coefficients[:, 1], spreads[:, 1], power, log_spread, misfit, parameters, volume)


def _widths(terms: int, has_log: bool) -> list[float]:
    """Widths of the priors of the amplitudes, after constant and exponent."""
    return [LOG_WIDTH if has_log and term == 0 else AMPLITUDE_WIDTH for term in range(terms - 2)]


def _design(curve: Curve, kind: str, shapes: Array) -> tuple[Array, Array]:
    """Weighted designs (K, points, terms) and targets (K, points)."""
    u, model = curve.u - curve.u[0], KINDS[kind]
    linear = np.broadcast_to(np.stack([np.ones_like(u), u], axis=1), (len(shapes), u.size, 2))
    basis = np.concatenate([linear, model.columns(u, curve.span, shapes)], axis=2)
    offset = model.offset(u, curve.span, shapes) if model.offset is not None else np.zeros((len(shapes), u.size))
    return basis * curve.weight[None, :, None], (curve.v - offset) * curve.weight


def _with_priors(basis: Array, target: Array, has_log: bool, variance: float) -> tuple[Array, Array]:
    """Each amplitude observed once more, as zero with the width of its prior."""
    count, _, terms = basis.shape
    if variance == 0 or terms == 2:
        return basis, target
    rows = np.hstack([np.zeros((terms - 2, 2)), np.diag(np.sqrt(variance) / np.array(_widths(terms, has_log)))])
    return np.concatenate([basis, np.broadcast_to(rows, (count, *rows.shape))], axis=1), np.hstack(
        [target, np.zeros((count, terms - 2))]
    )


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


def residuals(curve: Curve, kind: str, shapes: Array) -> Array:
    """Weighted residuals (K, points) of the least-squares solution at each row of `shapes`."""
    design, target = _design(curve, kind, shapes)
    orthogonal, _ = np.linalg.qr(design)
    fitted = np.einsum("kmt,kt->km", orthogonal, np.einsum("kmt,km->kt", orthogonal, target))
    return np.asarray(target - fitted)


def _full_spreads(curve: Curve, kind: str, searched: Array, variance: float) -> Array:
    """Standard deviations of (c, β, ...) with the shapes free as well, from the linearised model."""
    model = KINDS[kind]
    design, target = (part[0] for part in _design(curve, kind, model.outside(searched)[None, :]))
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    slopes = []
    for step in 1e-5 * np.eye(searched.size):
        ahead, behind = (_design(curve, kind, model.outside(searched + sign * step)[None, :]) for sign in (1, -1))
        change = (ahead[0][0] - behind[0][0]) @ coefficients - (ahead[1][0] - behind[1][0])
        slopes.append(change / 2e-5)
    full = np.column_stack([design, *slopes])
    # the prior as extra observations, so that precise data do not square the condition number
    prior = np.hstack([np.zeros((searched.size, design.shape[1])), np.eye(searched.size) / PRIOR_WIDTH])
    triangle = np.linalg.qr(np.vstack([full, np.sqrt(max(variance, 1e-300)) * prior]), mode="r")
    inverse = np.linalg.pinv(triangle, rcond=1e-15)
    return np.asarray(np.sqrt(np.sum(inverse**2, axis=1)))
