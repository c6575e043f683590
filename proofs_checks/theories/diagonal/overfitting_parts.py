"""N9 in the phase of harmful overfitting: underfitting and approximation, up to powers of dim and to leading order.

As for the risk there (`overfitting`), state evolution is compared with laws whose ratio α is implicit, and those with the laws
in logarithms as α grows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import mpmath
import sympy as sp

from scalecheck.theory.networks.diagonal.overfitting_parts import sharp_parts
from scalecheck.theory.networks.diagonal.phases import phase, phases
from scalecheck.theory.networks.diagonal.soft_threshold import signal_ratio
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import decay, dim, noise, samples, threshold_ratio

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...hypotheses import failing
from ...laws import SCALES, TOLERANCE, Law, Path, from_phase, region_outcome, settle
from ...network_claims import domain, path
from ...tables import Cell, Table
from .observing import controls, observe
from .overfitting import PAPER, RATIOS, REGION, SharpLaw, sharp, sharp_law, tail

PATHS = (path("7/10", "-1", "1"), path("3/5", "-3/4", "1", "1/2"), path("3/4", "-1", "4/5", "2"))
"""Small decays: the parts hold a whole number of learned weights, and the laws a real one."""
SETTINGS = (("1", "1", "1"), ("1000", "3/10", "2"), ("1000000", "4", "3/4"))
"""Samples, noise and decay at each ratio."""
LEADING_DIGITS = 40
"""At a ratio of 10^5 the sharp noise level loses 1e-20 by cancellation."""
CONTROLS = (dim, samples, noise, decay)


def part_claims(derived: Callable[[str], Callable[[], Any]]) -> tuple[Claim, ...]:
    """Each part twice; `derived` gives the leading law of a part with its region."""
    found: list[Claim] = []
    for name, at_ratio in stated().items():
        found += [_sharp_claim(name, at_ratio), _leading_claim(name, derived(name))]
    return tuple(found)


def squared_level() -> sp.Expr:
    """τ² in V, as the claims write it: (Δ + R)/n with the sharp risk."""
    return (noise + sharp(threshold_ratio)) / samples


def stated() -> dict[str, sp.Expr]:
    """The parts at a ratio."""
    x, u, power = threshold_ratio, signal_ratio, 1 - 1 / (2 * decay)

    def density(y: sp.Expr) -> sp.Expr:
        return sp.exp(-(y**2) / 2) / sp.sqrt(2 * sp.pi)

    hidden = 1 - tail(x - u) - tail(x + u)
    mean = (u - x) * tail(x - u) + density(x - u) + (u + x) * tail(x + u) - density(x + u)
    at_cut = x**2 - sp.sqrt(2 / sp.pi) * x + sp.Rational(1, 2) + tail(2 * x)
    window = (
        at_cut * x ** (-1 / decay)
        + sp.Integral(2 * u ** (1 - 1 / decay) * hidden, (u, x, sp.oo))
        - 2 / decay * sp.Integral(u ** (-1 / decay) * mean, (u, 0, x))
    )
    squared = squared_level()
    return {"underfitting": (x**2 * squared) ** power / (2 * decay - 1), "approximation": squared**power * window}


def _law(part: str, at_ratio: sp.Expr) -> SharpLaw:
    return replace(sharp_law(at_ratio, sp.Integer(2)), observable=part, paths=PATHS)


def _sharp_claim(part: str, at_ratio: sp.Expr) -> Claim:
    x, squared = threshold_ratio, squared_level()
    formulas = {
        "underfitting": r"(\alpha\tau)^{2 - 1/\gamma}/(2\gamma - 1)",
        "approximation": r"\tau^{2 - 1/\gamma}\left[\int_\alpha^\infty E(\mathrm{soft}(u + z) - u)^2 \frac{du}{\gamma u^{1 + 1/\gamma}}"
        r" - 2\int_0^\alpha E\,\mathrm{soft}(u + z) \frac{du}{\gamma u^{1/\gamma}}\right]",
    }
    wrong = {
        "two-percent": ("the constant too large by 2%", at_ratio * sp.Rational(51, 50)),
        "two-percent-less": ("the constant too small by 2%", at_ratio * sp.Rational(49, 50)),
        "log-power": (r"a factor $\alpha$ more", at_ratio * x),
        "noise": (r"$\tau^2 = \Delta/n$: the risk does not act on the noise level",
                  at_ratio * (noise / samples / squared) ** (1 - 1 / (2 * decay))),
    }  # fmt: skip
    return Claim(
        id=f"N9.diagonal.V.{part}.sharp",
        title=f"{part} in phase V up to powers of d",
        statement=rf"In V, with $2 d\,Q(\alpha) = n$ and $n\tau^2 = \Delta + R$: {part} $\simeq {formulas[part]}$,"
        " corrections being powers of $d$.",
        source=Source(PAPER[:1], "N9", "derived"),
        hypotheses=REGION,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=_law(part, at_ratio),
        comparison="the derived part as a function of the ratio, exactly; and state evolution along paths to dim $10^{12}$, ratio"
        " within 0.5% of 1",
        symbolic=_derived,
        numeric=_measured,
        rests_on=("N9.diagonal.sum", "N7.diagonal.V.sharp"),
        twins=tuple(Twin(key, told, _law(part, formula)) for key, (told, formula) in wrong.items()),
    )


def _derived(assertion: SharpLaw, effort: Effort) -> Evidence:
    """The stated part is the derived one as a function of the ratio; equal integrals count as one unknown number."""
    found = sharp_parts()
    derived = found.parts[assertion.observable]
    left, right = _without_integrals(derived, assertion.at_ratio)
    law = Outcome.UNDECIDED if right.has(sp.Integral) else decide_zero(sp.log(left / right))
    same = decide_zero(found.equation.lhs - dim * assertion.share * tail(threshold_ratio))
    place, where = region_outcome(assertion, [*phase("V").region, *domain()], phases)
    order = (Outcome.NOT_APPLICABLE, Outcome.FAILS, Outcome.UNDECIDED)
    worst = next((item for item in order if item in (law, same, place)), Outcome.HOLDS)
    row: dict[str, Cell] = {"derived": sp.sstr(derived), "stated": sp.sstr(assertion.at_ratio)}
    reason = f"equation for the ratio {same.value}, part at the ratio {law.value}; region: {where}"
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of([row]))


def _without_integrals(derived: sp.Expr, stated_part: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Both expressions with integrals of equal limits and provably equal integrands as one positive symbol each."""
    for number, known in enumerate(sorted(derived.atoms(sp.Integral), key=sp.default_sort_key)):
        unknown = sp.Symbol(f"integral_{number}", positive=True)
        for other in stated_part.atoms(sp.Integral):
            equal = known.limits == other.limits and decide_zero(known.function - other.function) is Outcome.HOLDS
            stated_part = stated_part.xreplace({other: unknown}) if equal else stated_part
        derived = derived.xreplace({known: unknown})
    return derived, stated_part


@cache
def _function(expression: sp.Expr) -> Callable[..., Any]:
    call: Callable[..., Any] = sp.lambdify((threshold_ratio, *CONTROLS), expression, "mpmath")
    return call


@cache
def value_at(expression: sp.Expr, ratio: Any, *values: Any) -> Any:
    """A part at a ratio: its integrals over the few units beside the cut where their integrands live, then the rest.

    The mean of a weight that is not learned and the chance that a larger one is not both fall like Gaussians away from
    the cut: at 20 units by 1e-88, which is what is left out.
    """
    x = mpmath.mpf(ratio)
    unknown = {item: sp.Symbol(f"integral_{k}") for k, item in enumerate(expression.atoms(sp.Integral))}
    numbers = {}
    for item, symbol in unknown.items():
        integrand = sp.lambdify((signal_ratio, threshold_ratio, decay), item.function, "mpmath")
        ends = [x, x + 4, x + 20] if item.limits[0][2] == sp.oo else [max(0, x - 20), max(0, x - 4), x]
        numbers[symbol] = mpmath.quad(lambda u, f=integrand: f(u, x, values[-1]), ends)
    names = tuple(unknown.values())
    rest = sp.lambdify((*names, threshold_ratio, *CONTROLS), expression.xreplace(unknown), "mpmath")
    return rest(*(numbers[name] for name in names), x, *values)


@cache
def _split(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The factors of a part without and with integrals: a twin's factor costs no second integration."""
    plain, integrals = sp.factor_terms(expression).as_independent(sp.Integral, as_Add=False)
    return plain, integrals


def _value(expression: sp.Expr, ratio: Any, *values: Any) -> Any:
    plain, integrals = _split(expression)
    return value_at(integrals, ratio, *values) * _function(plain)(ratio, *values)


def _measured(assertion: SharpLaw, effort: Effort) -> Evidence:
    """State evolution over the sharp part along the paths."""

    def log_ratios(along: Path) -> list[float]:
        logs = []
        for scale in SCALES:
            point = controls(along, scale)
            found = observe(point)[assertion.observable][0]
            with mpmath.workdps(25):
                values = tuple(mpmath.mpf(point[symbol.name]) for symbol in CONTROLS)
                fraction = 2 * values[1] / (int(assertion.share) * values[0])
                ratio = mpmath.sqrt(2) * mpmath.erfinv(1 - fraction)
                logs.append(float(mpmath.log(found / _value(assertion.at_ratio, ratio, *values))))
        return logs

    rows: list[dict[str, Cell]] = []
    for along in assertion.paths:
        broken = failing(assertion.hypotheses, along.place())
        if broken is not None:
            text = f"a path leaves the hypotheses: {broken.relation}"
            return Evidence("numeric", Outcome.NOT_APPLICABLE, Firmness.NUMBERS, text, Table.of(rows))
        logs = log_ratios(along)
        place: dict[str, Cell] = {name: float(value) for name, value in along.place().items()}
        rows.append({**place, "first": logs[0], "last": logs[-1], "path": settle(logs, TOLERANCE)[0].value})
    return _judged(rows, f"state evolution over the law along {len(rows)} paths to dim {SCALES[-1]:.0e}")


def _judged(rows: list[dict[str, Cell]], told: str) -> Evidence:
    outcomes = {str(row["path"]) for row in rows}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    reason = f"{told}, accepted within {TOLERANCE:g} of 1"
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))


def _leading_claim(part: str, derived: Callable[[], Any]) -> Claim:
    power, log = 1 - 1 / (2 * decay), sp.log(dim / samples)
    constant = {"underfitting": 1 / (2 * decay - 1), "approximation": sp.S.One}[part]
    prefix = {"underfitting": r"\frac{1}{2\gamma - 1}", "approximation": ""}[part]
    other = {"underfitting": sp.S.One, "approximation": 1 / (2 * decay - 1)}[part]
    body = (2 * noise * log / samples) ** power

    def law(formula: sp.Expr) -> Law:
        return Law(part, formula, REGION, PATHS)

    formula = constant * body
    wrong = {
        "no-log": ("the logarithm forgotten", constant * (2 * noise / samples) ** power),
        "log-power": ("one power of the logarithm more", formula * log),
        "half-log": (r"$\log(d/n)$ for $2\log(d/n)$", constant * (noise * log / samples) ** power),
        "neighbour": ("the constant of the other part", other * body),
        "V": ("the law of overfitting", noise / log),
        "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
        "two-percent-less": ("the constant too small by 2%", formula * sp.Rational(49, 50)),
    }
    return Claim(
        id=f"N9.diagonal.V.{part}",
        title=f"{part} in phase V, constant included",
        statement=rf"In V: {part} $\simeq {prefix}\left(\frac{{2\Delta}}{{n}}\log\frac{{d}}{{n}}\right)^{{1 - 1/(2\gamma)}}$.",
        source=Source(PAPER[:1], "N9", "derived"),
        hypotheses=REGION,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law(formula),
        comparison=f"the derived law exactly; and the sharp law N9.diagonal.V.{part}.sharp, which state evolution supports, over"
        r" it at threshold ratios to $10^5$: within 0.5% of 1",
        symbolic=from_phase(derived, domain=domain()),
        numeric=_against_sharp,
        rests_on=(f"N9.diagonal.V.{part}.sharp",),
        twins=tuple(Twin(key, told, law(item)) for key, (told, item) in wrong.items()),
    )


def _against_sharp(assertion: Law, effort: Effort) -> Evidence:
    """The sharp part over the stated one as the ratio grows."""
    at_ratio = stated()[assertion.observable]
    law = sp.lambdify(CONTROLS, assertion.formula, "mpmath")
    rows: list[dict[str, Cell]] = []
    for setting in SETTINGS:
        logs = []
        for ratio in RATIOS:
            with mpmath.workdps(LEADING_DIGITS):
                x = mpmath.mpf(ratio)
                count, variance, gamma = (mpmath.mpf(sp.Rational(item).p) / sp.Rational(item).q for item in setting)
                values = (count / mpmath.erfc(x / mpmath.sqrt(2)), count, variance, gamma)
                logs.append(float(mpmath.log(_value(at_ratio, x, *values) / law(*values))))
        cells: dict[str, Cell] = dict(zip(("samples", "noise", "decay"), (float(sp.Rational(s)) for s in setting)))
        rows.append({**cells, "first": logs[0], "last": logs[-1], "path": settle(logs, TOLERANCE)[0].value})
    return _judged(rows, f"sharp law over the stated one to threshold ratio {RATIOS[-1]:g}")
