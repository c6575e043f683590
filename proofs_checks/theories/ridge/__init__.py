"""Ridge and kernel ridge regression with power-law spectra: outside truth, and the ℓ2 counterpart of the diagonal network."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from ...claims import Claim
from ...controls import Control, Domain, whole_samples
from ...diagrams import Diagram
from ...errors import InputError
from ...figures import FigurePlan, MapData
from ...theory_record import Convention, Point, Scaling, Theory

LARGEST_SMOOTHNESS = 20.0
"""Up to this 2αr the sums are tested."""


def _derive() -> Sequence[Any]:
    from .derivations import derivations

    return derivations()


def _claims() -> Sequence[Claim]:
    from .ledger import claims

    return claims()


def _figures() -> Sequence[FigurePlan]:
    from .figures import figures

    return figures()


def _phases(capacity: str | None = None, source: str | None = None) -> Diagram:
    from .diagram import diagram

    return diagram(capacity, source)


def _phase_map(samples: float, capacity: str, source: str, executor: Executor | None = None) -> MapData:
    from .diagram import phase_map

    return phase_map(samples, capacity, source, executor=executor)


def _solve(**point: Any) -> Any:
    from scalecheck.numerics.networks.ridge.state_equations import solve

    return solve(**point)


def _simulate(executor: Executor | None = None, **point: Any) -> Any:
    from scalecheck.numerics.networks.ridge.experiment import simulate

    return simulate(**whole_samples(point), executor=executor)


def _check_point(point: Point) -> None:
    smoothness = 2 * float(point["capacity"]) * float(point["source"])
    if smoothness > LARGEST_SMOOTHNESS:
        raise InputError("source", point["source"], f"a real number with 2*capacity*source <= {LARGEST_SMOOTHNESS:g}")


CONTROLS = (
    Control("samples", "n", "number of samples", Domain(lower=1e-3, upper=1e30)),
    Control("ridge", "λ", "penalty, 0 is the limit from above", Domain(lower=0, upper=1e100)),
    Control("capacity", "α", "decay of the eigenvalues k^-α", Domain(lower=1, upper=10, lower_open=True)),
    Control("source", "r", "smoothness of the target, energies k^(-1-2αr)", Domain(lower=0, lower_open=True)),
    Control("noise", "Δ", "variance of the label noise", Domain(lower=0, upper=1e100)),
)

CONVENTIONS = (
    Convention(
        "x", "features", "Gaussian, covariance eigenvalues λ_k = k^(-α), k = 1, 2, ... without end; α is `capacity`"
    ),
    Convention("θ*", "target", "θ*_k² λ_k = k^(-1-2αr); r is `source` (β = 2αr); labels y = θ*·x + √Δ ξ"),
    Convention("λ", "ridge", "training loss Σ (y - θ·x)² + ridge ‖θ‖², a sum over samples, not a mean"),
    Convention("κ", "effective_ridge", "n κ = ridge + κ Σ_k λ_k/(λ_k + κ)"),
    Convention("df1", "degrees_of_freedom", "Σ_k λ_k/(λ_k + κ)"),
    Convention("R", "risk", "excess risk E(f - f*)² = bias + variance; the noise Δ is not in it"),
    Convention("", "train_error", "mean square on the training set, (Δ + R)(1 - df1/n)²"),
    Convention("b, c", "phases", "ridge = samples**b, noise = samples**(-c), samples large"),
    Convention("", "isotropic", "the ℓ2 counterpart of `diagonal`: x ~ N(0, I_d), θ*_k = k^(-γ), ridge = weight_decay"),
)

THEORY = Theory(
    name="ridge",
    title="ridge and kernel ridge regression, power-law spectrum and target",
    kind="model",
    controls=CONTROLS,
    observables={
        "risk": "excess risk R",
        "effective_ridge": "effective ridge κ",
        "degrees_of_freedom": "effective dimension df1",
        "bias": "part of R that comes from the target",
        "variance": "part of R that comes from the label noise",
        "train_error": "mean square training error",
    },
    conventions=CONVENTIONS,
    derive=_derive,
    claims=_claims,
    figures=_figures,
    references=("cui2021generalization", "defilippis2025scaling"),
    solve=_solve,
    simulate=_simulate,
    phases=_phases,
    phase_map=_phase_map,
    phase_parameters={"capacity": "2", "source": "2/5"},
    check_point=_check_point,
    scaling=Scaling({"ridge": "b", "noise": "-c"}, large="samples"),
    located_by=("b", "c", "capacity", "source"),
    families=("R.ridge", "X.l2", "X.l1-l2"),
)
