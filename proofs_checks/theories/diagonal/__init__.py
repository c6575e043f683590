"""The diagonal network, f(x) = a·(w⊙x)/√d with weight decay: the LASSO, and what it learns of a power law."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from ...claims import Claim
from ...controls import Control, Domain, whole_samples
from ...diagrams import Diagram
from ...figures import FigurePlan, MapData
from ...spectra import Spectrum
from ...theory_record import Convention, Scaling, Theory


def _derive() -> Sequence[Any]:
    from .derivations import derivations

    return derivations()


def _claims() -> Sequence[Claim]:
    from .ledger import claims

    return claims()


def _figures() -> Sequence[FigurePlan]:
    from .figures import figures

    return figures()


def _solve(**point: Any) -> Any:
    from scalecheck.numerics.networks.diagonal.state_equations import solve

    return solve(**point)


def _simulate(executor: Executor | None = None, **point: Any) -> Any:
    from scalecheck.numerics.networks.diagonal.experiment import simulate

    return simulate(**whole_samples(point), executor=executor)


def _phases(decay: str | None = None) -> Diagram:
    from .diagram import diagram

    return diagram(decay)


def _phase_names() -> Sequence[str]:
    from scalecheck.theory.networks.diagonal.diagram import phase_labels

    return phase_labels()


def _phase_map(dim: float, decay: str, executor: Executor | None = None) -> MapData:
    from .diagram import phase_map

    return phase_map(dim, decay, executor=executor)


def _spectrum(**point: Any) -> Spectrum:
    from .spectrum import spectrum

    return spectrum(**point)


def _certify(**point: Any) -> dict[str, Any]:
    from ...certificates.state_evolution import certify

    return certify(**point)


CONTROLS = (
    Control("dim", "d", "input dimension", Domain(lower=1, upper=1e15, integer=True)),
    Control("samples", "n", "number of samples", Domain(lower=1e-100, upper=1e100)),
    Control("weight_decay", "λ", "weight decay, 0 is the limit from above", Domain(lower=0)),
    Control("decay", "γ", "decay of the teacher", Domain(lower=0.5, upper=10, lower_open=True)),
    Control("noise", "Δ", "variance of the label noise", Domain(lower=0)),
)

CONVENTIONS = (
    Convention("x", "inputs", "x ~ N(0, I_d); labels y = θ*·x + √Δ ξ, ξ ~ N(0, 1)"),
    Convention("θ*", "teacher", "θ*_k = k^(-γ), k = 1..d"),
    Convention("f", "network", "f(x) = a·(w⊙x)/√d, hence θ = a⊙w/√d and f(x) = θ·x"),
    Convention("λ", "weight_decay", "training loss Σ (y - f)² + λ(‖w‖² + ‖a‖²), a sum over samples, not a mean"),
    Convention("Λ", "penalty", "Λ = λ√d in the LASSO ½ Σ (y - θ·x)² + Λ‖θ‖₁"),
    Convention("R", "risk", "excess risk E(f(x) - f*(x))² = ‖θ - θ*‖²; the noise Δ is not in it"),
    Convention("τ", "noise_level", "n τ² = Δ + R: the noise on one weight"),
    Convention("t", "threshold", "soft threshold; α = t/τ"),
    Convention("dof", "degrees_of_freedom", "Σ_k P(|θ*_k + τ z| > t), the expected number of learned weights"),
    Convention("a, b", "exponents", "in phase diagrams n = d^a and λ = d^b (a is no weight there)"),
    Convention("", "overfitting", "Σ E θ_k² over the weights with θ*_k <= max(t, τ): what noise put into them"),
    Convention("", "underfitting", "Σ θ*_k² over the same weights: what was not learned"),
    Convention("", "approximation", "the rest of the risk; it holds cross terms and can be negative"),
    Convention("", "train_error", "mean square on the training set, (Δ + R)(1 - dof/n)²"),
    Convention("", "zero_mass", "in spectra: the share of weights that are exactly zero, 1 - dof/d"),
    Convention(
        "", "bulk", "in spectra: learned weights that fit noise, with θ*_k <= max(t, τ); `share`: their number/d"
    ),
    Convention("", "bulk learned", "the number of all learned weights; `signal`: of those of no noise; `width`: τ"),
    Convention("", "outlier", "in spectra: the largest weights by rank, their expected size beside the teacher's"),
    Convention("", "tail", "in spectra: the power law of the density of learned weights, and the window it holds in"),
)

THEORY = Theory(
    name="diagonal",
    title="diagonal network = LASSO, power-law teacher",
    controls=CONTROLS,
    observables={
        "risk": "excess risk R",
        "noise_level": "effective noise τ",
        "threshold": "soft threshold t",
        "degrees_of_freedom": "expected number of learned weights",
        "train_error": "mean square training error",
        "decomposition": "overfitting, underfitting and approximation parts of the risk",
    },
    conventions=CONVENTIONS,
    derive=_derive,
    claims=_claims,
    figures=_figures,
    references=("defilippis2025scaling", "bayati2012lasso", "donoho2009message", "stein1981estimation"),
    solve=_solve,
    simulate=_simulate,
    phases=_phases,
    phase_map=_phase_map,
    phase_parameters={"decay": "1"},
    spectrum=_spectrum,
    certify=_certify,
    scaling=Scaling({"samples": "a", "weight_decay": "b"}, large="dim"),
    phase_names=_phase_names,
    located_by=("a", "b", "decay"),
    families=(
        "N1.diagonal",
        "N3.diagonal",
        "N5.diagonal",
        "N6.diagonal",
        "N7.diagonal",
        "N8.diagonal",
        "N9.diagonal",
        "N10.diagonal",
        "N11.diagonal",
    ),
)
