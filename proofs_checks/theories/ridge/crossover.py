"""The crossover diagram of kernel ridge regression as claims: each regime with its constant, and saturation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from scalecheck.theory.networks.ridge import crossover as derived
from scalecheck.theory.networks.ridge.letters import amplitude, c, capacity, effective_ridge, ridge, source
from scalecheck.theory.networks.ridge.spectrum import saturated_remainder
from scalecheck.theory.networks.ridge.state_equations import DETERMINISTIC
from scalecheck.theory.symbols import b, samples

from ...claims import Claim, Source, Twin
from ...hypotheses import Hypothesis
from ...laws import DerivedLaw, Law, Path, along_paths, from_phase, other_formulas
from .points import SCALES, kernel_path, observe, on_path

PAPER = ("cui2021generalization",)
COMPACT = Hypothesis(capacity > 1, "the kernel has finite trace")
# The claims write their laws by themselves; nothing here is read from the derivation.
WINDOW = sp.pi / (capacity * sp.sin(sp.pi / capacity))
UNRESOLVED = (WINDOW / samples) ** capacity
MISSED = sp.pi * (1 - 2 * source) / (capacity * sp.sin(2 * sp.pi * source))
SMOOTH = sp.zeta(1 + 2 * capacity * (source - 1))
GIVEN = ridge / samples
NOISE_SHARE = amplitude / samples * (1 - 1 / capacity) * WINDOW * GIVEN ** (-1 / capacity)
PERCENT = sp.Rational(51, 50)

ROUGH, SATURATED = Hypothesis(source < 1, "the target is not saturated"), Hypothesis(source > 1, "it is saturated")
BELOW, ABOVE = b < 1 - capacity, b > 1 - capacity


@dataclass(frozen=True)
class Derived:
    """A derived law with the region in which it is offered to a witness."""

    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def crossover_claims() -> tuple[Claim, ...]:
    """κ without penalty, the regimes for r < 1, the saturated ones, and the line r = 1."""
    return (_effective_ridge(), *_rough(), *_saturated(), _line())


def regime_claim(
    name: str,
    title: str,
    statement: str,
    law: Law,
    witness: Callable[[], DerivedLaw],
    wrong: dict[str, tuple[str, sp.Expr]],
    moved: Sequence[Twin] = (),
) -> Claim:
    """A claim that a law holds in a region, with twins that replace the formula and twins that move the region."""
    twins = [*other_formulas(law, wrong)]
    return Claim(
        id=f"R.ridge.{name}",
        title=title,
        statement=statement,
        source=Source(PAPER, "R", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(DETERMINISTIC,),
        assertion=law,
        comparison=f"the derived law exactly; and the solver along paths to n = {SCALES[-1]:g}, ratio within 0.5% of 1",
        symbolic=from_phase(witness, (DETERMINISTIC,)),
        numeric=along_paths(observe, on_path, SCALES),
        twins=(*twins, *moved),
    )


def _law(formula: sp.Expr, side: Hypothesis, relations: Sequence[sp.Basic], paths: Sequence[Path]) -> Law:
    region = tuple(Hypothesis(relation, "edge of the regime") for relation in relations)
    return Law("risk", formula, (COMPACT, side, *region), tuple(paths))


def _moved(law: Law, true: sp.Basic, moved: sp.Basic, path: Path) -> Twin:
    """The region grown by 5% across one edge, tested on a path between the true edge and the false one."""
    hypotheses = tuple(replace(item, relation=moved) if item.relation == true else item for item in law.hypotheses)
    told = f"the edge {true} moved by 5% to {moved}"
    return Twin("edge", told, replace(law, hypotheses=hypotheses, paths=(path,)))


def _effective_ridge() -> Claim:
    law = Law(
        "effective_ridge",
        UNRESOLVED,
        (COMPACT, Hypothesis(BELOW, "the penalty is below what the samples leave unresolved")),
        (kernel_path("2", "1/2", b="-3/2"), kernel_path("3/2", "1/3", b="-1"), kernel_path("4", "1", b="-4")),
    )

    def witness() -> Derived:
        found = derived.phase("effective-noisy")
        region = tuple(r for r in found.region if c not in r.free_symbols and source not in r.free_symbols)
        return Derived(found.effective_ridge, region)

    moved = b < sp.Rational(19, 20) * (1 - capacity)
    return regime_claim(
        "effective-ridge",
        "the ridge that unresolved modes amount to",
        r"For $\lambda \ll n^{1-\alpha}$: $\kappa \simeq \left(\frac{\pi/\alpha}{\sin(\pi/\alpha)}\right)^{\alpha} n^{-\alpha}$.",
        law,
        witness,
        {
            "given": (r"$\kappa \simeq \lambda/n$, the neighbour's", GIVEN),
            "no-sine": (r"without the window's constant, $n^{-\alpha}$", samples**-capacity),
            "two-percent": ("the constant too large by 2%", UNRESOLVED * PERCENT),
        },
        (_moved(law, BELOW, moved, kernel_path("4", "1", b="-579/200")),),
    )


def _rough() -> tuple[Claim, ...]:
    crossing = b * (-2 * source - 1 / capacity) + 2 * source - 1 + 1 / capacity
    return (_effective_noiseless(), _effective_noisy(), *_regularised(crossing), *_over_regularised())


def _effective_noiseless() -> Claim:
    formula = capacity * MISSED * UNRESOLVED ** (2 * source)
    law = _law(
        formula,
        ROUGH,
        (BELOW, c > 2 * capacity * source),
        (
            kernel_path("2", "1/3", b="-2", c="2"),
            kernel_path("3/2", "3/4", b="-1", c="3"),
            kernel_path("3", "1/5", b="-3", c="2"),
        ),
    )
    return regime_claim(
        "effective-noiseless",
        "noiseless interpolation, constant included",
        r"For $\lambda \ll n^{1-\alpha}$, $\Delta \ll n^{-2\alpha r}$, $r < 1$:"
        r" $R \simeq \frac{\pi(1-2r)}{\sin 2\pi r}\,\kappa^{2r}$, $\kappa$ that of R.ridge.effective-ridge.",
        law,
        lambda: derived.phase("effective-noiseless"),
        {
            "saturated": (r"exponent $2\alpha$, that of $r > 1$", capacity * MISSED * UNRESOLVED**2),
            "no-overfitting": (r"without the factor $1/(1 - \mathrm{df}_2/n) = \alpha$", formula / capacity),
            "two-percent": ("the constant too large by 2%", formula * PERCENT),
        },
    )


def _effective_noisy() -> Claim:
    formula = (capacity - 1) * amplitude
    edge = c < 2 * capacity * source
    law = _law(
        formula,
        ROUGH,
        (BELOW, edge),
        (
            kernel_path("2", "3/4", b="-2", c="0"),
            kernel_path("3/2", "4/5", b="-1", c="1/2"),
            kernel_path("4", "2/5", b="-4", c="1"),
        ),
    )
    moved = c < sp.Rational(21, 20) * 2 * capacity * source
    return regime_claim(
        "effective-noisy",
        "the plateau of interpolated noise",
        r"For $\lambda \ll n^{1-\alpha}$, $\Delta \gg n^{-2\alpha r}$, $r < 1$: $R \simeq (\alpha - 1)\Delta$.",
        law,
        lambda: derived.phase("effective-noisy"),
        {
            "share": (r"$(1 - 1/\alpha)\Delta$, the noise fitted without its amplification", formula / capacity),
            "decaying": (r"$\Delta/n^{1/\alpha}$", amplitude * samples ** (-1 / capacity)),
            "two-percent": ("the constant too small by 2%", formula / PERCENT),
        },
        (_moved(law, edge, moved, kernel_path("4", "2/5", b="-4", c="333/100")),),
    )


def _regularised(crossing: sp.Expr) -> tuple[Claim, ...]:
    bias = MISSED * GIVEN ** (2 * source)
    quiet = _law(
        bias,
        ROUGH,
        (ABOVE, b < 1, c > crossing),
        (
            kernel_path("2", "1/3", b="0", c="2"),
            kernel_path("3", "1/5", b="-1", c="3"),
            kernel_path("3/2", "1/4", b="1/4", c="1"),
        ),
    )
    loud = _law(
        NOISE_SHARE,
        ROUGH,
        (ABOVE, b < 1, c < crossing),
        (
            kernel_path("2", "3/4", b="-1/4", c="0"),
            kernel_path("3", "4/5", b="-1", c="1"),
            kernel_path("2", "9/10", b="0", c="1/4"),
        ),
    )
    return (
        regime_claim(
            "regularised-noiseless",
            "the target below the resolution of the penalty",
            r"For $n^{1-\alpha} \ll \lambda \ll n$, little noise, $r < 1$:"
            r" $R \simeq \frac{\pi(1-2r)}{\alpha\sin 2\pi r}(\lambda/n)^{2r}$.",
            quiet,
            lambda: derived.phase("regularised-noiseless"),
            {
                "saturated": (r"$(\lambda/n)^2$", MISSED * GIVEN**2),
                "amplified": (r"with the factor $\alpha$ of interpolation", bias * capacity),
                "two-percent": ("the constant too large by 2%", bias * PERCENT),
            },
        ),
        regime_claim(
            "regularised-noisy",
            "the noise that the penalty lets through",
            r"For $n^{1-\alpha} \ll \lambda \ll n$, much noise:"
            r" $R \simeq \frac{\Delta}{n}\left(1-\frac1\alpha\right)\frac{\pi/\alpha}{\sin(\pi/\alpha)}(\lambda/n)^{-1/\alpha}$.",
            loud,
            lambda: derived.phase("regularised-noisy"),
            {
                "plateau": (r"the plateau $(\alpha-1)\Delta$", (capacity - 1) * amplitude),
                "df1": (r"$\mathrm{df}_1$ for $\mathrm{df}_2$", NOISE_SHARE * capacity / (capacity - 1)),
                "two-percent": ("the constant too large by 2%", NOISE_SHARE * PERCENT),
            },
        ),
    )


def _over_regularised() -> tuple[Claim, ...]:
    power, noisy = sp.zeta(1 + 2 * capacity * source), sp.zeta(2 * capacity) * amplitude * samples / ridge**2
    quiet = _law(
        power,
        ROUGH,
        (b > 1, c > 1 - 2 * b),
        (kernel_path("2", "1/2", b="3/2", c="0"), kernel_path("3/2", "1/4", b="2", c="1")),
    )
    loud = _law(
        noisy,
        ROUGH,
        (b > 1, c < 1 - 2 * b),
        (kernel_path("2", "1/2", b="3/2", c="-3"), kernel_path("3", "1/4", b="2", c="-4")),
    )
    return (
        regime_claim(
            "over-regularised-noiseless",
            "nothing is learned",
            r"For $\lambda \gg n$: $R \simeq \zeta(1 + 2\alpha r)$, the power of the target.",
            quiet,
            lambda: derived.phase("over-regularised-noiseless"),
            {
                "tail": (r"$\zeta(2 + 2\alpha r)$ for $\zeta(1 + 2\alpha r)$", sp.zeta(2 + 2 * capacity * source)),
                "two-percent": ("the constant too large by 2%", power * PERCENT),
            },
        ),
        regime_claim(
            "over-regularised-noisy",
            "noise through a penalty above the spectrum",
            r"For $\lambda \gg n$, $\Delta \gg \lambda^2/n$: $R \simeq \zeta(2\alpha)\Delta n/\lambda^2$.",
            loud,
            lambda: derived.phase("over-regularised-noisy"),
            {
                "power": ("the power of the target", power),
                "two-percent": ("the constant too small by 2%", noisy / PERCENT),
            },
        ),
    )


def _saturated() -> tuple[Claim, ...]:
    interpolated, bias = capacity * SMOOTH * UNRESOLVED**2, SMOOTH * GIVEN**2
    quiet = _law(
        interpolated,
        SATURATED,
        (BELOW, c > 2 * capacity),
        (kernel_path("2", "3/2", b="-2", c="5"), kernel_path("3/2", "2", b="-1", c="4")),
    )
    crossing = b * (-2 - 1 / capacity) + 1 + 1 / capacity
    loud = _law(
        bias,
        SATURATED,
        (ABOVE, b < 1, c > crossing),
        (kernel_path("2", "3/2", b="0", c="2"), kernel_path("3/2", "2", b="1/4", c="3/2")),
    )
    return (
        regime_claim(
            "effective-noiseless-saturated",
            "a smoother target does not help: noiseless interpolation for r > 1",
            r"For $\lambda \ll n^{1-\alpha}$, $\Delta \ll n^{-2\alpha}$, $r > 1$: $R \simeq \alpha\,\zeta(1 + 2\alpha(r-1))\,\kappa^2$.",
            quiet,
            lambda: derived.phase("effective-noiseless", saturated=True),
            {
                "unsaturated": (r"exponent $2\alpha r$", capacity * SMOOTH * UNRESOLVED ** (2 * source)),
                "power": (r"$\zeta(1 + 2\alpha r)$", interpolated * sp.zeta(1 + 2 * capacity * source) / SMOOTH),
                "two-percent": ("the constant too large by 2%", interpolated * PERCENT),
            },
        ),
        regime_claim(
            "regularised-noiseless-saturated",
            "the qualification of ridge regression",
            r"For $n^{1-\alpha} \ll \lambda \ll n$, little noise, $r > 1$: $R \simeq \zeta(1 + 2\alpha(r-1))(\lambda/n)^2$.",
            loud,
            lambda: derived.phase("regularised-noiseless", saturated=True),
            {
                "unsaturated": (r"$(\lambda/n)^{2r}$", SMOOTH * GIVEN ** (2 * source)),
                "amplified": (r"with the factor $\alpha$ of interpolation", bias * capacity),
                "two-percent": ("the constant too small by 2%", bias / PERCENT),
            },
        ),
    )


def _line() -> Claim:
    """r = 1: the logarithm with its own constant, so that the numbers can decide about 2%."""
    logarithm = (sp.log(samples / ridge) - 1) / capacity + sp.EulerGamma
    law = Law(
        "risk",
        logarithm * GIVEN**2,
        (COMPACT, Hypothesis(ABOVE, "the penalty sets κ"), Hypothesis(b < 1, "κ lies among the eigenvalues")),
        (kernel_path("2", "1", b="0"), kernel_path("3/2", "1", b="1/4"), kernel_path("4", "1", b="-2")),
    )

    def witness() -> Derived:
        (found,) = [p for p in derived.saturation_line() if p.name == "regularised-noiseless"]
        kappa = found.effective_ridge
        region = tuple(r for r in found.region if c not in r.free_symbols)
        return Derived(kappa**2 * saturated_remainder().subs(effective_ridge, kappa), region)

    return regime_claim(
        "saturation",
        "the logarithm at the edge of saturation",
        r"For $r = 1$, $\Delta = 0$, $n^{1-\alpha} \ll \lambda \ll n$:"
        r" $R \simeq \left(\frac1\alpha\log\frac n\lambda + \gamma_E - \frac1\alpha\right)(\lambda/n)^2$.",
        law,
        witness,
        {
            "no-logarithm": (r"$(\lambda/n)^2$ without the logarithm", GIVEN**2),
            "logarithm-alone": (r"without $\gamma_E - 1/\alpha$, times $\alpha$", sp.log(samples / ridge) * GIVEN**2),
            "two-percent": ("the constant too large by 2%", law.formula * PERCENT),
        },
    )
