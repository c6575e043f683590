"""The quadratic network, f(x) = Tr[S (x xᵀ - 1)]/√d with weight decay: trace-penalised regression, and its learned spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from importlib.util import find_spec
from typing import Any

from ...claims import Claim
from ...controls import Control, Domain, Value, whole_samples
from ...diagrams import Diagram
from ...errors import InputError
from ...figures import FigurePlan, MapData
from ...spectra import Spectrum
from ...theory_record import Convention, Point, Scaling, Theory


def _derive() -> Sequence[Any]:
    from .derivations import derivations

    return derivations()


def _claims() -> Sequence[Claim]:
    from .ledger import claims

    return claims()


def _figures() -> Sequence[FigurePlan]:
    from importlib import import_module

    name = f"{__name__}.figures"
    if find_spec(name) is None:
        return ()
    plans: Sequence[FigurePlan] = import_module(name).figures()
    return plans


def _solve(**point: Any) -> Any:
    from scalecheck.numerics.networks.quadratic.state_equations import solve

    return solve(**point)


def _simulate(executor: Executor | None = None, **point: Any) -> Any:
    from scalecheck.numerics.networks.quadratic.experiment import simulate

    return simulate(**whole_samples(point), executor=executor)


def _phases(decay: str | None = None) -> Diagram:
    from .diagram import diagram

    return diagram(decay)


def _phase_names() -> Sequence[str]:
    from scalecheck.theory.networks.quadratic.phases import CORNERS

    return tuple(CORNERS)


def _phase_map(dim: float, decay: str, executor: Executor | None = None) -> MapData:
    from .diagram import phase_map

    return phase_map(dim, decay, executor=executor)


def _spectrum(**point: Any) -> Spectrum:
    from .spectrum import spectrum

    return spectrum(**point)


def _certify(**point: Any) -> dict[str, Any]:
    from ...certificates.quadratic import certify

    return certify(**point)


def _full_width(point: Mapping[str, Value]) -> Value:
    """p = d, the width all phases are stated for."""
    return point["dim"]


def _check_point(point: Point) -> None:
    if float(point["width"]) < float(point["dim"]):
        text = f"an integer >= dim = {point['dim']}: with fewer hidden units the problem is not convex, and the theory does not cover it"
        raise InputError("width", point["width"], text)


CONTROLS = (
    Control("dim", "d", "input dimension", Domain(lower=1, upper=1e15, integer=True)),
    Control("samples", "n", "number of samples", Domain(lower=1e-50, upper=1e100)),
    Control("weight_decay", "λ", "weight decay, 0 is the limit from above", Domain(lower=0, upper=1e100)),
    Control("decay", "γ", "decay of the teacher", Domain(lower=0.5, upper=10, lower_open=True)),
    Control("noise", "Δ", "variance of the label noise", Domain(lower=0, upper=1e50)),
    Control(
        "width",
        "p",
        "hidden width of the quadratic network, dim if none is given",
        Domain(lower=1, upper=1e15, integer=True),
        follows=_full_width,
    ),
)

CONVENTIONS = (
    Convention("x", "inputs", "x ~ N(0, I_d); labels y = Tr[S* Z] + √Δ ξ, ξ ~ N(0, 1), Z = (x xᵀ - I)/√d"),
    Convention("S*", "teacher", "eigenvalues s_k = √d k^(-γ), k = 1..d"),
    Convention("f", "network", "f(x) = Tr[S Z] with S = WᵀW/√(pd), W of shape (p, d), p = `width` >= d"),
    Convention("λ", "weight_decay", "training loss Σ (y - f)² + λ‖W‖²_F, a sum over samples, not a mean"),
    Convention("Λ", "penalty", "Λ = λ√(pd) in Σ (y - Tr[S Z])² + Λ Tr S over S ⪰ 0"),
    Convention("R", "risk", "excess risk E(f(x) - f*(x))² = (2/d)‖S - S*‖²_F; the noise Δ is not in it"),
    Convention("τ", "noise_level", "2 n τ² = d (Δ + R): the noise on one orthonormal coordinate of S"),
    Convention("σ", "spread", "σ² = τ² d/2, variance of the semicircle of τG; its edge is at 2σ"),
    Convention("t", "threshold", "η = max(· - t, 0) on the eigenvalues of Y = S* + τG, on the scale of s_k"),
    Convention("dof", "degrees_of_freedom", "E div η(Y), at most d²/2"),
    Convention("u; a, b", "exponents", "effective samples u = n/d = d^a and λ = d^b in phase diagrams: n = d^(a+1)"),
    Convention("", "overfitting", "(2/d) Σ η² over the learned eigenvalues that belong to no k with s_k > max(t, σ)"),
    Convention("", "underfitting", "(2/d) Σ s_k² over the k with s_k <= max(t, σ): what was not learned"),
    Convention("", "approximation", "the rest of the risk; it holds cross terms and can be negative"),
    Convention("", "train_error", "mean square on the training set, (Δ + R)(1 - dof/n)²"),
    Convention("", "zero_mass", "in spectra: the share of eigenvalues of S that are exactly zero, 1 - rank/d"),
    Convention(
        "", "bulk", "in spectra: learned eigenvalues that belong to no k with s_k > max(t, σ); `share`: their number/d"
    ),
    Convention("", "bulk learned", "the rank of S; `edge`: the largest of the bulk; `second_moment`: its (2/d) Σ η²"),
    Convention("", "outlier", "in spectra: the largest eigenvalues outside the bulk by rank, beside the teacher's s_k"),
    Convention(
        "", "tail", "in spectra: the power law of the density of learned eigenvalues, and the window it holds in"
    ),
)

THEORY = Theory(
    name="quadratic",
    title="quadratic network = trace-penalised regression, power-law teacher",
    controls=CONTROLS,
    observables={
        "risk": "excess risk R",
        "noise_level": "effective noise τ",
        "threshold": "threshold t on the eigenvalues",
        "degrees_of_freedom": "expected divergence of the denoiser",
        "train_error": "mean square training error",
        "decomposition": "overfitting, underfitting and approximation parts of the risk",
    },
    conventions=CONVENTIONS,
    derive=_derive,
    claims=_claims,
    figures=_figures,
    references=(
        "defilippis2025scaling",
        "erba2025nuclear",
        "stein1981estimation",
        "biane1997free",
        "benaych2011eigenvalues",
    ),
    solve=_solve,
    simulate=_simulate,
    phases=_phases,
    phase_map=_phase_map,
    phase_parameters={"decay": "1"},
    spectrum=_spectrum,
    certify=_certify,
    check_point=_check_point,
    scaling=Scaling({"samples": "a + 1", "weight_decay": "b"}, large="dim", held=("width",)),
    phase_names=_phase_names,
    located_by=("a", "b", "decay"),
    families=(
        "N2.quadratic",
        "N4.quadratic",
        "N5.quadratic",
        "N6.quadratic",
        "N7.quadratic",
        "N8.quadratic",
        "N9.quadratic",
        "N10.quadratic",
        "N11.quadratic",
    ),
)
