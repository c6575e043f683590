"""Claims about dominant balance (A2): the largest power, three terms, logarithms, beside answers that tools have given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...claims import Claim, Effort, Source, Twin, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...tables import Cell, Table

if TYPE_CHECKING:  # a record is light: SymPy is loaded when a claim is built
    import sympy as sp

    from scalecheck.theory.asymptotics.balance import Balance

FAR = 10**2000
"""The large parameter at which balances are solved numerically, in multiple precision: corrections are below 10^{-90}."""


@dataclass(frozen=True)
class LargestOf:
    """The assertion that an exponent is the largest of these, everywhere."""

    pieces: tuple[sp.Expr, ...]

    def describe(self) -> str:
        """Say it in a line."""
        return f"exponent = max{self.pieces}"

    def at(self, place: Mapping[str, float]) -> float:
        """The stated exponent at a point."""
        values = [piece.subs({s: place[s.name] for s in piece.free_symbols}) for piece in self.pieces]
        return max(float(value) for value in values)


def _sum_of_powers() -> tuple[Balance, ...]:
    """x = L^a + L^b."""
    import sympy as sp

    from scalecheck.theory.asymptotics.solver import solve_balances
    from scalecheck.theory.asymptotics.systems import System

    large, x = sp.symbols("L x", positive=True)
    a, b = sp.symbols("a b", real=True)
    return solve_balances(System(large, (x,), {}, (a, b), (sp.Eq(x, large**a + large**b),)))


def _cubic() -> tuple[Balance, ...]:
    """y³ + ε^a y = ε^b, ε = 1/L, a, b > 0."""
    import sympy as sp

    from scalecheck.theory.asymptotics.solver import solve_balances
    from scalecheck.theory.asymptotics.systems import System

    large, y = sp.symbols("L y", positive=True)
    a, b = sp.symbols("a b", real=True)
    equation = sp.Eq(y**3 + large**-a * y, large**-b)
    return solve_balances(System(large, (y,), {}, (a, b), (equation,), (a > 0, b > 0)))


def from_balances(found: Callable[[], Sequence[Balance]], sign: int, domain: tuple[sp.Basic, ...] = ()) -> Witness:
    """A symbolic witness: in the region of each balance its exponent (times `sign`) is a stated piece that no other exceeds.

    The regions must cover the domain up to boundaries: a balance that was not found would say nothing otherwise.
    """

    def witness(assertion: LargestOf, effort: Effort) -> Evidence:
        from scalecheck.theory.asymptotics.exact import Form

        rows: list[dict[str, Cell]] = []
        balances = found()
        for balance in balances:
            (exponent,) = (sign * value for value in balance.exponents.values())
            region = balance.region
            # A piece may be stated in any form; what reduces to zero is zero, what to an affine form can be compared.
            gaps = [_reduced(exponent - piece) for piece in assertion.pieces]
            largest = all(
                gap == 0 or region.implies(Form.of(region.arena.field, gap, region.variables)) for gap in gaps
            )
            where = ", ".join(map(str, region.inequalities))
            rows.append({"exponent": str(exponent), "where": where, "largest": largest and 0 in gaps})
        covered = bool(rows) and _covers(balances, domain)
        outcome = Outcome.HOLDS if covered and all(row["largest"] for row in rows) else Outcome.FAILS
        reason = f"{len(rows)} balances, exponents {outcome.value}; their regions {'cover' if covered else 'do not cover'} the domain"
        return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of(rows))

    return witness


def _reduced(gap: sp.Expr) -> sp.Expr:
    """A difference in the one form in which zero is zero and an affine form is affine."""
    import sympy as sp

    return sp.expand(sp.simplify(gap.doit()))


def _covers(balances: Sequence[Balance], domain: tuple[sp.Basic, ...]) -> bool:
    """Whether nothing of the domain is left when all regions are taken away."""
    from scalecheck.theory.asymptotics.polyhedra import Polyhedron

    region = balances[0].region
    whole = Polyhedron.of(region.arena, region.variables, domain)
    return next(iter(whole.minus([balance.region for balance in balances])), None) is None


def at_huge_scale(measure: Callable[[float, float], float], points: Sequence[tuple[float, float]]) -> Witness:
    """A numeric witness: the exponent at L = 10^2000 against the stated one, within 1e-3 (constants enter as 1/log L)."""

    def witness(assertion: LargestOf, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        for a, b in points:
            measured, stated = measure(a, b), assertion.at({"a": a, "b": b})
            outcome = Outcome.HOLDS if abs(measured - stated) <= 1e-3 else Outcome.FAILS
            rows.append({"a": a, "b": b, "measured": measured, "stated": stated, "outcome": outcome.value})
        worst = Outcome.FAILS if any(row["outcome"] == Outcome.FAILS.value for row in rows) else Outcome.HOLDS
        return Evidence(
            "numeric", worst, Firmness.NUMBERS, f"{len(rows)} points at L = 10^2000, within 1e-3", Table.of(rows)
        )

    return witness


def _largest_power() -> Claim:
    import mpmath
    import sympy as sp

    a, b = sp.symbols("a b", real=True)

    def measure(first: float, second: float) -> float:
        large = mpmath.mpf(FAR)
        return float(mpmath.log(large**first + large**second) / mpmath.log(large))

    return Claim(
        id="A2.largest-power",
        title="a sum of two powers with symbolic exponents",
        statement=r"$\log(x^a + x^b)/\log x \to \max(a, b)$.",
        source=Source((), "A2", "derived"),
        assertion=LargestOf((a, b)),
        comparison=r"exponents and regions of all balances, exactly; and numbers at $x = 10^{2000}$ within $10^{-3}$",
        symbolic=from_balances(_sum_of_powers, 1),
        numeric=at_huge_scale(measure, [(1.0, 0.5), (-1.0, 2.0), (0.25, -0.5), (0.5, 0.75)]),
        twins=(
            Twin("last", "$b$ (what SymPy's limit says)", LargestOf((b,))),
            Twin("first", "$a$", LargestOf((a,))),
            Twin("mean", "$(a + b)/2$", LargestOf(((a + b) / 2,))),
        ),
    )


def _three_terms() -> Claim:
    import mpmath
    import sympy as sp

    a, b = sp.symbols("a b", real=True)

    def measure(first: float, second: float) -> float:
        with mpmath.workdps(50):
            small = 1 / mpmath.mpf(FAR)
            linear, constant = small**first, small**second
            # The left side increases in y: bisection on log y cannot miss the one positive root.
            low, high = mpmath.mpf(0), 4 * max(first, second, 1.0)
            for _ in range(60):
                middle = (low + high) / 2
                y = small**middle
                low, high = (middle, high) if y**3 + linear * y > constant else (low, middle)
            return float(low)

    return Claim(
        id="A2.three-terms",
        title="a three-term balance with symbolic exponents",
        statement=r"The positive root of $y^3 + \varepsilon^a y = \varepsilon^b$, $a, b > 0$, is of order"
        r" $\varepsilon^{\max(b/3,\, b - a)}$ as $\varepsilon \to 0$.",
        source=Source((), "A2", "derived"),
        assertion=LargestOf((b / 3, b - a)),
        comparison=r"exponents and regions of all balances, exactly; and the root at $\varepsilon = 10^{-2000}$ within $10^{-3}$",
        symbolic=from_balances(_cubic, -1, (a > 0, b > 0)),
        numeric=at_huge_scale(measure, [(1.0, 1.0), (1.0, 2.0), (2.0, 2.5), (0.5, 3.0)]),
        twins=(
            Twin("cube", "$b/3$ always: the linear term dropped", LargestOf((b / 3,))),
            Twin("linear", "$b - a$ always: the cube dropped", LargestOf((b - a,))),
            Twin(
                "moved",
                "the two regions divided 5% further up",
                LargestOf((b / 3, sp.Rational(20, 21) * b - a + a / 42)),
            ),
        ),
    )


def _with_logarithms() -> tuple[Balance, ...]:
    """x² + L^a (log L)² x = L^{2a} (log L)³: all three terms tie in powers of L, logarithms decide."""
    import sympy as sp

    from scalecheck.theory.asymptotics.solver import solve_balances
    from scalecheck.theory.asymptotics.systems import System

    large, x = sp.symbols("L x", positive=True)
    a = sp.Symbol("a", real=True)
    equation = sp.Eq(x**2 + large**a * sp.log(large) ** 2 * x, large ** (2 * a) * sp.log(large) ** 3)
    return solve_balances(System(large, (x,), {}, (a,), (equation,)))


def _log_exponent() -> sp.Expr:
    """The exponent of log L in x, one and the same in every balance."""
    from scalecheck.theory.identities import DerivationError

    found = {value for balance in _with_logarithms() for value in balance.log_exponents.values()}
    if len(found) != 1:
        raise DerivationError(f"expected one exponent of log L, got {sorted(map(str, found))}")
    return found.pop()


def _logarithms() -> Claim:
    import mpmath
    import sympy as sp

    quantity = "exponent of log L"

    def measure(point: NumericPoint) -> Measured:
        """log(x/L^a)/log log L at L = e^{10^12}; what is left is of order 1/log L."""
        with mpmath.workdps(50):
            log = mpmath.mpf(10) ** 12
            scale = mpmath.exp(point["a"] * log)
            linear, constant = scale * log**2, scale**2 * log**3
            x = 2 * constant / (linear + mpmath.sqrt(linear**2 + 4 * constant))
            return float(mpmath.log(x / scale) / mpmath.log(log)), 1e-12

    return Claim(
        id="A2.logarithm",
        title="a balance that powers leave open and logarithms decide",
        statement=r"The positive root of $x^2 + L^a (\log L)^2 x = L^{2a} (\log L)^3$ is of order $L^a \log L$ as $L \to \infty$.",
        source=Source((), "A2", "derived"),
        assertion=Formula(quantity, sp.S.One),
        comparison=r"the exponent of all balances at the level of logarithms, exactly; and the root at $L = e^{10^{12}}$, within $10^{-8}$",
        symbolic=from_derivation(_log_exponent),
        numeric=from_numbers(measure, [{"a": 1.0}, {"a": -0.5}, {"a": 0.25}]),
        twins=(
            Twin("square", "3/2: the linear term dropped, or its logarithms", Formula(quantity, sp.Rational(3, 2))),
            Twin("none", "no logarithm: powers alone", Formula(quantity, sp.S.Zero)),
            Twin("coefficient", "3: the logarithms of the coefficient dropped", Formula(quantity, sp.Integer(3))),
        ),
    )


def everything() -> tuple[Balance, ...]:
    """All balances that the claims are about."""
    return (*_sum_of_powers(), *_cubic(), *_with_logarithms())


def makers() -> tuple[Callable[[], Claim], ...]:
    """What makes the claims, in their order."""
    return (_largest_power, _three_terms, _logarithms)
