"""The quadratic network itself, f(x) = Tr[Wᵀ W (x xᵀ - 1)]/(dim √width), trained over W with weight decay.

Nothing here knows the minimiser of the convex problem: random weights, L-BFGS-B on the non-convex loss, Newton steps to
the rounding floor, a push along the steepest descent where dead neurons sit on a saddle. The duality gap at
S = Wᵀ W/√(width·dim) (theory.md N2) then certifies that the network stands at its global minimum; starts from which
it is not reached are counted, not hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import NotConverged, real, require
from ...solution import ErrorKind, Solution, Status
from ..inputs import finite_labels, finite_matrix
from .designs import Design, QuadraticFeatures
from .duality import Certificate, certify
from .factored import newton
from .reduction import checked_width, penalty_of

Array = NDArray[np.float64]

# Largest relative duality gap of a trained network. Measured on 657 networks (d <= 16, n <= 600), by penalty as a fraction
# of the largest useful one: above 1e-3 none refused of 409, 1e-4 to 1e-3 5 of 106, 1e-5 to 1e-4 17 of 142; median of
# those that passed 5e-14 to 4e-12.
TOLERANCE = 1e-8
# A direction in which the slack is below -SADDLE_MARGIN·Λ is one in which a new neuron lowers the loss; it is given this
# length relative to the longest.
SADDLE_MARGIN, PUSH = 1e-10, 1e-2
# Rounds of descent, Newton and push; Newton steps in each.
ROUNDS, NEWTON_STEPS = 12, 30
# A neuron counts as dead below this fraction of the largest eigenvalue of S.
DEAD = 1e-10


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A quadratic network at the global minimum of its regularised loss.

    Parameters
    ----------
    weights : array of shape (width, dim)
        W. The loss does not change under rotations of the neurons; they are rotated into orthogonal ones.
    matrix : array of shape (dim, dim)
        S = Wᵀ W/√(width·dim).
    loss : float
        Σ (y - f)² + weight_decay ‖W‖².
    gap : float
        Relative duality gap of S for the convex problem with Λ = weight_decay √(width·dim).
    train_error : float
        Mean square residual.
    """

    weights: Array
    matrix: Array
    loss: float
    gap: float
    train_error: float

    @property
    def spectrum(self) -> Array:
        """Eigenvalues of S, descending, from the singular values of W."""
        lengths = np.linalg.svd(self.weights, compute_uv=False)
        return np.asarray(lengths**2 / math.sqrt(self.weights.size))

    @property
    def rank(self) -> int:
        """Number of eigenvalues above 1e-10 of the largest."""
        spectrum = self.spectrum
        return int(np.sum(spectrum > DEAD * spectrum[0])) if spectrum[0] > 0 else 0


@dataclass(frozen=True)
class Landings:
    """Networks trained from several starts on one problem, those that were refused included.

    Parameters
    ----------
    networks : tuple of TrainedNetwork
        Those at a certified global minimum.
    refused : tuple of (int, str)
        Index of each start from which training was refused, and why.
    """

    networks: tuple[TrainedNetwork, ...]
    refused: tuple[tuple[int, str], ...]

    @property
    def spread(self) -> float:
        """Largest ‖S - S'‖_F/‖S‖_F between the networks and the first one: 0 if they all land on one point."""
        if not self.networks:
            return math.nan
        first = self.networks[0].matrix
        size = float(np.linalg.norm(first))
        largest = max(float(np.linalg.norm(network.matrix - first)) for network in self.networks)
        return largest / size if size > 0 else largest


def train(
    design: Design | ArrayLike,
    labels: ArrayLike,
    *,
    weight_decay: float,
    width: int | None = None,
    seed: int | np.random.SeedSequence = 0,
    scale: float = 1.0,
    start: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
) -> Solution[TrainedNetwork]:
    """Train W on Σ (y - f)² + weight_decay ‖W‖² to the global minimum (claims N2, N10).

    Parameters
    ----------
    design : Design, or array of shape (samples, dim)
        The measurements, or the inputs x of the real ones, one a row.
    labels : array of shape (samples,)
        Labels y.
    weight_decay : float
        λ > 0.
    width : int, optional
        p ≥ dim, by default dim.
    seed : int or SeedSequence
        Of the random initial weights, N(0, scale²) each.
    scale : float
        Their standard deviation.
    start : array of shape (width, dim), optional
        Initial W instead of random ones; may be the saddle W = 0.
    tolerance : float
        Largest relative duality gap that passes.

    Returns
    -------
    Solution of TrainedNetwork
        `error` is the relative duality gap of S, a proved bound: no network of any width has a loss lower by more than
        that fraction.

    Raises
    ------
    DomainError
        weight_decay = 0 (then the network that training finds depends on its initial weights, and is not the limit
        from above), width < dim, or unusable arrays.
    NotConverged
        Training stopped above the tolerance. When this is wrong: for tiny weight decay (Λ below 1e-3 of the largest
        eigenvalue of 2 Σ y Z) where the labels can be interpolated, descent may crawl along a valley.

    Examples
    --------
    >>> network = train([[2.0], [0.0]], [3.0, -1.0], weight_decay=2.0).value
    >>> network.matrix.round(9), network.weights.shape
    (array([[0.9]]), (1, 1))
    """
    measurements = design if isinstance(design, Design) else QuadraticFeatures(design)
    target = finite_labels(labels, measurements.samples)
    neurons = checked_width(width, measurements.dim)
    penalty = penalty_of(weight_decay=weight_decay, dim=measurements.dim, width=neurons)
    require(penalty > 0, "weight_decay", weight_decay, "> 0: without it the network depends on its initial weights")
    real("tolerance", tolerance, above=0)
    initial = _initial((neurons, measurements.dim), seed, real("scale", scale, above=0), start)
    training = _Training(measurements, target, float(weight_decay), penalty, (neurons * measurements.dim) ** -0.25)
    weights, certificate, statistics = training.descend(initial, tolerance)
    # Descent leaves dead neurons at some 1e-15, and then even their rank is noise: if no neuron is as good, none it is.
    nothing = training.certificate(np.zeros_like(weights))
    if nothing.relative_gap <= min(tolerance, 1e-10):
        weights, certificate = np.zeros_like(weights), nothing
    gap = certificate.relative_gap
    method = "quadratic network: L-BFGS-B and Newton over W, certified by the duality gap of the convex problem"
    if not gap <= tolerance:
        raise NotConverged(f"{method}: relative gap {gap:.1e} above {tolerance:.1e}; raise weight_decay")
    stored = seed if isinstance(seed, int) else None
    value = training.assemble(weights, gap)
    return Solution(value, Status.CONVERGED, gap, ErrorKind.BOUND, method, statistics, stored)


def train_repeatedly(
    design: Design | ArrayLike,
    labels: ArrayLike,
    *,
    weight_decay: float,
    starts: int,
    seed: int,
    width: int | None = None,
    scale: float = 1.0,
    tolerance: float = TOLERANCE,
) -> Solution[Landings]:
    """Train from several random starts and say where each landed, or why it was refused (claim N2).

    Parameters
    ----------
    starts, seed : int
        How many, and the seed from which start i takes the i-th spawned stream.
    design, labels, weight_decay, width, scale, tolerance
        As for `train`.

    Returns
    -------
    Solution of Landings
        `error` is the largest relative duality gap among the networks that passed.

    Raises
    ------
    NotConverged
        If every start was refused.

    Examples
    --------
    >>> landings = train_repeatedly([[2.0], [0.0]], [3.0, -1.0], weight_decay=2.0, starts=3, seed=1).value
    >>> len(landings.networks), landings.refused, landings.spread < 1e-9
    (3, (), True)
    """
    networks, refused = [], []
    count = int(real("starts", starts, at_least=1))
    for index, stream in enumerate(np.random.SeedSequence(seed).spawn(count)):
        try:
            solution = train(
                design, labels, weight_decay=weight_decay, width=width, seed=stream, scale=scale, tolerance=tolerance
            )
        except NotConverged as reason:
            refused.append((index, str(reason)))
        else:
            networks.append(solution.value)
    if not networks:
        raise NotConverged(f"all {count} starts were refused: {refused[0][1]}")
    value = Landings(tuple(networks), tuple(refused))
    statistics = {"starts": float(count), "refused": float(len(refused)), "spread": value.spread}
    worst = max(network.gap for network in networks)
    line = f"quadratic network trained from {count} starts"
    return Solution(value, Status.CONVERGED, worst, ErrorKind.BOUND, line, statistics, seed)


def _initial(
    shape: tuple[int, int], seed: int | np.random.SeedSequence, scale: float, start: ArrayLike | None
) -> Array:
    if start is None:
        return scale * np.random.default_rng(seed).standard_normal(shape)
    weights = finite_matrix("start", start)
    require(weights.shape == shape, "start", f"shape {weights.shape}", f"an array of shape {shape}")
    return weights


@dataclass(frozen=True, eq=False)
class _Training:
    """The loss over W, and its descent; V = Wᵀ·unit with unit = (width·dim)^(-1/4) is the factor of S = V Vᵀ."""

    design: Design
    labels: Array
    weight_decay: float
    penalty: float
    unit: float

    def loss(self, weights: Array) -> tuple[float, Array]:
        """Σ (y - f)² + λ ‖W‖² and its gradient with respect to W."""
        tangent = self.design.tangent(self.unit * weights.T)
        residual = self.labels - 0.5 * tangent.forward(self.unit * weights.T)
        value = float(residual @ residual) + self.weight_decay * float(np.sum(weights**2))
        pull = 4 * self.unit * tangent.backward(residual).T
        return value, 2 * self.weight_decay * weights - pull

    def descend(self, weights: Array, tolerance: float) -> tuple[Array, Certificate, dict[str, float]]:
        """Descent, Newton, and pushes off saddles, until the certificate holds or nothing moves any more."""
        evaluations = products = pushes = 0
        best, certificate = weights, self.certificate(weights)
        for _ in range(ROUNDS):
            weights, count = self._lbfgs(weights)
            descent = newton(self.design, self.labels, self.unit * weights.T, self.penalty, steps=NEWTON_STEPS)
            weights = self._from_factor(descent.factor, weights.shape)
            evaluations, products = evaluations + count, products + descent.products
            latest = self.certificate(weights)
            improved = latest.gap < 0.5 * certificate.gap
            if latest.gap < certificate.gap:
                best, certificate = weights, latest
            if certificate.relative_gap <= tolerance:
                break
            weights, pushed = self._pushed(weights)
            pushes += pushed
            if not pushed and not improved:
                break
        counts = {"evaluations": float(evaluations), "products": float(products), "pushes": float(pushes)}
        return best, certificate, {**counts, "gap": certificate.relative_gap}

    def certificate(self, weights: Array) -> Certificate:
        return certify(self.design, self.labels, self.unit * weights.T, self.penalty)

    def assemble(self, weights: Array, gap: float) -> TrainedNetwork:
        factor = self.unit * weights.T
        square = float(np.sum((self.labels - self.design.measure_factor(factor)) ** 2))
        matrix = np.asarray(factor @ factor.T)
        return TrainedNetwork(weights, matrix, self.loss(weights)[0], gap, square / self.labels.size)

    def _lbfgs(self, weights: Array) -> tuple[Array, int]:
        from scipy.optimize import minimize  # 0.3 s to import

        def flat(vector: Array) -> tuple[float, Array]:
            value, gradient = self.loss(vector.reshape(weights.shape))
            return value, gradient.ravel()

        settings = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-12, "gtol": 1e-9, "maxcor": 20}
        result = minimize(flat, weights.ravel(), jac=True, method="L-BFGS-B", options=settings)
        return np.asarray(result.x, dtype=float).reshape(weights.shape), int(result.nfev)

    def _from_factor(self, factor: Array, shape: tuple[int, int]) -> Array:
        """W with that factor: its columns are the first neurons, the others are dead."""
        weights = np.zeros(shape)
        weights[: factor.shape[1]] = factor.T / self.unit
        return weights

    def _pushed(self, weights: Array) -> tuple[Array, int]:
        """Weights with the weakest neurons turned into the directions in which the loss curves down, and how many.

        At dead neurons the gradient vanishes whatever the residual r is; the curvature in a direction v there is
        2 vᵀ(Λ - 2 Σ r_i Z_i) v, in units of the factor.
        """
        factor = self.unit * weights.T
        residual = self.labels - self.design.measure_factor(factor)
        pull = 2 * self.design.adjoint(residual)
        levels, basis = np.linalg.eigh(self.penalty * np.eye(self.design.dim) - pull)
        lengths = np.linalg.norm(weights, axis=1)
        longest = float(lengths.max())
        dead = np.flatnonzero(lengths < PUSH * longest) if longest > 0 else np.arange(lengths.size)
        wanted = np.flatnonzero(levels < -SADDLE_MARGIN * self.penalty)
        count = min(dead.size, wanted.size)
        turned = weights.copy()
        size = PUSH * longest if longest > 0 else 1.0
        weakest = dead[np.argsort(lengths[dead])][:count]
        turned[weakest] += size * basis[:, wanted[:count]].T
        return turned, count
