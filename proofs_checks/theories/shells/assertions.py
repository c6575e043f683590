"""What the claims of spectral shells say, as data: laws at large times, rates as sums over pairs of modes, coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from scalecheck.theory.shells.letters import CONTROLS, Direction

from ...hypotheses import Hypothesis

Controls = Mapping[sp.Symbol, sp.Expr]


def controls(source: object, power: object, time_power: object, rate: object) -> Controls:
    """A point (a, b, m, c) in exact numbers.

    Examples
    --------
    >>> {str(name): value for name, value in controls("3/4", 2, 0, "1/2").items()}
    {'source': 3/4, 'power': 2, 'time_power': 0, 'rate': 1/2}
    """
    return dict(zip(CONTROLS, (sp.Rational(str(value)) for value in (source, power, time_power, rate)), strict=True))


@dataclass(frozen=True)
class TransportLaw:
    """The assertion L(t) ~ constant · t^exponent · (log t)^log · exp(-action) wherever the relations hold.

    Parameters
    ----------
    direction : Direction
        σ.
    relations : tuple[sympy.Rel, ...]
        The region, in source, power, time_power, rate.
    exponent, log, constant : sympy.Expr
        Of the law; `action` is None unless it is a stretched exponential.
    points : tuple[Controls, ...]
        Where numbers are taken; each must lie in the region.
    log_times : tuple[float, ...]
        log t at which the loss is integrated.
    """

    direction: Direction
    relations: tuple[sp.Rel, ...]
    exponent: sp.Expr
    log: sp.Expr
    constant: sp.Expr
    points: tuple[Controls, ...]
    log_times: tuple[float, ...]
    action: sp.Expr | None = None

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """The region, as what is checked before the law is tested."""
        return tuple(Hypothesis(relation, "the region of the law") for relation in self.relations)

    def describe(self) -> str:
        """Say it in a line."""
        region = ", ".join(map(str, self.relations)) or "everywhere"
        parts = f"t^({self.exponent}) (log t)^({self.log})" + ("" if self.action is None else f" exp(-({self.action}))")
        return f"loss ~ {self.constant} {parts}, direction {self.direction.name.lower()}, where {region}"


@dataclass(frozen=True)
class PairSum:
    """The assertion that a rate is the sum over modes i of `own`, plus `pair` for every j outside and `inside` for every j inside.

    In the letters of `theory.shells.modes`. `quantity` names the left-hand side and with it the set of modes: one mode
    (an eigenvalue, an amplitude), the modes of a shell, or all of them.
    """

    quantity: str
    own: sp.Expr
    pair: sp.Expr = sp.S.Zero
    inside: sp.Expr = sp.S.Zero

    def describe(self) -> str:
        """Say it in a line."""
        return f"rate of {self.quantity} = {self.own} + sum outside of {self.pair} + sum inside of {self.inside}"


@dataclass(frozen=True)
class Coefficients:
    """The assertion that a linear identity holds with these coefficients: rate = Σ coefficient · term."""

    quantity: str
    terms: Mapping[str, sp.Expr]

    def describe(self) -> str:
        """Say it in a line."""
        told = " + ".join(f"({value}) {name}" for name, value in self.terms.items())
        return f"{self.quantity} = {told}"


@dataclass(frozen=True)
class Between:
    """The assertion that a measured number lies in an interval fixed beforehand."""

    quantity: str
    low: float
    high: float

    def describe(self) -> str:
        """Say it in a line."""
        return f"{self.quantity} between {self.low:g} and {self.high:g}"


@dataclass(frozen=True)
class FluxRule:
    """The assertion that the flux through the edge above a shell is the sum of T_βγ over the pairs that the rule admits.

    `low` and `high` in the rule are the positions of γ < β, counted from the shell.
    """

    rule: sp.Basic

    def describe(self) -> str:
        """Say it in a line."""
        return f"flux above a shell = sum of transfers with {self.rule}"
