"""The ℓ2 counterpart of the diagonal network as claims: phases of isotropic ridge, its peak, its exact optimum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import sympy as sp

from scalecheck.numerics.networks.ridge.penalties import best_isotropic_ridge
from scalecheck.numerics.networks.ridge.spectra import power_sum
from scalecheck.theory.networks.ridge import isotropic as derived
from scalecheck.theory.networks.ridge.letters import amplitude, ridge
from scalecheck.theory.networks.ridge.state_equations import DETERMINISTIC, teacher_power
from scalecheck.theory.symbols import a, b, decay, dim, samples

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...hypotheses import Hypothesis
from ...laws import DerivedLaw, Law, Path, along_paths, from_phase, other_formulas
from ...network_claims import FINITE_POWER
from .crossover import PAPER, PERCENT, Derived
from .points import dim_path, observe_isotropic, on_dim_path

POWER = sp.zeta(2 * decay)
MANY = (a > 1, b < a / 2 + sp.Rational(1, 2))


def isotropic_claims() -> tuple[Claim, ...]:
    """Three phases, the peak at n = d, and the optimal ridge."""
    return (_noise(), _bias(), _few(), _peak(), _optimum())


def _law(formula: sp.Expr, relations: Sequence[sp.Basic], paths: Sequence[Path]) -> Law:
    region = tuple(Hypothesis(relation, "edge of the phase") for relation in relations)
    return Law("risk", formula, (FINITE_POWER, *region), tuple(paths))


def _claim(
    name: str,
    title: str,
    statement: str,
    law: Law,
    witness: Callable[[], DerivedLaw],
    wrong: dict[str, tuple[str, sp.Expr]],
    moved: Sequence[Twin] = (),
) -> Claim:
    twins = [*other_formulas(law, wrong)]
    return Claim(
        id=f"X.l2.{name}",
        title=title,
        statement=statement,
        source=Source(PAPER, "X", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(DETERMINISTIC,),
        assertion=law,
        comparison="the derived law exactly; and the solver along paths to $d = 10^{12}$, ratio within 0.5% of 1",
        symbolic=from_phase(witness, (DETERMINISTIC,)),
        numeric=along_paths(observe_isotropic, on_dim_path),
        twins=(*twins, *moved),
    )


def _noise() -> Claim:
    formula = amplitude * dim / samples
    law = _law(
        formula,
        MANY,
        (dim_path("1", a="3/2", b="1/2"), dim_path("3/4", "2", a="2", b="1"), dim_path("3", a="5/2", b="0")),
    )
    edge = b < sp.Rational(21, 20) * (a / 2 + sp.Rational(1, 2))
    hypotheses = tuple(replace(h, relation=edge) if h.relation == MANY[1] else h for h in law.hypotheses)
    moved = replace(law, hypotheses=hypotheses, paths=(dim_path("1", a="3", b="209/100"),))
    return _claim(
        "noise",
        "isotropic ridge: the noise of d weights",
        r"For $n \gg d$, $\lambda \ll \sqrt{nd}$: $R \simeq \Delta d/n$.",
        law,
        lambda: derived.phase("noise"),
        {
            "bias": (r"$\zeta(2\gamma)\lambda^2/n^2$, the neighbour's", POWER * ridge**2 / samples**2),
            "two-percent": ("the constant too large by 2%", formula * PERCENT),
        },
        (Twin("edge", "the edge at λ = √(nd) moved by 5%", moved),),
    )


def _bias() -> Claim:
    formula = POWER * ridge**2 / samples**2
    relations = (b < a, b > a / 2 + sp.Rational(1, 2))
    law = _law(formula, relations, (dim_path("1", a="3", b="5/2"), dim_path("2", "2", a="2", b="7/4")))
    return _claim(
        "bias",
        "isotropic ridge: the shrunken teacher",
        r"For $n \gg d$, $\sqrt{nd} \ll \lambda \ll n$: $R \simeq \zeta(2\gamma)\lambda^2/n^2$.",
        law,
        lambda: derived.phase("bias"),
        {
            "noise": (r"$\Delta d/n$, the neighbour's", amplitude * dim / samples),
            "linear": (r"$\zeta(2\gamma)\lambda/n$", POWER * ridge / samples),
            "two-percent": ("the constant too small by 2%", formula / PERCENT),
        },
    )


def _few() -> Claim:
    law = _law(POWER, (a > 0, a < 1, b < 1), (dim_path("1", a="1/2", b="0"), dim_path("3/2", a="1/4", b="3/4")))
    return _claim(
        "few",
        "isotropic ridge learns nothing from fewer samples than weights",
        r"For $n \ll d$, $\lambda \ll d$: $R \simeq \zeta(2\gamma)$, the power of the teacher.",
        law,
        lambda: derived.phase("too-few-samples"),
        {
            "rate": (r"$\zeta(2\gamma)\,n^{-1 + 1/(2\gamma)}$", POWER * samples ** (-1 + 1 / (2 * decay))),
            "two-percent": ("the constant too large by 2%", POWER * PERCENT),
        },
    )


def _peak() -> Claim:
    formula = amplitude / 2 * sp.sqrt(dim / ridge)
    paths = (dim_path("1", a="1", b="0"), dim_path("3/4", "2", a="1", b="-1/2"))
    law = _law(formula, (b < 1,), paths)

    def witness() -> Derived:
        found = derived.interpolation_peak()
        return Derived(derived.in_controls(found.constant, found.exponent), found.along)

    return _claim(
        "peak",
        "isotropic ridge: the peak at n = d",
        r"For $n = d$, $\lambda \ll d$: $R \simeq \frac{\Delta}{2}\sqrt{d/\lambda}$.",
        law,
        witness,
        {
            "network": (
                r"exponent $2/3$, that of the diagonal network's peak",
                amplitude * ridge ** sp.Rational(-2, 3),
            ),
            "twice": (r"$\Delta\sqrt{d/\lambda}$", 2 * formula),
            "two-percent": ("the constant too large by 2%", formula * PERCENT),
        },
    )


def _optimum() -> Claim:
    formula = dim * amplitude / teacher_power

    def measure(point: NumericPoint) -> Measured:
        shared = {name: point[name] for name in ("dim", "samples", "decay", "noise")}
        found = best_isotropic_ridge(**shared).checked().value
        return found.penalty, 1e-4 * found.penalty

    rows = [(100.0, 60.0, 1.0, 0.5), (1e4, 1e5, 0.75, 1.0), (1e6, 1e6, 2.0, 3.0), (50.0, 1e3, 1.5, 0.1)]
    points = [
        {
            **dict(zip(("dim", "samples", "decay", "noise"), row, strict=True)),
            "teacher_power": power_sum(2 * row[2], row[0]),
        }
        for row in rows
    ]
    quantity = "ridge of least risk"
    return Claim(
        id="X.l2.optimal-ridge",
        title="the best isotropic ridge, exactly",
        statement=r"At every $n$ and $d$ the risk is least at $\lambda = d\Delta/\|\theta^*\|^2$.",
        source=Source(PAPER, "X", "derived"),
        assumptions=(DETERMINISTIC,),
        assertion=Formula(quantity, formula),
        comparison=r"exact; and a search over the ridge, within $10^{-3}$ relative (a minimum is flat)",
        symbolic=from_derivation(lambda: derived.optimal_ridge().result, (DETERMINISTIC,)),
        numeric=from_numbers(measure, points, tolerance=1e-3),
        twins=(
            Twin("per-sample", r"$\Delta/\|\theta^*\|^2$", Formula(quantity, amplitude / teacher_power)),
            Twin("samples", r"$n\Delta/\|\theta^*\|^2$", Formula(quantity, samples * amplitude / teacher_power)),
            Twin("two-percent", "larger by 2%", Formula(quantity, formula * PERCENT)),
        ),
    )
