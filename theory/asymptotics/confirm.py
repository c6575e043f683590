"""The second way: every expansion of a power sum is compared with the sum itself at two scales, or it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import mpmath
import sympy as sp
from flint import arb

from ..balls import ball, settle
from .direct_sums import finite_sum, infinite_sum
from .mellin import Monomial, Transform, mellin_transform
from .power_sums import DivergentSum, Expansion, Position, Term
from .special import evaluate, numeric


class ExpansionMismatch(ArithmeticError):
    """An expansion does not agree with the sum to its first omitted order: wrong constant, exponent or missing term."""


DEFAULT_DECAY = sp.Rational(13, 10)
"""γ at which a symbolic γ is tried: above 1/2 and 1, and no multiple of it is near 1, so no term is near a pole."""

COUNTS = (2**9, 2**13)
"""Sizes at which the sum is taken. Scales differ by 16, so an omitted order that is misjudged by any power shows."""

LARGER_COUNTS = (2**15, 2**18)
"""Where the comparison is repeated if it fails: a narrow window, or e^{-u} at a small γ, is not yet asymptotic at 512
atoms. Nothing false passes there: the omitted terms allow less, the larger the size."""

SLACK = 3.0
"""Residual allowed over the sum of the first omitted terms. Measured worst: 1.6 (nearly equal next terms). A constant
wrong by 2% gives hundreds."""

ROUNDING = 1e-11
"""Relative rounding error allowed: sums of 10^4 doubles."""

EPSILON = 1e-15
"""Absolute rounding error allowed for each summand of order one: several units in the last place."""

FAR = (300, 1000)
"""Where an end expansion is compared with the function itself, at u and at 1/u: far beyond the u of the sums."""

BEYOND_POWERS = 3
"""A remainder beyond all powers must beat (2/count)^3 relative. Measured: the discreteness of 20 to 90 atoms in the
window leaves 1e-10 of a Gaussian window at count = 512, a quarter of this bound's square at 8192."""

_SCALE_EXPONENT = {
    Position.ABOVE: sp.Rational(1, 3),
    Position.INSIDE: -sp.Rational(1, 2),
    Position.BELOW: -sp.Rational(4, 3),
}
"""τ = d^{γ x} with this x: as far from the edges as from infinity."""


def confirm(expansion: Expansion, sample: Mapping[sp.Symbol, Any]) -> Expansion:
    """The same expansion with its rows of comparison.

    Raises
    ------
    ExpansionMismatch
        If at one of the two scales the residual exceeds the first omitted terms.
    """
    problem = expansion.problem
    values = sample_values(problem.function.free_symbols | problem.decay.free_symbols, problem.variable, sample)
    if problem.count == sp.oo:
        values = _convergent(expansion, values, sample)
    transform = mellin_transform(problem.function.subs(values), problem.variable, END_TERMS)
    confirm_ends(transform)
    rows = tried(lambda count: _row(expansion, transform, values, count), problem.function)
    return replace(expansion, confirmed={"sample": values, "rows": rows})


def tried(
    row: Callable[[int], dict[str, float]], what: object, larger: tuple[int, int] = LARGER_COUNTS
) -> tuple[dict[str, float], ...]:
    """Rows at two sizes that pass, the usual ones or larger ones.

    Raises
    ------
    ExpansionMismatch
        If neither pair passes.

    Examples
    --------
    >>> rows = tried(lambda count: {"count": count, "exact": 1.0, "approximate": 1.0, "omitted": 0.0}, "one")
    >>> [row["count"] for row in rows]
    [512, 8192]
    """
    rows = tuple(row(count) for count in COUNTS)
    try:
        check_rows(rows, what)
    except ExpansionMismatch:
        rows = tuple(row(count) for count in larger)
        check_rows(rows, what)
    return rows


def _convergent(
    expansion: Expansion, values: dict[sp.Symbol, Any], sample: Mapping[sp.Symbol, Any]
) -> dict[sp.Symbol, Any]:
    """The same values with γ raised, where it is free, until the infinite sum converges."""
    problem = expansion.problem
    transform = mellin_transform(problem.function, problem.variable, END_TERMS)
    powers = [evaluate(m.power.subs(values)) for m in (*transform.small, *transform.small_omitted)]
    lowest = sp.nsimplify(min(powers), rational=True) if powers else sp.oo
    free = problem.decay.is_Symbol and problem.decay not in sample
    if free and lowest > 0 and problem.decay.subs(values) * lowest <= 1:
        return {**values, problem.decay: DEFAULT_DECAY / lowest}
    if not problem.decay.subs(values) * lowest > 1:
        raise DivergentSum(f"expected decay*power > 1, got decay={problem.decay.subs(values)}, power={lowest}")
    return values


def sample_values(
    symbols: Iterable[sp.Symbol], variable: sp.Symbol, sample: Mapping[sp.Symbol, Any]
) -> dict[sp.Symbol, Any]:
    """A value for each parameter: the caller's, else one fixed rational for γ and one for the others."""
    from ..symbols import decay

    defaults = {symbol: DEFAULT_DECAY if symbol == decay else sp.Rational(7, 5) for symbol in symbols}
    defaults.pop(variable, None)
    return {**defaults, **{symbol: sp.nsimplify(value) for symbol, value in sample.items()}}


def check_rows(rows: Iterable[Mapping[str, float]], what: object) -> None:
    """Refuse unless at every scale the residual is within the omitted order plus rounding; `what` is written out only then.

    Raises
    ------
    ExpansionMismatch
        With the numbers of the scale that fails.

    Examples
    --------
    >>> check_rows([{"count": 8, "exact": 1.0, "approximate": 1.01, "omitted": 0.02}], "a sum")
    """
    for row in rows:
        residual = abs(row["exact"] - row["approximate"])
        beyond = (2.0 / row["count"]) ** BEYOND_POWERS + ROUNDING
        allowed = SLACK * row["omitted"] + beyond * abs(row["exact"]) + EPSILON * row["count"] * row.get("size", 1.0)
        if not residual <= allowed:
            raise ExpansionMismatch(
                f"expansion of sum {what} at count={row['count']}: sum={row['exact']}, expansion={row['approximate']}, "
                f"residual={residual:.3g} exceeds what the omitted terms allow, {allowed:.3g}"
            )


END_TERMS = 6
"""Powers of the end expansions with which the remainder at the outermost atom is measured."""


def confirm_ends(transform: Transform, values: Mapping[sp.Symbol, Any] | None = None) -> None:
    """Compare both end expansions with the function far out, so that a missing power cannot hide.

    Raises
    ------
    ExpansionMismatch
        If the difference exceeds the first omitted power.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> confirm_ends(mellin_transform(u / (1 + u), u))
    """
    known = values or {}
    for far in FAR:
        for end, omitted, at in (
            (transform.large, transform.large_omitted, sp.Integer(far)),
            (transform.small, transform.small_omitted, sp.Rational(1, far)),
        ):
            remainder = _remainder(transform, end, at, known)
            allowed = SLACK * _size(omitted, at, known)
            if remainder > allowed + ROUNDING * _size(end, at, known) + 1e-20:
                raise ExpansionMismatch(f"{transform.function} differs from its end expansion at u={at} by {remainder}")


def _size(end: Iterable[Monomial], at: sp.Expr, values: Mapping[sp.Symbol, Any]) -> Any:
    """Σ |c u^p|."""
    return sum(_number(sp.Abs(m.coefficient, evaluate=False), m, at, values) for m in end)


def _number(coefficient: sp.Expr, of: Monomial, at: sp.Expr, values: Mapping[sp.Symbol, Any]) -> Any:
    """|c u^p (log u)^j| as a number: by balls, or by a method that knows more functions."""

    def enclosed() -> arb:
        point = balls_at(values)
        return abs(ball(coefficient, point) * raised(at, of.power, point, of.log))

    found = settle(enclosed)
    return abs(evaluate((coefficient * at**of.power * sp.log(at) ** of.log).subs(values))) if found is None else found


def balls_at(values: Mapping[sp.Symbol, Any]) -> dict[sp.Symbol, arb]:
    """A ball for each symbol, of exact values, at the working precision."""
    return {symbol: ball(sp.sympify(value), {}) for symbol, value in values.items()}


def raised(base: sp.Expr, power: sp.Expr, point: Mapping[sp.Symbol, arb], log: int = 0) -> arb:
    """A positive base to a power that may hold symbols, times a power of its logarithm."""
    if power == log == 0:
        return arb(1)
    found = ball(base, point).log()
    return (found * ball(power, point)).exp() * found**log


def _remainder(transform: Transform, end: Iterable[Monomial], at: sp.Expr, values: Mapping[sp.Symbol, Any]) -> Any:
    """|F(u) - its end expansion|."""

    def enclosed() -> arb:
        point = balls_at({**values, transform.variable: at})
        return ball(transform.function, point) - sum(
            (ball(m.coefficient, point) * raised(at, m.power, point, m.log) for m in end), arb(0)
        )

    found = settle(enclosed)
    return _remainder_in_digits(transform, end, at, values) if found is None else abs(found)


def _remainder_in_digits(
    transform: Transform, end: Iterable[Monomial], at: sp.Expr, values: Mapping[sp.Symbol, Any]
) -> Any:
    """The same without a bound on rounding, for functions that have no balls."""
    expansion = sum((m.coefficient * at**m.power * sp.log(at) ** m.log for m in end), sp.S.Zero)
    place = evaluate(at)
    with mpmath.workdps(40):
        value = _one_variable(transform.function.subs(values), transform.variable)(place)
        return abs(value - evaluate(sp.sympify(expansion).subs(values)))


@cache  # each function is looked at from both ends, at several places
def _one_variable(function: sp.Expr, variable: sp.Symbol) -> Callable[..., Any]:
    return numeric(function, variable)


def unpowered(
    transform: Transform,
    position: Position,
    gamma: sp.Expr,
    scale: sp.Expr,
    count: int,
    values: Mapping[sp.Symbol, Any] | None = None,
) -> float:
    """What is beyond all powers at the outermost atoms that are treated by an end expansion.

    The expansion at that end being right (`confirm_ends`), it is exponentially small in u (or 1/u), which is no great u
    for a small γ: e^{-u} with u = count^{γ/2}. Only ends without omitted powers have such remainders.
    """
    first, last = (sp.Float(place, 25) ** (-gamma) / scale for place in (1, count))
    large, small = (transform.large, transform.large_omitted), (transform.small, transform.small_omitted)
    outermost = {
        Position.ABOVE: ((small, first, 1),),
        Position.INSIDE: ((large, first, 1), (small, last, count)),
        Position.BELOW: ((large, last, count),),
    }[position]
    return sum(
        weight * float(_remainder(transform, end, at, values or {}))
        for (end, left), at, weight in outermost
        if not left
    )


def _row(expansion: Expansion, transform: Transform, values: Mapping[sp.Symbol, Any], count: int) -> dict[str, float]:
    """One comparison."""
    problem = expansion.problem
    gamma = problem.decay.subs(values)
    scale = sp.Float(count, 25) ** (gamma * _SCALE_EXPONENT[expansion.position])
    finite = problem.count != sp.oo
    exact = (finite_sum if finite else infinite_sum)(
        problem.function.subs(values), problem.variable, gamma, scale, count
    )
    kept = total(expansion.terms, values, scale, count)
    omitted = total(expansion.omitted, values, scale, count, absolute=True)
    omitted += unpowered(transform, expansion.position, gamma, scale, count)
    return {"count": count, "scale": float(scale), "exact": exact, "approximate": kept, "omitted": omitted}


def total(
    terms: Iterable[Term],
    values: Mapping[sp.Symbol, Any],
    scale: sp.Expr,
    count: sp.Expr,
    ratio: sp.Expr = sp.S.One,
    absolute: bool = False,
) -> float:
    """The value of some terms, or of their absolute values."""
    chosen = tuple(terms)
    known = {**values, _SCALE: scale, _COUNT: sp.Integer(count), _RATIO: ratio}

    def enclosed() -> arb:
        point = balls_at(known)
        parts = [_term(term, point) for term in chosen]
        return sum((abs(part) if absolute else part for part in parts), arb(0))

    found = settle(enclosed)
    return _total_in_digits(chosen, known, absolute) if found is None else found


_SCALE, _COUNT, _RATIO = (sp.Dummy(name, positive=True) for name in ("scale", "count", "ratio"))


def _term(term: Term, point: Mapping[sp.Symbol, arb]) -> arb:
    """One term as a ball."""
    value = ball(term.coefficient, point)
    for base, power in ((_SCALE, term.scale_power), (_COUNT, term.count_power), (_RATIO, term.ratio_power)):
        value *= raised(base, power, point)
    for base, times in ((_SCALE, term.scale_log), (_COUNT, term.count_log)):
        value *= point[base].log() ** times if times else 1
    return value


def _total_in_digits(terms: tuple[Term, ...], known: Mapping[sp.Symbol, Any], absolute: bool) -> float:
    """The same at 25 digits, for coefficients that have no balls."""
    symbols = tuple(known)
    call = _compiled(terms, symbols)
    with mpmath.workdps(25):
        numbers = call(*(mpmath.mpf(sp.sympify(known[s])._to_mpmath(mpmath.mp.prec)) for s in symbols))
        return float(mpmath.fsum(numbers, absolute=absolute))


@cache  # once for all sizes of a comparison
def _compiled(terms: tuple[Term, ...], symbols: tuple[sp.Symbol, ...]) -> Callable[..., Any]:
    """All terms as one function of their parameters, the scale, the count and the ratio."""
    return numeric(sp.Tuple(*(term.expression(_SCALE, _COUNT, _RATIO) for term in terms)), *symbols)
