"""Leading constants of a balance: the equations that dominant terms leave once their scales agree, solved where possible.

With unknown = C L^x (log L)^y the dominant terms of each constraint give an equation between the constants. Two-term
equations are solved by powers, one-unknown equations by their positive roots (each root a balance of its own); equations
that share monomials are combined first. What is left is returned as algebraic equations, never solved numerically, with a
word on whether a positive solution is known to exist. The equations may contradict each other: then the balance does not
exist, although its exponents agree. Or one may follow from the others: then leading order says too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from itertools import permutations, product

import sympy as sp

from ..nonzero import surely_not_zero
from .cells import sign_of
from .chambers import Arena
from .exact import Number
from .roots import positive_roots
from .scales import OrderOne, constant_of, in_lowest_terms, unwrapped
from .sign_changes import has_positive_root, one_equation

Monomial = tuple[sp.Expr, Mapping[sp.Symbol, Number]]
"""A coefficient and the exponents of unknowns."""


class Outcome(Enum):
    """What the equations for the constants say about a balance."""

    SOLVED = "every constant is determined in closed form"
    UNSOLVED = "some constants are left as roots of an algebraic equation"
    INCONSISTENT = "the leading coefficients contradict each other: no such balance"
    DEPENDENT = "one leading equation follows from the others: the next order decides"


@dataclass
class ConstantSystem:
    """Equations Σ monomials = 0 and extrema C = max(...), to be solved for the leading constants.

    `sums`, `extrema` are still to be solved; `implicit` are equations known to have exactly one positive root, but no closed
    form; `existence` is false where nothing shows that the rest has a positive solution.
    """

    arena: Arena
    sums: list[list[Monomial]]
    extrema: list[tuple[Monomial, list[Monomial], bool]] = field(default_factory=list)
    known: dict[sp.Symbol, Monomial] = field(default_factory=dict)
    implicit: list[list[Monomial]] = field(default_factory=list)
    existence: bool = True
    outcome: Outcome = Outcome.SOLVED
    reason: str = ""

    def __post_init__(self) -> None:
        self.ground = self.arena.field

    def sign(self, coefficient: sp.Expr) -> int:
        """The sign of a coefficient; ValueError where it is not known (the equation then stays unsolved)."""
        return sign_of(coefficient, self.arena)

    def solve(self) -> list[ConstantSystem]:
        """Eliminate until nothing changes; one solved system for every choice of roots."""
        while self.outcome is Outcome.SOLVED:
            if self._extrema_step() or self._sum_step() or self._combination_step():
                continue
            branches = self._root_step()
            if branches is not None:
                return [solved for branch in branches for solved in branch.solve()]
            if not self._linear_step():
                break
        if self.outcome is Outcome.SOLVED and (self.sums or self.extrema):
            self.outcome, self.existence = Outcome.UNSOLVED, self.existence and self._surely_solvable()
        elif self.outcome is Outcome.SOLVED and self.implicit:
            self.outcome = Outcome.UNSOLVED
        return [self]

    def _surely_solvable(self) -> bool:
        """Whether what is left comes to one equation for one constant, which has a positive root."""
        lefts = [equation.lhs - equation.rhs for equation in self.equations()]
        constants = {constant_of(unknown) for unknown in self.unknowns}
        if self.extrema or not all(unwrapped(left).free_symbols <= constants for left in lefts):
            return False  # a parameter is no constant that an equation may be solved for
        left = one_equation(lefts)
        return left is not None and has_positive_root(left)

    def _root_step(self) -> list[ConstantSystem] | None:
        """An equation in one unknown: one branch for each positive root; None if there is no such equation."""
        for index, equation in enumerate(self.sums):
            monomials = self._collected(equation)
            names = {u for _, powers in monomials for u in powers}
            if len(names) != 1 or self._entangled(monomials):
                continue
            (unknown,) = names
            exponents = [(c, powers.get(unknown, self.ground.zero)) for c, powers in monomials]
            found = positive_roots(exponents, self.arena)
            if found.certain and not found.values:
                return [
                    self._without(index, outcome=Outcome.INCONSISTENT, reason=f"{_text(monomials)} = 0 has no root")
                ]
            if found.values:
                return [
                    self._without(
                        index, known={**self.known, unknown: (root, {})}, existence=self.existence and found.certain
                    )
                    for root in found.values
                ]
            if found.unique:
                return [self._without(index, implicit=[*self.implicit, equation])]
        return None

    def _linear_step(self) -> bool:
        """An equation u·A = B in roots that have no closed form: one positive u where A and B surely have one sign.

        Where B is nothing and A surely is not, there is no solution.
        """
        roots = {u for equation in self.implicit for _, powers in equation for u in powers}
        for index, equation in enumerate(self.sums):
            monomials = self._collected(equation)
            new = {u for _, powers in monomials for u in powers} - roots
            powers = {(u, m.get(u, self.ground.zero)) for u in new for _, m in monomials if u in m}
            if not self.implicit or len(powers) > 1 or self._entangled(monomials):
                continue
            parts = [[m for m in monomials if bool(new & set(m[1])) is inside] for inside in (True, False)]
            if not all(parts) and self._surely(monomials):
                self.outcome, self.reason = Outcome.INCONSISTENT, f"{_text(monomials)} = 0 has no positive solution"
                return True
            if all(parts) and self._surely(parts[0]) * self._surely(parts[1]) < 0:
                del self.sums[index]
                self.implicit.append(equation)
                return True
        return False

    def _surely(self, monomials: Sequence[Monomial]) -> int:
        """The sign of a sum at the roots of the implicit equations: its own, or with a multiple of one of them added; 0: open."""
        ways = [list(monomials)]
        for equation in self.implicit:
            ways += self._combinations(monomials, self._collected(equation))
        for way in ways:
            signs = set() if self._entangled(way) else {self.sign(coefficient) for coefficient, _ in way}
            if len(signs) == 1:
                return int(signs.pop())
        return 0

    def _without(self, index: int, **changes: object) -> ConstantSystem:
        left = [e for i, e in enumerate(self.sums) if i != index]
        copy = replace(self, sums=left, **changes)  # type: ignore[arg-type]
        copy.extrema = list(self.extrema)
        copy.known = {u: copy._substituted(m) if m[1] else m for u, m in copy.known.items()}
        return copy

    def _combination_step(self) -> bool:
        """Replace an equation by a combination with another one that is shorter, or that has no positive solution."""
        collected = [self._collected(e) for e in self.sums]
        for i, j in permutations(range(len(collected)), 2):
            if self._entangled(collected[i]) or self._entangled(collected[j]):
                continue
            for combined in self._combinations(collected[i], collected[j]):
                if len(combined) < len(collected[i]):
                    self.sums[i] = combined
                    return True
        return False

    def _combinations(self, first: Sequence[Monomial], second: Sequence[Monomial]) -> Iterator[list[Monomial]]:
        """first - factor · second, for every monomial factor that cancels a term."""
        for (c, powers), (e, others) in product(first, second):
            names = set(powers) | set(others)
            shift = {u: powers.get(u, self.ground.zero) - others.get(u, self.ground.zero) for u in names}
            moved = [
                (-k * c / e, {u: m.get(u, self.ground.zero) + shift.get(u, self.ground.zero) for u in {*m, *shift}})
                for k, m in second
            ]
            yield self._collected([*first, *((k, {u: n for u, n in m.items() if n}) for k, m in moved)])

    def _sum_step(self) -> bool:
        for index, equation in enumerate(self.sums):
            monomials = self._collected(equation)
            if len(monomials) == 1 and _never_zero(monomials[0][0]):
                del self.sums[index]
                self._trivial(equation, monomials)
                return True
            if self._entangled(monomials):
                continue
            if len(monomials) > 1 and len({self.sign(c) for c, _ in monomials}) == 1:
                self.outcome, self.reason = Outcome.INCONSISTENT, f"{_text(monomials)} = 0 has no positive solution"
                return True
            if len(monomials) == 2 and any(powers for _, powers in monomials):
                del self.sums[index]
                self._binomial(*monomials)
                return True
            if len(monomials) < 2:
                del self.sums[index]
                self._trivial(equation, monomials)
                return True
        return False

    def _entangled(self, monomials: Sequence[Monomial]) -> bool:
        """Whether coefficients still hold unknown constants (inside an `OrderOne`), or have no known sign."""
        open_symbols = {constant_of(u) for u in self.unknowns} - {constant_of(u) for u in self.closed_forms()}
        if any(coefficient.free_symbols & open_symbols for coefficient, _ in monomials):
            return True
        try:
            return any(self.sign(coefficient) == 0 for coefficient, _ in monomials)
        except ValueError:
            return True

    @property
    def unknowns(self) -> set[sp.Symbol]:
        """Unknowns that occur in the equations, and in what others are known by."""
        sums = [m for e in (*self.sums, *self.implicit) for m in e] + [m for s, e, _ in self.extrema for m in (s, *e)]
        return {u for _, powers in (*sums, *self.known.values()) for u in powers} | set(self.known)

    def _trivial(self, equation: Sequence[Monomial], monomials: Sequence[Monomial]) -> None:
        if not monomials:
            self.outcome, self.reason = Outcome.DEPENDENT, f"{_text(equation)} = 0 holds identically at leading order"
        else:
            self.outcome, self.reason = Outcome.INCONSISTENT, f"{_text(equation)} = 0 cannot hold"

    def _collected(self, equation: Sequence[Monomial]) -> list[Monomial]:
        """The equation with known constants put in and like monomials added."""
        sums: dict[frozenset[tuple[sp.Symbol, Number]], sp.Expr] = {}
        for monomial in equation:
            coefficient, powers = self._substituted(monomial)
            key = frozenset(powers.items())
            sums[key] = sums[key] + coefficient if key in sums else coefficient
        cleaned = {key: _simplified(value) for key, value in sums.items()}
        return [(value, dict(key)) for key, value in cleaned.items() if value != 0]

    def _substituted(self, monomial: Monomial) -> Monomial:
        coefficient, powers = monomial
        left: dict[sp.Symbol, Number] = {}
        for unknown, exponent in powers.items():
            if unknown not in self.known:
                left[unknown] = left.get(unknown, self.ground.zero) + exponent
                continue
            factor, inner = self.known[unknown]
            coefficient = coefficient * self._raised(factor, exponent.to_sympy())
            for other, power in inner.items():
                left[other] = left.get(other, self.ground.zero) + power * exponent
        values = {constant_of(u): f for u, (f, rest) in self.known.items() if not rest}
        coefficient = coefficient.xreplace(values) if coefficient.has(OrderOne) else coefficient
        return coefficient, {u: n for u, n in left.items() if n}

    def _raised(self, constant: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """A power of a constant; (b^p)^q is b^(pq) where the arena knows that b > 0, which SymPy may not."""
        if constant.is_Pow and not constant.base.is_positive:
            try:
                if self.sign(constant.base) > 0:
                    return constant.base ** sp.simplify(constant.exp * exponent)
            except ValueError:
                pass
        return constant**exponent

    def _binomial(self, first: Monomial, second: Monomial) -> None:
        """c₁ m₁ + c₂ m₂ = 0, solved for one unknown by a power."""
        ratio = _simplified(-second[0] / first[0])
        if self.sign(first[0]) == self.sign(second[0]):
            self.outcome, self.reason = Outcome.INCONSISTENT, f"{_text((first, second))} = 0 has no positive solution"
            return
        powers = dict(first[1])
        for unknown, exponent in second[1].items():
            powers[unknown] = powers.get(unknown, self.ground.zero) - exponent
        powers = {u: n for u, n in powers.items() if n}
        unknown = min(powers, key=lambda u: (not powers[u].is_constant, u.name))
        inverse = self.ground.one / powers.pop(unknown)
        value = (_power(ratio, inverse.to_sympy()), {u: -n * inverse for u, n in powers.items()})
        self.known[unknown] = value
        self.known = {u: self._substituted(m) if u != unknown else m for u, m in self.known.items()}

    def _extrema_step(self) -> bool:
        for index, (symbol, arguments, largest) in enumerate(self.extrema):
            values = [self._substituted(m) for m in arguments]
            if len({frozenset(powers.items()) for _, powers in values}) > 1:
                continue
            extremum = (sp.Max if largest else sp.Min)(*(coefficient for coefficient, _ in values))
            del self.extrema[index]
            self.sums.append([symbol, (-extremum, values[0][1])])
            return True
        return False

    def closed_forms(self) -> dict[sp.Symbol, sp.Expr]:
        """Constants that are determined."""
        return {u: value for u, (value, powers) in self.known.items() if not powers}

    def equations(self) -> tuple[sp.Eq, ...]:
        """What is left unsolved, as algebraic equations between the symbols C_unknown."""
        relations = [
            sp.Eq(constant_of(u), _expression((value, powers)), evaluate=False)
            for u, (value, powers) in self.known.items()
            if powers
        ]
        left = [self._collected(e) for e in (*self.sums, *self.implicit)]
        sums = [sp.Eq(sp.Add(*(_expression(m) for m in e)), 0, evaluate=False) for e in left]
        extrema = [
            sp.Eq(_expression(s), (sp.Max if big else sp.Min)(*(_expression(self._substituted(m)) for m in arguments)))
            for s, arguments, big in self.extrema
        ]
        return (*relations, *sums, *extrema)


def _never_zero(coefficient: sp.Expr) -> bool:
    """Whether a linear combination of bounded quantities of order one is kept off zero by their bounds."""
    low = high = sp.S.Zero
    for part in sp.Add.make_args(coefficient):
        factor, rest = part.as_independent(OrderOne)
        if not (factor.is_number and factor.is_real) or not (rest == 1 or isinstance(rest, OrderOne)):
            return False
        ends = (sp.S.One, sp.S.One) if rest == 1 else rest.bounds
        low, high = low + min(factor * e for e in ends), high + max(factor * e for e in ends)
    return coefficient.has(OrderOne) and bool(low >= 0 or high <= 0)


@lru_cache(maxsize=65536)
def _power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    return sp.powdenest(base**exponent)


@lru_cache(maxsize=65536)
def _simplified(value: sp.Expr) -> sp.Expr:
    """Zero recognised as zero; otherwise only as much rewriting as keeps formulas short (the same few come up again and again)."""
    if value.is_Number or value.is_Symbol or value.has(OrderOne):
        return value
    value = gathered(value)
    if value.is_Add and not surely_not_zero(value) and (value.is_zero or value.equals(0)):
        return sp.S.Zero
    return sp.factor_terms(value) if value.is_Add else value


def gathered(value: sp.Expr) -> sp.Expr:
    """Powers of one base put together, with their exponents in lowest terms.

    Examples
    --------
    >>> b, c = sp.symbols("b c", positive=True)
    >>> gathered(c ** (b / (b + 1)) * c ** (1 / (b + 1)))
    c
    """
    plain = in_lowest_terms(value)
    return in_lowest_terms(sp.powsimp(sp.expand(plain) if plain.is_Add else plain))


def _expression(monomial: Monomial) -> sp.Expr:
    coefficient, powers = monomial
    return coefficient * sp.Mul(*(constant_of(u) ** n.to_sympy() for u, n in powers.items()))


def _text(equation: Sequence[Monomial]) -> str:
    return str(sp.Add(*(_expression(m) for m in equation)))
