"""What cancels in an equation: sums whose scale is a power of the large parameter, written out to a further order (A1).

Such a sum is a known function of the large parameter, and its expansion has explicit terms and a remainder of known order.
Like powers are added up exactly over the whole equation, Σ k^-2/(k^-2 + 1/n) - (π/2) √n, and what is left stands for all of
it if it beats every remainder for all parameters. Nothing is taken from beyond the remainders.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from ..nonzero import vanishes
from .chambers import ParameterDomain
from .mellin import mellin_transform
from .power_sums import Position, PowerSum
from .scaled_sums import UnreadableSystem

TERMS = 4
"""Powers at each end of an expansion that are followed: leading ones cancel, and often those that come next."""


@dataclass(frozen=True)
class Power:
    """coefficient · large^power (log large)^logs; of a remainder the order alone counts."""

    coefficient: sp.Expr
    power: sp.Expr
    logs: sp.Expr

    @classmethod
    def of(cls, term: sp.Expr, large: sp.Symbol) -> Power | None:
        """A term read as such; None if it is none.

        Examples
        --------
        >>> n = sp.Symbol("n", positive=True)
        >>> Power.of(2 * sp.sqrt(4 * n) * sp.log(n), n)
        Power(coefficient=4, power=1/2, logs=1)
        >>> Power.of(sp.exp(n), n) is None
        True
        """
        mixed = any(part.has(large) for part in term.atoms(sp.Add))  # n/(a n**a - n**a), as SymPy multiplies out
        plain = sp.expand_power_base(sp.factor(term) if mixed else term)
        coefficient, moving = plain.as_independent(large, as_Add=False)
        power = logs = sp.S.Zero
        for factor in sp.Mul.make_args(moving):
            base, exponent = factor.as_base_exp()
            if exponent.has(large) or base not in (large, sp.log(large), sp.S.One):
                return None
            power += exponent if base == large else sp.S.Zero
            logs += exponent if base == sp.log(large) else sp.S.Zero
        return cls(coefficient, sp.cancel(power), logs)

    def scale(self, large: sp.Symbol) -> sp.Expr:
        """The power and the logarithm, without the coefficient."""
        return large**self.power * sp.log(large) ** self.logs


def place_of(
    scale: sp.Expr, count: sp.Expr, decay: sp.Expr, large: sp.Symbol, domain: ParameterDomain
) -> Position | None:
    """Where a scale that is a power of the large parameter stands among the atoms, for all parameters; None if that is open.

    Examples
    --------
    >>> n = sp.Symbol("n", positive=True)
    >>> place_of(1 / n**3, n, sp.Integer(2), n, ParameterDomain.of((), ()))
    <Position.BELOW: 'the scale lies below the smallest atom'>
    """
    height = Power.of(scale, large)
    end = None if count == sp.oo else Power.of(count, large)
    if height is None or height.logs != 0 or (count != sp.oo and (end is None or end.logs != 0)):
        return None
    if end is not None and domain.sign(end.power) != 1:
        return None
    above = domain.sign(height.power)
    if height.power == 0 or above == 1:
        return Position.ABOVE if height.power != 0 or scale == 1 else None
    if above != -1:
        return None
    inside = 1 if end is None else domain.sign(sp.expand(height.power + decay * end.power))
    return {1: Position.INSIDE, -1: Position.BELOW}.get(inside) if inside else None


def orders_of_rest(problem: PowerSum, place: Position, scale: sp.Expr, count: sp.Expr) -> list[sp.Expr]:
    """What an expansion of a sum leaves out at most: the orders at which its ends stop, whatever their coefficients.

    A coefficient may vanish there, as zeta(-4) does, and the next one need not. Where the sum ends, its last term is left
    out as well: the end need not be a whole number, and between two of them the sum stands still.

    Examples
    --------
    >>> n, u = sp.symbols("n u", positive=True)
    >>> orders_of_rest(PowerSum(sp.exp(-1 / u), u, sp.S.One, 1 / n, sp.oo), Position.INSIDE, 1 / n, sp.oo)
    [n**(-4)]
    """
    transform = mellin_transform(problem.function, problem.variable, TERMS)
    heads = transform.small_rest if place is Position.ABOVE else transform.large_rest
    tails = transform.large_rest if place is Position.BELOW else transform.small_rest
    last = transform.large if place is Position.BELOW else transform.small
    found = [scale**-power for power in heads]
    if count != sp.oo:
        found += [scale**-power * count ** (1 - problem.decay * power) for power in tails]
        found += [scale**-monomial.power * count ** (-problem.decay * monomial.power) for monomial in last]
    return found


def leading(terms: Iterable[Power], remainders: Sequence[Power], domain: ParameterDomain) -> list[Power]:
    """What is left of explicit terms, like powers added up; the largest, those that cannot be compared all.

    Raises
    ------
    UnreadableSystem
        If nothing that beats every remainder is left.
    """
    found: list[Power] = []
    for term in terms:
        alike = next(
            (k for k, t in enumerate(found) if sp.cancel(t.power - term.power) == 0 and t.logs == term.logs), None
        )
        if alike is None:
            found.append(term)
        else:
            found[alike] = Power(found[alike].coefficient + term.coefficient, term.power, term.logs)
    left = [term for term in found if not vanishes(term.coefficient)]
    kept = [term for term in left if not any(_beats(other, term, domain) for other in left)]
    if not kept or not all(any(_beats(term, rest, domain) for term in kept) for rest in remainders):
        raise UnreadableSystem("leading terms cancel, as far as the sums were expanded")
    return kept


def _beats(first: Power, second: Power, domain: ParameterDomain) -> bool:
    """Whether a term is larger than another for all parameters."""
    gap = domain.sign(sp.expand(first.power - second.power))
    logs = first.logs - second.logs
    return gap == 1 or (gap == 0 and bool(logs.is_number) and bool(logs > 0))
