"""Losses that have a closed form, as functions of doubles: microseconds a value, for sweeps over source, rate and time (claim S8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from scipy import special

from scalecheck.theory.shells.letters import Direction, rate, source, time
from scalecheck.theory.shells.losses import LossFormula, loss_formula

from ...errors import InputError

Array = NDArray[np.float64]

CONFLUENT, NEAR = 2e-3, 0.5
"""Where two parameters of 2F1 differ by an integer to within the first, and |z| is beyond the second, SciPy's doubles cancel or overflow:
measured 1e-6 at z = -3e11 and -inf at z = -10. There mpmath takes over, at fifty times the price. Elsewhere 600 random points with
|z| < 1e13 were within 1e-9."""


@dataclass(frozen=True)
class ClosedLoss:
    """L(source, rate, time) for one drift; arrays broadcast.

    Parameters
    ----------
    formula : LossFormula
        What it evaluates.
    """

    formula: LossFormula
    _late: Callable[..., Any]
    _early: Callable[..., Any] | None
    _is_late: Callable[..., Any] | None

    def __call__(self, source_value: ArrayLike, rate_value: ArrayLike, times: ArrayLike) -> Any:
        """The loss, a double or an array of them."""
        if self._early is None or self._is_late is None:
            return self._late(source_value, rate_value, times)
        # Both branches are evaluated: beyond its times each may be anything, but it is not used there.
        with np.errstate(all="ignore"):
            late = self._late(source_value, rate_value, times)
            early = self._early(source_value, rate_value, times)
            return np.where(self._is_late(source_value, rate_value, times), late, early)[()]


def closed_loss(direction: Direction, power_value: sp.Expr, time_value: sp.Expr) -> ClosedLoss:
    """Compile the loss of one drift λ^b t^m into doubles (S8).

    Parameters
    ----------
    direction : Direction
        σ.
    power_value, time_value : sympy.Rational
        b and m.

    Returns
    -------
    ClosedLoss
        Good to 1e-10, relative, where the loss is above 1e-300; tested against `numerics.shells.characteristics.loss`.

    Raises
    ------
    InputError
        The loss of this drift is an integral: ask `numerics.shells.characteristics.loss`.

    Notes
    -----
    When this is wrong: for times before the start (t < 1 where m <= -1).

    Examples
    --------
    >>> loss = closed_loss(Direction.DOWN, sp.Integer(2), sp.Integer(0))
    >>> round(float(loss(1.0, 1.0, 9.0)), 12), loss(1.0, 1.0, np.array([1.0, 3.0])).round(12).tolist()
    (0.1, [0.5, 0.25])
    """
    formula = loss_formula(direction, power_value, time_value)
    if not formula.closed or (formula.before is not None and formula.before.has(sp.Integral)):
        raise InputError("power, time_power", (power_value, time_value), "a drift whose loss is no integral")
    before = None if formula.before is None else _compiled(formula.before)
    valid = None if formula.before is None else _compiled(formula.valid)
    return ClosedLoss(formula, _compiled(formula.expression), before, valid)


def _compiled(expression: sp.Basic) -> Callable[..., Any]:
    names: dict[str, Callable[..., Any]] = {"hyper": _hypergeometric}
    # (e^x - 1) e^{-x} overflows where 1 - e^{-x} does not.
    tame = {g.args[1]: sp.powsimp(sp.expand(g.args[1])) for g in expression.atoms(sp.lowergamma)}
    told = expression.xreplace(tame)
    function: Callable[..., Any] = sp.lambdify((source, rate, time), told, modules=[names, "scipy"], cse=True)
    return function


def _hypergeometric(upper: tuple[Any, ...], lower: tuple[Any, ...], z: Any) -> Any:
    if len(upper) == 1:
        return special.hyp1f1(upper[0], lower[0], z)
    gap = upper[0] - upper[1]
    if isinstance(gap, float) and isinstance(z, float):
        if lower[0] in upper:  # 2F1(a, b; b; z) = (1 - z)^{-a}, textbook
            return (1.0 - z) ** (lower[0] - upper[0] - upper[1])
        if -NEAR < z < NEAR or abs(gap - round(gap)) > CONFLUENT:
            return special.hyp2f1(upper[0], upper[1], lower[0], z)
        return float(mpmath.hyp2f1(upper[0], upper[1], lower[0], z))
    args = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (upper[0], upper[1], lower[0], z)))
    hard = (np.abs(gap - np.round(gap)) <= CONFLUENT) & (np.abs(args[3]) >= NEAR)
    found = np.asarray(special.hyp2f1(*args[:3], np.where(hard, 0.0, args[3])), dtype=float)
    for place in np.argwhere(hard):
        found[tuple(place)] = float(mpmath.hyp2f1(*(part[tuple(place)] for part in args)))
    return found
