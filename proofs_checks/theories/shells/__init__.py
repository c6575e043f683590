"""Spectral shells: gradient flow in the moving eigenbasis, and the transport of energy between eigenvalues that closes it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from ...claims import Claim
from ...controls import Control, Domain
from ...diagrams import Diagram
from ...errors import InputError
from ...figures import FigurePlan, MapData
from ...theory_record import Convention, Point, Scaling, Theory


def _derive() -> Sequence[Any]:
    from .derivations import derivations

    return derivations()


def _claims() -> Sequence[Claim]:
    from .ledger import claims

    return claims()


def _figures() -> Sequence[FigurePlan]:
    from .figures import figures

    return figures()


def _phases(**parameters: str | None) -> Diagram:
    from .diagram import diagram

    return diagram(**parameters)


def _phase_map(time: float, executor: Executor | None = None, **parameters: str) -> MapData:
    from .diagram import phase_map

    return phase_map(time, executor=executor, **parameters)


def _solve(**point: Any) -> Any:
    from .points import solve

    return solve(**point)


def _solve_many(points: Sequence[Point]) -> Sequence[Any]:
    from .points import solve_many

    return solve_many(points)


def _self_similar(point: Point) -> float:
    """m = b - 2: the one power of time that gradient flow's own scaling allows (claim S7)."""
    from fractions import Fraction

    return float(Fraction(repr(float(point["power"]))) - 2)


def _check_point(point: Point) -> None:
    begin = 0 if float(point["time_power"]) > -1 else 1
    if float(point["time"]) < begin:
        raise InputError("time", point["time"], f"a real number >= {begin} where time_power = {point['time_power']:g}")


def _certify(**point: Any) -> dict[str, Any]:
    from ...certificates.checker import CertificateError
    from ...certificates.transport import certify_loss

    try:
        return certify_loss(**point)
    except CertificateError as refused:
        raise InputError("direction, power, time_power", "this drift", str(refused)) from None


CONTROLS = (
    Control("source", "a", "source exponent", Domain(lower=0, upper=100, lower_open=True)),
    Control("power", "b", "power of the eigenvalue in the drift", Domain(lower=-100, upper=100)),
    Control("rate", "c", "size of the drift", Domain(lower=0, upper=1e100, lower_open=True)),
    Control(
        "time_power",
        "m",
        "power of time in the drift (default: power - 2)",
        Domain(lower=-100, upper=100),
        follows=_self_similar,
    ),
    Control("direction", "σ", "where eigenvalues move", Domain(words=("down", "up", "none")), "down"),
    Control("time", "t", "time, from 0 if time_power > -1, else from 1", Domain(lower=0, upper=1e300)),
)

CONVENTIONS = (
    Convention("e", "error", "gradient flow on ½‖e‖²: de/dt = -M e, M = J Jᵀ; energies and the loss are Σ c_i², no ½"),
    Convention("λ_i, φ_i", "modes", "eigenpairs of M, c_i = <φ_i, e>; the kernel of M is one block, λ = 0"),
    Convention("Ω_ij", "coupling", "<φ_j, M' φ_i>/(λ_i - λ_j), antisymmetric"),
    Convention("E_α", "shell", "Σ c_i² over edges e^(αh) <= λ_i < e^((α+1)h); D_α = 2 Σ λ_i c_i²"),
    Convention("v", "drift", "v = σ c λ^b t^m: σ `direction`, c `rate`, b `power`, m `time_power`"),
    Convention("a", "source", "initial energy density a λ^(a-1) on (0, 1], so the loss starts at 1"),
    Convention("t", "time", "starts at 0 for m > -1, else at 1"),
    Convention("L", "loss", "∫ ε dλ; energy that reaches λ = 0 stays and counts, at λ = ∞ it is gone"),
    Convention("λ*", "frontier", "the moving edge of the spectrum, by its law at large times; `frontier_kind` says which edge"),
    Convention("", "exponent", "signed power of t in the law of the loss; -oo for a stretched exponential, 0 for a plateau"),
    Convention("", "direction", "in regions of the phase diagram -1 (down), 0 (none), 1 (up)"),
)  # fmt: skip

THEORY = Theory(
    name="shells",
    title="spectral transport, v = σ c λ^b t^m",
    kind="theory",
    controls=CONTROLS,
    observables={
        "loss": "loss L(t)",
        "log_loss": "its natural logarithm, finite where the loss underflows",
        "exponent": "signed power of t in the law, as a formula and a number",
        "log": "power of log t in the law",
        "regime": "mechanism, and the kind of law where it is no power",
        "constant": "factor of the law; of a plateau, its height",
        "law": "what the loss tends to, as a formula",
        "frontier": "moving edge of the spectrum",
        "frontier_kind": "which edge that is",
    },
    conventions=CONVENTIONS,
    derive=_derive,
    claims=_claims,
    figures=_figures,
    certify=_certify,
    references=("zhang2025shell", "zhang2025renormalize", "kato1966perturbation"),
    solve=_solve,
    solve_many=_solve_many,
    phases=_phases,
    phase_map=_phase_map,
    phase_parameters={"source": "1", "power": "", "time_power": "", "rate": "1", "direction": "down"},
    check_point=_check_point,
    command="shells",
    scaling=Scaling(words={"direction": {"down": -1, "none": 0, "up": 1}}, large="time"),
    located_by=("power", "time_power", "rate", "direction"),
    families=tuple(f"S{number}" for number in range(1, 14)),
)
