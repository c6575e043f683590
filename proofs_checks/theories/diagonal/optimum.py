"""N6: the weight decay of least risk, with its logarithm, and the least risk.

At any dim that exists these laws are off by tens of per cent, as log log d/log d. The sharp law beside them is not, and they
follow from it as the threshold ratio grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from scalecheck.theory.networks.diagonal.logarithmic import optimal_weight_decay
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import decay, dim, noise, samples

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...hypotheses import Hypothesis
from ...laws import Path
from ...regions import canonical
from ...tables import Cell, Table
from .sharp_optimum import HYPOTHESES, PATHS, against_sharp, sharp_optimum_claim


@dataclass(frozen=True)
class OptimumLaw:
    """The assertion that at given n the risk is least at `weight_decay`, and is `risk` there, both up to factors 1 + o(1)."""

    weight_decay: sp.Expr
    risk: sp.Expr
    hypotheses: tuple[Hypothesis, ...] = HYPOTHESES
    paths: tuple[Path, ...] = PATHS

    def describe(self) -> str:
        """Say it in a line."""
        return f"least risk {self.risk} at weight_decay {self.weight_decay}"


def optimum_claims() -> tuple[Claim, ...]:
    """Place and value, up to powers of dim and to leading order."""
    log = sp.log(dim / samples ** (1 / (2 * decay)))
    best = sp.sqrt(2 * noise * log * samples / dim)
    least = _risk_at(2 * noise * log / samples)
    plain = OptimumLaw(best, least)
    wrong = {
        "no-log": (r"$\lambda = \sqrt{\Delta n/d}$", OptimumLaw(sp.sqrt(noise * samples / dim), least)),
        "no-log-risk": (
            r"$R = \frac{2\gamma}{2\gamma-1}(\Delta/n)^{1 - 1/(2\gamma)}$",
            OptimumLaw(best, _risk_at(noise / samples)),
        ),
        "dimension": (
            r"$\log d$ for $\log(d n^{-1/(2\gamma)})$",
            OptimumLaw(sp.sqrt(2 * noise * sp.log(dim) * samples / dim), least),
        ),
        "exponent": (r"$R$ with $n^{-1 + 1/\gamma}$", OptimumLaw(best, least * samples ** (1 / (2 * decay)))),
        "place": (r"$\lambda$ with $n/d$ for $\sqrt{n/d}$", OptimumLaw(best * sp.sqrt(samples / dim), least)),
        "log-power": (r"$\log$ for $\sqrt{\log}$", OptimumLaw(best * sp.sqrt(log), least)),
        "log-power-risk": (
            r"$\sqrt{\log}$ for $\log$ in $R$",
            OptimumLaw(best, _risk_at(2 * noise * sp.sqrt(log) / samples)),
        ),
        "constant": (r"$\sqrt{\log}$ without its 2", OptimumLaw(best / sp.sqrt(2), least)),
        "two-percent": (r"$\lambda$ too small by 2%", OptimumLaw(best * sp.Rational(49, 50), least)),
        "two-percent-risk": ("the least risk too large by 2%", OptimumLaw(best, least * sp.Rational(51, 50))),
    }
    claim = Claim(
        id="N6.diagonal.optimum",
        title="optimal weight decay, with its logarithm",
        statement=r"For $1 \ll n \ll d^{2\gamma}$ the risk is least at $\lambda \simeq \sqrt{2\Delta\,(n/d)\,\log(d\,n^{-1/(2\gamma)})}$,"
        r" where $R \simeq \frac{2\gamma}{2\gamma-1}\left(\frac{2\Delta}{n}\log(d\,n^{-1/(2\gamma)})\right)^{1 - 1/(2\gamma)}$.",
        source=Source(("defilippis2025scaling",), "N6", "derived"),
        hypotheses=HYPOTHESES,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=plain,
        comparison="the derived laws, exactly; and their ratios to the sharp laws of N6.diagonal.optimum.sharp, which the minimum"
        r" of state evolution supports, on paths at threshold ratios to $\alpha = 10^5$: within 0.5% of 1. Corrections are"
        r" $\log\log d/\log d$: at any $d$ that exists the leading laws alone are off by tens of per cent",
        symbolic=_derived,
        numeric=against_sharp,
        rests_on=("N6.diagonal.optimum.sharp", "N7.diagonal.II"),
        twins=tuple(Twin(key, told, assertion) for key, (told, assertion) in wrong.items()),
    )
    return (sharp_optimum_claim(), claim)


def _risk_at(squared_threshold: sp.Expr) -> sp.Expr:
    """The law of phase II at a threshold."""
    return 2 * decay / (2 * decay - 1) * squared_threshold ** (1 - 1 / (2 * decay))


def _derived(assertion: OptimumLaw, effort: Effort) -> Evidence:
    """The derived place and value equal those stated, on the derived range of n."""
    found = optimal_weight_decay()
    pairs = {"weight_decay": (found.weight_decay, assertion.weight_decay), "risk": (found.risk, assertion.risk)}
    parts = {
        name: decide_zero(sp.expand(sp.expand_log(sp.log(x) - sp.log(y), force=True))) for name, (x, y) in pairs.items()
    }
    inside = all(_implied(item, assertion) for item in sp.And.make_args(found.condition))
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in parts.values()), Outcome.HOLDS)
    worst = worst if inside or worst is not Outcome.HOLDS else Outcome.UNDECIDED
    rows: list[dict[str, Cell]] = [
        {"of": k, "derived": sp.sstr(x), "stated": sp.sstr(y), "outcome": parts[k].value} for k, (x, y) in pairs.items()
    ]
    reason = f"place {parts['weight_decay'].value}, value {parts['risk'].value}, range {'as' if inside else 'not as'} derived"
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))


def _implied(condition: sp.Basic, assertion: OptimumLaw) -> bool:
    """Whether a derived condition is one of the stated hypotheses, up to a positive factor."""
    positive = sp.Gt((condition.gts - condition.lts) * 2 * decay, 0)
    stated = [
        canonical(sp.Gt((item.relation.gts - item.relation.lts) * factor, 0))
        for item in assertion.hypotheses
        for factor in (1, 2 * decay)
    ]
    return canonical(positive) in stated
