"""N5 and N7 at the interpolation peak of the quadratic network: where it is, how high, how wide, and where it stops growing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from scipy.optimize import brentq, minimize_scalar

from scalecheck.theory.networks.quadratic.peak import peak, peak_laws
from scalecheck.theory.symbols import b, decay, dim, noise, weight_decay

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, decide_zero, from_derivation, from_numbers
from ...hypotheses import Hypothesis
from ...laws import Law, Path, along_paths, from_phase, other_formulas
from ...network_claims import NAMES, region
from ...sides import EXPONENT, settled
from ...tables import Cell, Table
from .observing import ASSUMED, PAPERS, observe, solved

GROWS = region(
    (b < 0, "the penalty is small"),
    (b > -sp.Rational(3, 2), "the first spikes do not move the threshold"),
    (b > -3 * (decay - sp.Rational(1, 2)), "the trace of the teacher does not move the threshold"),
)
PERCENT = sp.Rational(51, 50)
WINDOW = (1e-9, 0.5)
"""|n/(d²/4) - 1| between which half the peak's height is looked for."""
FOUND = 1e-6
"""Relative accuracy of the place where it is found."""


def peak_claims() -> tuple[Claim, ...]:
    """Place, height, width, saturation."""
    return (_place(), _height(), _width(), _cap())


def _path(b_value: str, decay_value: str, noise_value: str = "1") -> Path:
    return Path({"b": sp.Rational(b_value)}, {"decay": sp.Rational(decay_value), "noise": sp.Rational(noise_value)})


def _controls(along: Path, scale: float) -> dict[str, float]:
    """At the threshold of the cone, n = d²/4."""
    parameters = {name: float(value) for name, value in along.parameters.items()}
    return {"dim": scale, "samples": scale**2 / 4, "weight_decay": scale ** float(along.exponents["b"]), **parameters}


PATHS = (_path("-1/2", "2"), _path("-3/4", "3/2", "2"), _path("-3/5", "3", "1/2"))


def _place() -> Claim:
    quantity = "samples at the highest risk"

    def measure(point: NumericPoint) -> Measured:
        size = point["dim"]

        def depth(log_share: float) -> float:
            values = (size, math.exp(log_share) * size**2, size**-0.5, point["decay"], point["noise"])
            return -math.log(solved(*values).value.risk)

        found = minimize_scalar(
            depth, bounds=(math.log(0.05), math.log(2.0)), method="bounded", options={"xatol": 1e-5}
        )
        value = math.exp(float(found.x)) * size**2
        return value, 1e-3 * value

    points = [
        {"dim": size, "decay": gamma, "noise": level}
        for size, gamma, level in ((1e9, 2.0, 1.0), (1e11, 1.5, 2.0), (1e12, 3.0, 0.5))
    ]
    return Claim(
        id="N5.quadratic.peak.place",
        title="the peak is at a quarter of dim squared",
        statement=r"For $\lambda \to 0$ the risk is highest at $n = d^2/4$: of the $d^2/2$ coordinates the cone $S \succeq 0$ leaves half"
        r" to pure noise. In exponents this is $a = 1 - \log 4/\log d$.",
        source=Source(PAPERS, "N5", "derived"),
        assumptions=ASSUMED,
        assertion=Formula(quantity, dim**2 / 4),
        comparison="exact; and the maximum of state evolution over $n$ at dim to $10^{12}$, within 0.5% of it",
        symbolic=from_derivation(lambda: peak().samples),
        numeric=from_numbers(measure, points, tolerance=0.005),
        rests_on=("N4.quadratic.degrees_of_freedom",),
        twins=(
            Twin("coordinates", "$n = d^2/2$: as if the cone were no constraint", Formula(quantity, dim**2 / 2)),
            Twin("root", r"off by $\sqrt{d}$: $n = d^{3/2}/4$", Formula(quantity, dim ** sp.Rational(3, 2) / 4)),
            Twin("diagonal", "$n = d$", Formula(quantity, dim)),
            Twin("five-percent", "5% too far", Formula(quantity, dim**2 / 4 * sp.Rational(21, 20))),
        ),
    )


@dataclass(frozen=True)
class _Derived:
    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def _grown() -> tuple[sp.Basic, ...]:
    """b < 0 and the walls of both growing laws: where neither the crowd nor the first of the spikes has stopped it."""
    growing = [law for law in peak_laws() if len(law.along) == 2]
    return tuple(dict.fromkeys(item for law in growing for item in law.along))


def _law_claim(
    name: str, title: str, statement: str, law: Law, derived: sp.Expr, wrong: Mapping[str, tuple[str, sp.Expr]]
) -> Claim:
    found = {"risk": observe, "half_width": half_width}[law.observable]
    return Claim(
        id=name,
        title=title,
        statement=statement,
        source=Source(PAPERS, "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison="the derived curve of the whole peak, exactly; and state evolution along paths to dim $10^{12}$, ratio within 0.5% of 1",
        symbolic=from_phase(lambda: _Derived(derived, _grown())),
        numeric=along_paths(found, _controls),
        rests_on=("N5.quadratic.peak.place", "N4.quadratic.balances"),
        twins=other_formulas(law, wrong),
    )


def _height() -> Claim:
    formula = (3 * sp.pi * noise**2 / (32 * weight_decay)) ** sp.Rational(2, 3)
    third = weight_decay ** sp.Rational(1, 6)
    return _law_claim(
        "N7.quadratic.peak",
        "risk at the interpolation peak, constant included",
        r"At $n = d^2/4$ and $\lambda \ll 1$, as long as the teacher's trace does not matter ($\lambda \gg d^{-3/2}, d^{-3(\gamma-1/2)}$):"
        r" $R \simeq \left(\frac{3\pi\Delta^2}{32\lambda}\right)^{2/3}$.",
        Law("risk", formula, GROWS, PATHS),
        peak().height,
        {
            "half": (r"$\lambda^{-1/2}$", formula * third),
            "one": (r"$\lambda^{-1}$", formula / third**2),
            "diagonal": (
                r"the constant of the diagonal network, $\frac{(2\pi)^{1/3}}{4}\Delta^{4/3}$",
                (2 * sp.pi) ** sp.Rational(1, 3) / 4 * noise ** sp.Rational(4, 3) * weight_decay ** -sp.Rational(2, 3),
            ),
            "noise": (r"$\Delta$ for $\Delta^{4/3}$, times 1.1", formula * noise ** -sp.Rational(1, 3) * sp.Rational(11, 10)),
            "two-percent": ("the constant too large by 2%", formula * PERCENT),
        },
    )  # fmt: skip


@lru_cache(maxsize=64)
def _sides(*values: float) -> tuple[float, float]:
    """|n/(d²/4) - 1| at which the risk is half of that at n = d²/4, below and above."""
    size, threshold_samples, *rest = values
    half = math.log(solved(size, threshold_samples, *rest).value.risk / 2)

    def excess(log_distance: float, sign: float) -> float:
        count = threshold_samples * (1 + sign * math.exp(log_distance))
        return math.log(solved(size, count, *rest).value.risk) - half

    ends = (math.log(WINDOW[0]), math.log(WINDOW[1]))
    below, above = (math.exp(brentq(excess, *ends, args=(sign,), xtol=FOUND)) for sign in (-1.0, 1.0))
    return below, above


def half_width(place: Mapping[str, float]) -> dict[str, Measured]:
    """Half of the distance between the sides: the teacher's trace moves both by the same."""
    below, above = _sides(*(place[name] for name in NAMES))
    mean = (below + above) / 2
    return {"half_width": (mean, 10 * FOUND * mean)}


def _width() -> Claim:
    constant = sp.Rational(8, 3) * sp.sqrt(4 - sp.sqrt(2))
    formula = constant * (6 * weight_decay**2 / (sp.pi**2 * noise)) ** sp.Rational(1, 3)
    return _law_claim(
        "N5.quadratic.peak.width",
        "width of the interpolation peak",
        r"The risk is half its height where $|n/(d^2/4) - 1| \simeq \frac{8}{3}\sqrt{4-\sqrt2}\left(\frac{6\lambda^2}{\pi^2\Delta}\right)^{1/3}$,"
        r" on both sides.",
        Law("half_width", formula, GROWS, PATHS[:1]),
        peak().half_width,
        {
            "root": (r"width $\lambda^{1/2}$", formula * weight_decay ** -sp.Rational(1, 6)),
            "linear": (r"width $\lambda$", formula * weight_decay ** sp.Rational(1, 3)),
            "lorentz": (r"$\sqrt3$ for $\sqrt{4-\sqrt2}$", formula * sp.sqrt(3 / (4 - sp.sqrt(2)))),
            "two-percent": ("the constant too large by 2%", formula * PERCENT),
        },
    )


SATURATED = (
    ("13/20", (1e6, 1e8, 1e10, 1e12)),
    ("3/4", (1e6, 1e8, 1e10, 1e12)),
    ("3/2", (1e3, 1e4, 1e5, 1e6)),
    ("2", (1e3, 1e4, 1e5, 1e6)),
)
"""Decays and values of dim: at larger ones, where R is of order dim, the solver says that it has stalled."""


def _at_threshold(size: float, gamma: float) -> float:
    """The risk at n = d²/4 and λ = d^(-2), far below the λ at which the peak has stopped growing."""
    return solved(size, size**2 / 4, size**-2.0, gamma, 1.0).value.risk


@dataclass(frozen=True)
class CapLaw:
    """The assertion that at n = d²/4 and λ -> 0 first the risk grows like dim**exponent."""

    exponent: sp.Expr
    hypotheses: tuple[Hypothesis, ...] = region()

    def describe(self) -> str:
        """Say it in a line."""
        return f"the peak saturates at dim**({self.exponent})"


def _cap() -> Claim:
    return Claim(
        id="N5.quadratic.peak.cap",
        title="the peak stops growing: the trace of the teacher moves the threshold",
        statement=r"At $n = d^2/4$ and $\lambda \to 0$ the risk is not infinite but of order $d^{\min(1, 2\gamma-1)}$: a teacher with a"
        r" trace moves the threshold of the cone. At $\gamma = 1$ there is a factor $(\log d)^{-2}$.",
        source=Source(PAPERS, "N5", "derived"),
        hypotheses=CapLaw(sp.S.Zero).hypotheses,
        assumptions=ASSUMED,
        assertion=CapLaw(sp.Min(1, 2 * decay - 1)),
        comparison="the derived laws of both halves, exactly; and slopes of state evolution at $\\lambda = d^{-2}$ for four"
        f" decays at dim to $10^{{12}}$, within {EXPONENT:g}",
        symbolic=_cap_derived,
        numeric=_cap_measured,
        rests_on=("N5.quadratic.peak.place",),
        twins=(
            Twin("line", r"$d^{2\gamma-1}$ for every $\gamma$", CapLaw(2 * decay - 1)),
            Twin("one", "$d$ for every $\\gamma$", CapLaw(sp.S.One)),
            Twin("none", "it stays of order one", CapLaw(sp.S.Zero)),
        ),
    )  # fmt: skip


def _cap_derived(assertion: CapLaw, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for law in (item for item in peak_laws() if len(item.along) == 1):
        value = sp.Rational(3, 4) if isinstance(law.condition, sp.StrictLessThan) else sp.Integer(2)
        outcome = decide_zero(assertion.exponent.subs(decay, value) - law.exponent.subs(decay, value))
        rows.append({"where": str(law.condition), "derived": sp.sstr(law.exponent), "outcome": outcome.value})
    outcomes = {str(row["outcome"]) for row in rows}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    reason = f"exponents of both halves against {assertion.exponent}"
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))


def _cap_measured(assertion: CapLaw, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for gamma, scales in SATURATED:
        logs = [math.log(_at_threshold(size, float(sp.Rational(gamma)))) for size in scales]
        found = settled(logs, scales)
        outcome = found.against(float(assertion.exponent.subs(decay, sp.Rational(gamma))), EXPONENT, EXPONENT)
        rows.append({"decay": gamma, "exponent": found.value, "error": found.error, "outcome": outcome.value})
    outcomes = {str(row["outcome"]) for row in rows}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    reason = f"slopes at {len(rows)} decays within {EXPONENT:g}"
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))
