"""The models behind an exponent: a power of x, with corrections that die as powers or that live on as logarithms.

Every model is linear in log y once its shape parameters are fixed: log y = c + β u + Σ_j a_j φ_j(u) + φ_0(u), with
u = log x. Simple models are solved on a whole grid of shapes at once, which draws their profile even where the data do
not determine the shapes; rich ones, for data precise enough to need them, are minimised over their shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .scaling_search import FLOOR

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


@dataclass(frozen=True)
class Factors:
    """Designs of one kind over some shapes, reduced to what every least-squares problem about them needs.

    Parameters
    ----------
    kind, shapes
        As in `Nodes`.
    triangle, projected : arrays of shape (nodes, terms, terms) and (nodes, terms)
        R of the orthogonal factors of the weighted design, and the target along Q.
    rest : array of shape (nodes,)
        Sum of squares of the target beside Q.
    """

    kind: str
    shapes: Array
    triangle: Array
    projected: Array
    rest: Array


def factors(curve: Curve, kind: str, shapes: Array) -> Factors:
    """The orthogonal factors of the designs for every row of `shapes`, and the targets along and beside them."""
    basis, target = design(curve, kind, shapes)
    orthogonal, triangle = np.linalg.qr(basis)
    projected = np.einsum("kmt,km->kt", orthogonal, target)
    residual = target - np.einsum("kmt,kt->km", orthogonal, projected)
    return Factors(kind, shapes, triangle, projected, np.sum(residual**2, axis=1))


def grid_factors(curve: Curve) -> list[Factors]:
    """The simple models on their grids: factors serve with priors and without."""
    return [factors(curve, kind, shapes) for kind, shapes in GRIDS.items()]


def fit_grid(curve: Curve, grid: list[Factors], variance: float = 0.0) -> list[Nodes]:
    """Solve the simple models on their grids, as many as the number of points allows; `variance` as for `solve`."""
    found = []
    for item in grid:
        nodes = _solved(item, variance)
        if nodes.parameters - item.shapes.shape[1] < curve.u.size and np.isfinite(nodes.misfit).any():
            found.append(nodes)
    return found


def solve(curve: Curve, kind: str, shapes: Array, variance: float = 0.0) -> Nodes:
    """Weighted least squares for every row of `shapes` at once.

    A `variance` of the weighted residuals sets the strength of the amplitudes' priors, which then count in the misfit;
    zero leaves them out.
    """
    return _solved(factors(curve, kind, shapes), variance)


def _solved(item: Factors, variance: float) -> Nodes:
    kind, shapes, has_log = item.kind, item.shapes, KINDS[item.kind].has_log
    triangle, projected, misfits = _with_priors(item, has_log, variance)
    count, terms = projected.shape
    pivots = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
    solvable = pivots.min(axis=1) > 1e-12 * pivots.max(axis=1)
    inverse = np.linalg.inv(np.where(solvable[:, None, None], triangle, np.eye(terms)))
    coefficients = np.einsum("kst,kt->ks", inverse, projected)
    spreads = np.sqrt(np.sum(inverse**2, axis=2))
    power = coefficients[:, 2] if has_log else np.zeros(count)
    misfit = np.where(solvable & (np.abs(power) <= LARGEST_LOG), misfits, np.inf)
    log_spread = spreads[:, 2] if has_log else np.zeros(count)
    parameters = terms + shapes.shape[1]
    volume = -np.sum(np.log(np.where(solvable[:, None], pivots, 1.0)), axis=1) - np.sum(np.log(_widths(terms, has_log)))
    return Nodes(kind, shapes, coefficients[:, 1], spreads[:, 1], power, log_spread, misfit, parameters, volume)


def _widths(terms: int, has_log: bool) -> list[float]:
    """Widths of the priors of the amplitudes, after constant and exponent."""
    return [LOG_WIDTH if has_log and term == 0 else AMPLITUDE_WIDTH for term in range(terms - 2)]


def design(curve: Curve, kind: str, shapes: Array) -> tuple[Array, Array]:
    """Weighted designs (K, points, terms) and targets (K, points)."""
    u, model = curve.u - curve.u[0], KINDS[kind]
    linear = np.broadcast_to(np.stack([np.ones_like(u), u], axis=1), (len(shapes), u.size, 2))
    basis = np.concatenate([linear, model.columns(u, curve.span, shapes)], axis=2)
    offset = model.offset(u, curve.span, shapes) if model.offset is not None else np.zeros((len(shapes), u.size))
    return basis * curve.weight[None, :, None], (curve.v - offset) * curve.weight


def _with_priors(item: Factors, has_log: bool, variance: float) -> tuple[Array, Array, Array]:
    """Triangle, projected target and misfits with each amplitude observed once more, as zero with the width of its prior."""
    count, terms = item.projected.shape
    if variance == 0 or terms == 2:
        return item.triangle, item.projected, item.rest
    rows = np.hstack([np.zeros((terms - 2, 2)), np.diag(np.sqrt(variance) / np.array(_widths(terms, has_log)))])
    basis = np.concatenate([item.triangle, np.broadcast_to(rows, (count, *rows.shape))], axis=1)
    target = np.hstack([item.projected, np.zeros((count, terms - 2))])
    orthogonal, triangle = np.linalg.qr(basis)
    projected = np.einsum("kmt,km->kt", orthogonal, target)
    residual = target - np.einsum("kmt,kt->km", orthogonal, projected)
    return triangle, projected, item.rest + np.sum(residual**2, axis=1)


def residuals(curve: Curve, kind: str, shapes: Array) -> Array:
    """Weighted residuals (K, points) of the least-squares solution at each row of `shapes`."""
    basis, target = design(curve, kind, shapes)
    orthogonal, _ = np.linalg.qr(basis)
    fitted = np.einsum("kmt,kt->km", orthogonal, np.einsum("kmt,km->kt", orthogonal, target))
    return np.asarray(target - fitted)
