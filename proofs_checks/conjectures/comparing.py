"""Whether an expression vanishes on a whole part of the range: a point disproves it, exact reduction proves it, else open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from scalecheck.theory.identities import is_zero

from ..evidence import Outcome
from .removable import finite, value_at
from .strata import MOST_TURNS, Point, Stratum, UnresolvedError, sign_of, smooth, split

LARGEST_SIZE = 400
"""Operations of a difference beyond which it is not simplified: a claim is shorter, and so is every derived exponent."""


@dataclass(frozen=True)
class Compared:
    """An outcome on one part of the range, with a point of it: a counterexample where it fails."""

    stratum: Stratum
    outcome: Outcome
    point: Point | None
    reason: str = ""


def points_of(stratum: Stratum) -> Iterator[Point]:
    """A few exact points of a stratum, each off the walls through the one before."""
    first = stratum.point()
    if first is None:
        return
    yield first
    for variable in stratum.variables:
        for sign in (1, -1):
            beyond = stratum.where(sign * (variable - first[variable.name]))
            other = None if beyond is None else beyond.point()
            if other is not None:
                yield other


def at_point(expression: sp.Expr, point: Point) -> sp.Expr:
    """An expression at an exact point; where it is 0/0, its limit."""
    return value_at(expression, {s: point[s.name] for s in expression.free_symbols if s.name in point})


def vanishes(stratum: Stratum, difference: sp.Expr) -> list[Compared]:
    """Whether a difference is zero on all of a stratum, part by part where it has kinks.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> [c.outcome.value for c in vanishes(Stratum((x,), (x,)), sp.Abs(x) - x)]
    ['holds']
    >>> [(c.outcome.value, c.stratum.describe()) for c in vanishes(Stratum((x,)), sp.Max(x, 1) - x)]
    [('fails', 'x < 1'), ('holds', 'x > 1'), ('holds', 'x = 1')]
    """
    found = []
    try:
        for part, value in smooth(stratum, difference):
            found.append(_smooth_vanishes(part, value))
    except UnresolvedError as error:
        return [Compared(stratum, Outcome.UNDECIDED, None, str(error))]
    return found


def _smooth_vanishes(stratum: Stratum, value: sp.Expr) -> Compared:
    value = _reflected(stratum.at(value))
    if value.has(sp.Integral):  # its value to forty digits takes minutes where the integrand is singular
        reason = "the derived value is an integral without a closed form here"
        return Compared(stratum, Outcome.UNDECIDED, stratum.point(), reason)
    point = None
    for point in points_of(stratum):
        number = at_point(value, point)
        if not number.is_number:
            return Compared(stratum, Outcome.UNDECIDED, point, f"{value} depends on what is no parameter")
        try:
            if sign_of(number) != 0:
                return Compared(stratum, Outcome.FAILS, point)
        except UnresolvedError:
            continue
    if value.count_ops() <= LARGEST_SIZE and _reduces(stratum, value):
        return Compared(stratum, Outcome.HOLDS, point)
    return Compared(stratum, Outcome.UNDECIDED, point, f"{value} could be neither reduced to zero nor shown not to be")


def _reduces(stratum: Stratum, value: sp.Expr) -> bool:
    """Whether exact reduction finds zero, with what the stratum keeps positive as positive symbols."""
    told = _with_signs(stratum, value)
    if is_zero(told):
        return True
    named = _with_bases(stratum, value)
    return named != value and is_zero(_with_signs(stratum, named))


def _with_bases(stratum: Stratum, value: sp.Expr) -> sp.Expr:
    """Sums that a stratum keeps positive as symbols, in what is raised to broken powers: (1 - m)**(1/b) can be taken apart then.

    What vanishes for any value of a symbol vanishes for that which it stands for.
    """
    broken = [p for p in value.atoms(sp.Pow, sp.log) if not (p.is_Pow and p.exp.is_integer)]
    names: dict[sp.Expr, sp.Expr] = {}
    for total in sorted(set().union(*(p.args[0].atoms(sp.Add) for p in broken)), key=sp.default_sort_key):
        if total in names or total.has(sp.Function):
            continue
        sign = next((way for way in (1, -1) if keeps(stratum, way * total, ">")), 0)
        symbol = sign * sp.Dummy(positive=True)
        names |= {total: symbol, sp.expand(-total): -symbol} if sign else {}
    return value.xreplace({p: p.func(p.args[0].xreplace(names), *p.args[1:]) for p in broken})


def _reflected(value: sp.Expr) -> sp.Expr:
    """Gamma functions whose arguments add up to a whole number by the sine, and sines of such turns by one of them.

    Those whose arguments differ by a whole number become one.

    Formulas have no sine, and simplification takes a minute to find it, or does not.

    Examples
    --------
    >>> _reflected(sp.gamma(sp.Rational(3, 13)) * sp.gamma(sp.Rational(10, 13)) - sp.pi / sp.sin(3 * sp.pi / 13))
    0
    >>> x = sp.Symbol("x", positive=True)
    >>> sp.simplify(_reflected(sp.gamma(x) * sp.gamma(2 - x) - sp.pi * (1 - x) / sp.sin(sp.pi * x)))
    0
    """
    arguments = sorted((item.args[0] for item in value.atoms(sp.gamma)), key=sp.default_sort_key)
    for index, one in enumerate(arguments):
        for other in arguments[index + 1 :]:
            apart, whole = sp.cancel(other - one), sp.cancel(one + other)
            if apart.is_Integer and abs(apart) <= MOST_TURNS and value.has(sp.gamma(other)):
                value = value.subs(sp.gamma(other), sp.gamma(one) * _rising(one, int(apart)))
            if whole.is_Integer and abs(whole) <= MOST_TURNS and value.has(sp.gamma(other)):
                value = value.subs(sp.gamma(other), _gamma_of_rest(int(whole), one))
    return _with_few_sines(value)


def _rising(one: sp.Expr, steps: int) -> sp.Expr:
    """Γ(x + m)/Γ(x)."""
    up, down = (one + step for step in range(steps)), (one - step for step in range(1, 1 - steps))
    return sp.Mul(*up) / sp.Mul(*down)


def _gamma_of_rest(whole: int, one: sp.Expr) -> sp.Expr:
    """Γ(m - x) by Γ(x): Γ(1 - x) = π/(sin(πx) Γ(x)), and Γ(y + 1) = y Γ(y) as often as it takes."""
    reflected = sp.pi / (sp.sin(sp.pi * one) * sp.gamma(one))
    above = [place - one for place in range(1, whole)]
    below = [place - one for place in range(whole, 1)]
    return reflected * sp.Mul(*above) / sp.Mul(*below)


def _with_few_sines(value: sp.Expr) -> sp.Expr:
    """sin(π(m - x)) and sin(π(m + x)) by sin(πx), where both occur."""
    sines = sorted(value.atoms(sp.sin), key=sp.default_sort_key)
    turns = {sine: sp.cancel(sine.args[0] / sp.pi) for sine in sines}
    for index, one in enumerate(sines):
        for other in sines[index + 1 :]:
            for sign, whole in ((-1, turns[one] + turns[other]), (1, turns[other] - turns[one])):
                whole = sp.cancel(whole)
                if whole.is_Integer:
                    value = value.xreplace({other: sign * sp.Integer(-1) ** whole * one})
    return value


def _with_signs(stratum: Stratum, value: sp.Expr) -> sp.Expr:
    """An expression in symbols that SymPy knows to be positive, where the stratum makes them so: log(c**2) is 2*log(c) then."""
    known: dict[sp.Symbol, sp.Symbol] = {}
    for symbol in sorted(value.free_symbols, key=lambda s: s.name):
        if not symbol.is_positive and keeps(stratum, symbol, ">"):
            known[symbol] = sp.Dummy(symbol.name, positive=True)
    return value.subs(known) if known else value


def signs(stratum: Stratum, value: sp.Expr) -> list[tuple[Stratum, int]]:
    """The parts of a stratum on which an expression is positive, negative, zero.

    Raises
    ------
    UnresolvedError
        If that cannot be decided exactly.
    """
    found: list[tuple[Stratum, int]] = []
    for part, smooth_value in smooth(stratum, value):
        if smooth_value in (sp.oo, -sp.oo):
            found.append((part, 1 if smooth_value == sp.oo else -1))
        else:
            found += split(part, smooth_value)
    return found


def poles(stratum: Stratum, value: sp.Expr) -> None:
    """Raise `UnresolvedError` where a formula may have no real value on a stratum: there nothing is claimed, or everything.

    Denominators must not vanish, bases of broken powers and arguments of logarithms must be positive, those of gamma
    functions positive and those of zeta functions above 1; but a singularity is no fault where the formula has a limit.
    """
    for part in sp.preorder_traversal(value):
        if not part.free_symbols:
            continue
        for form, sense in _needed(part):
            if not keeps(stratum, form, sense) and not _removable(stratum, value, part, form):
                fault = {"!=": "may be 0", ">": "may not be positive", ">=": "may be negative"}[sense]
                raise UnresolvedError(f"{value} may have no value inside the range, where {form} {fault}")


def _removable(stratum: Stratum, value: sp.Expr, part: sp.Basic, form: sp.Expr) -> bool:
    """Whether a whole formula has a finite limit on every wall where one part of it is singular."""
    if isinstance(part, sp.gamma):
        walls = [wall for pole in _poles_of_gamma(stratum, form) for wall in stratum.zeros(form + pole)]
    elif isinstance(part, sp.Pow) and part.exp.is_integer:
        walls = list(stratum.zeros(form))
    else:
        return False
    return all(finite(wall.at(value)) for wall in walls)


def _poles_of_gamma(stratum: Stratum, argument: sp.Expr) -> Iterator[int]:
    """The m = 0, 1, ... for which the argument may be -m."""
    for pole in range(MOST_TURNS):
        yield pole
        if stratum.possible(-argument - pole) is None:
            return
    raise UnresolvedError(f"{argument} reaches more than {MOST_TURNS} poles of the gamma function")


def _needed(part: sp.Basic) -> list[tuple[sp.Expr, str]]:
    """Forms that must be != 0, >= 0 or > 0 for a node to have a real value."""
    if isinstance(part, sp.tan):
        return [(sp.cos(part.args[0]), "!=")]
    if isinstance(part, sp.Pow):
        base, exponent = part.as_base_exp()
        if base.is_positive or base.is_number:
            return []
        if exponent.is_integer:
            return [] if exponent.is_nonnegative else [(base, "!=")]
        return [(base, ">=" if exponent.is_positive else ">")]
    if isinstance(part, sp.log | sp.gamma):
        return [(part.args[0], ">")]
    return [(part.args[0] - 1, ">")] if isinstance(part, sp.zeta) else []


def keeps(stratum: Stratum, form: sp.Expr, sense: str) -> bool:
    """Whether a form keeps its sense on the whole stratum."""
    form = _without_functions(stratum, _of_one_sign_with(form))
    if form.is_positive:
        return True
    for part, value in smooth(stratum, form):
        if sense != "!=" and part.possible(-value) is not None:
            return False
        if sense != ">=" and next(iter(part.zeros(value)), None) is not None:
            return False
    return True


def _of_one_sign_with(form: sp.Expr) -> sp.Expr:
    """What has the sign of exp(x) - exp(y) where a form is such a difference: x - y; else the form itself.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> _of_one_sign_with(1 - sp.exp(-x)), _of_one_sign_with(2 - sp.exp(-x))
    (x, 2 - exp(-x))
    """
    if not (form.is_Add and len(form.args) == 2 and form.has(sp.exp)):
        return form
    one, two = form.args
    ratio = sp.powsimp(-one / two, combine="exp")
    positive = two.is_positive or isinstance(two, sp.exp)
    if not isinstance(ratio, sp.exp) or not (positive or two.is_negative):
        return form
    return -ratio.args[0] if positive else ratio.args[0]


def _without_functions(stratum: Stratum, form: sp.Expr) -> sp.Expr:
    """A form with positive symbols for gamma(x) where x > 0, zeta(x) where x > 1, and sin(pi x) where 0 < x < 1, on the whole stratum.

    Constants of power sums hold such; those of what saturates hold 1 - exp(-x), x > 0.
    """
    gaps = [part for part in form.atoms(sp.Add) if part != form and _of_one_sign_with(part) != part]
    form = form.xreplace({part: sp.Dummy(positive=True) for part in gaps if keeps(stratum, part, ">")})
    for known in form.atoms(sp.gamma, sp.zeta):
        argument = known.args[0] - (1 if isinstance(known, sp.zeta) else 0)
        if argument.is_rational_function(*argument.free_symbols) and keeps(stratum, argument, ">"):
            form = form.subs(known, sp.Dummy(positive=True))
    for sine in form.atoms(sp.sin):
        turn = sp.cancel(sine.args[0] / sp.pi)
        if (
            turn.is_rational_function(*turn.free_symbols)
            and keeps(stratum, turn, ">")
            and keeps(stratum, 1 - turn, ">")
        ):
            form = form.subs(sine, sp.Dummy(positive=True))
    return form
