"""Dominant balance on systems with known answers, on those other tools get wrong, and against numbers at huge L."""

from __future__ import annotations

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.balance import Balance, observable_pieces
from scalecheck.theory.asymptotics.solver import solve, solve_balances
from scalecheck.theory.asymptotics.systems import System

L, x, y, z, w, n = sp.symbols("L x y z w n", positive=True)
a, b = sp.symbols("a b", real=True)
gamma = sp.Symbol("gamma", positive=True)


def laws(system: System, unknown: sp.Symbol) -> set[tuple[str, str, str, frozenset[str]]]:
    return {
        (
            str(m.exponents[unknown]),
            str(m.log_exponents[unknown]),
            str(m.constants.get(unknown)),
            frozenset(str(r) for r in m.region.inequalities),
        )
        for m in solve_balances(system)
    }


def test_a_sum_is_the_larger_power_and_not_the_one_named_last() -> None:
    """log(x^a + x^b)/log x is max(a, b); SymPy's limit says b."""
    assert laws(System(L, (x,), {}, (a, b), (sp.Eq(x, L**a + L**b),)), x) == {
        ("a", "0", "1", frozenset({"b < a"})),
        ("b", "0", "1", frozenset({"b > a"})),
    }


def test_sum_of_exponentials_to_the_power_one_over_argument() -> None:
    """(a e^{-a t} + b e^{-b t} + c e^{-c t})^{1/t}, L = e^t: the limit is e^{-min(a, b, c)}; SymPy's limit says e^{-a}."""
    rates = sp.symbols("p q c", positive=True)
    equation = sp.Eq(x, sum(r * L**-r for r in rates))
    found = {m.exponents[x]: m for m in solve_balances(System(L, (x,), {}, rates, (equation,)))}
    assert set(found) == {-r for r in rates}
    for rate in rates:
        assert found[-rate].constants[x] == rate
        point = {r: found[-rate].region.arena.field(1 if r == rate else 2) for r in rates}
        assert found[-rate].region.contains(point), "the slowest rate wins"


def test_a_decay_against_its_own_growth_is_divided_by_the_rates() -> None:
    """SymPy's issue 22893 (20 January 2022): (p e^{-pt} + q e^{-qt}) e^{qt} with positive p and q.

    Its limit says infinity, whatever the rates (1.14 still does); the value is q where p > q, and infinity only for p < q.
    """
    p, q = sp.symbols("p q", positive=True)
    assert laws(System(L, (x,), {}, (p, q), (sp.Eq(x, (p * L**-p + q * L**-q) * L**q),)), x) == {
        ("0", "0", "q", frozenset({"q < p", "q > 0"})),
        ("-p + q", "0", "p", frozenset({"p > 0", "q > p"})),
    }


def test_three_term_balance_with_symbolic_exponents() -> None:
    """y³ + ε^a y = ε^b, ε = 1/L: y ~ ε^{b/3} or ε^{b-a}, divided where 2b = 3a."""
    system = System(L, (y,), {}, (a, b), (sp.Eq(y**3 + L**-a * y, L**-b),), (a > 0, b > 0))
    assert laws(system, y) == {
        ("-b/3", "0", "1", frozenset({"b > 0", "b < 3*a/2"})),
        ("a - b", "0", "1", frozenset({"a > 0", "b > 3*a/2"})),
    }


def test_equal_terms_add_up() -> None:
    assert laws(System(L, (x, z), {}, (a,), (sp.Eq(x, L**a + z), sp.Eq(2 * z, x))), x) == {("a", "0", "2", frozenset())}


def test_equations_that_contradict_each_other_have_no_balance() -> None:
    (chamber,) = solve(System(L, (x, z), {}, (a,), (sp.Eq(x, L**a + z), sp.Eq(z, x))))
    assert not chamber.outcome.balances
    assert not chamber.outcome.undecided


def test_cancelling_leading_terms_are_resolved_at_the_next_order() -> None:
    """x - y = L^a = z although x and y agree at leading order (x y = L^b, b > 2a)."""
    system = System(L, (x, y, z), {}, (a, b), (sp.Eq(x, y + L**a), sp.Eq(x, y + z), sp.Eq(x * y, L**b)))
    found = {m.exponents[x]: m for m in solve_balances(system)}
    assert set(found) == {a, b / 2}
    assert all(m.exponents[z] == a and m.constants[z] == 1 for m in found.values())


def test_cancellation_over_three_equations() -> None:
    equations = (sp.Eq(x, y + L**a), sp.Eq(y, z + L**a), sp.Eq(x, z + w), sp.Eq(x, L**b))
    (m,) = [m for m in solve_balances(System(L, (x, y, z, w), {}, (a, b), equations)) if m.exponents[x] == b]
    assert (m.exponents[w], m.constants[w]) == (a, 2)


def test_dependent_equations_are_reported_and_not_guessed() -> None:
    (chamber,) = solve(System(L, (x, y), {}, (a,), (sp.Eq(x, y), sp.Eq(2 * x, 2 * y))))
    assert not chamber.outcome.balances
    assert [u.reason for u in chamber.outcome.undecided] == ["the equations are dependent: they leave an unknown free"]


def test_a_difference_has_a_scale_of_its_own() -> None:
    """√(x - y) with x - y = L^a far below x and y."""
    system = System(L, (x, y, z), {}, (a, b), (sp.Eq(x, y + L**a), sp.Eq(y, L**b), sp.Eq(z, sp.sqrt(x - y))), (b > a,))
    assert laws(system, z) == {("a/2", "0", "1", frozenset({"b > a"}))}


def test_logarithms_come_second() -> None:
    assert laws(System(L, (x,), {}, (a,), (sp.Eq(x, L**a * sp.log(L) + L**a),)), x) == {("a", "1", "1", frozenset())}
    assert laws(System(L, (x,), {}, (a,), (sp.Eq(x**2 * sp.log(L) + x, L**a),)), x) == {
        ("a", "0", "1", frozenset({"a < 0"})),
        ("a/2", "-1/2", "1", frozenset({"a > 0"})),
    }


def test_minima_and_maxima() -> None:
    assert laws(System(L, (x,), {}, (a, b), (sp.Eq(x, sp.Max(L**a, 2 * L**b)),)), x) == {
        ("a", "0", "1", frozenset({"b < a"})),
        ("b", "0", "2", frozenset({"b > a"})),
    }
    assert laws(System(L, (x,), {}, (a,), (sp.Eq(x, sp.Min(3 * L**a, 2 * L**a)),)), x) == {("a", "0", "2", frozenset())}


def test_powers_of_sums() -> None:
    """(L^a + L^b)^γ ~ max(L^a, L^b)^γ with a symbolic power."""
    system = System(L, (x,), {}, (a, b), (sp.Eq(x, (L**a + L**b) ** gamma),), (), {gamma: ()})
    assert {law[0] for law in laws(system, x)} == {"a*gamma", "b*gamma"}


def test_ridge_like_crossover_with_a_symbolic_parameter() -> None:
    """n κ = ridge + κ^{1-1/α}: κ is ridge/n or n^{-α}, divided where ridge = n^{1-α}."""
    system = System(
        L, (x,), {n: L**a}, (a, b), (sp.Eq(n * x, L**b + x ** (1 - 1 / gamma)),), (a > 0,), {gamma: (gamma > 1,)}
    )
    assert {(law[0], law[3]) for law in laws(system, x)} == {
        ("-a + b", frozenset({"a > 0", "b > a*(1 - gamma)"})),
        ("-a*gamma", frozenset({"a > 0", "b < a*(1 - gamma)"})),
    }


def test_coexisting_balances_are_all_found() -> None:
    """x + 1/x = L: x ~ L and x ~ 1/L hold at the same controls."""
    found = solve_balances(System(L, (x,), {}, (a,), (sp.Eq(x + 1 / x, L**a),), (a > 0,)))
    assert {m.exponents[x] for m in found} == {a, -a}


def test_the_derivation_says_what_dominates_and_why_the_rest_does_not() -> None:
    (m,) = [m for m in solve_balances(System(L, (x,), {}, (a, b), (sp.Eq(x, L**a + L**b),))) if m.exponents[x] == a]
    text = m.derivation.to_text()
    assert "these terms dominate and balance" in text
    assert "negligible by a power of L" in text
    assert "a - b > 0" in text


def test_certificates_of_discarded_branches_are_accepted() -> None:
    equations = (sp.Eq(x + y * L**a, L**b + x * y), sp.Eq(y**2 + x, L ** (a + b) + y * L**2))
    (chamber,) = solve(System(L, (x, y), {}, (a, b), equations))
    assert chamber.outcome.discarded
    assert chamber.outcome.certified()


def test_observable_takes_the_largest_term_on_each_part() -> None:
    (m,) = solve_balances(System(L, (x,), {}, (a, b), (sp.Eq(x, L**a),)))
    assert isinstance(m, Balance)
    found = {str(p.exponent): [str(r) for r in p.region.inequalities] for p in observable_pieces(m, x + 2 * L**b)}
    assert found == {"a": ["b < a"], "b": ["b > a"]}


def test_leading_constants_without_a_positive_solution_are_no_balance() -> None:
    """4r + 4y/r = 5y and 4r + 4y/r = 5 give y = 1 and r² - (5/4) r + 1 = 0: no real r, though all scales agree."""
    equations = (sp.Eq(4 * x / y + 4 * y**2 / x, 5 * y), sp.Eq(4 * x / y + 4 * y**2 / x, 5 + L**-b * x))
    (chamber,) = solve(System(L, (x, y), {}, (b,), equations, (b > 0,)))
    assert [m.constants for m in chamber.outcome.balances] == [{x: 20, y: 4}], "only the one at x = 20 L^{2b}"
    assert any("no root" in reason for _, reason in chamber.outcome.rejected)


def test_each_root_of_the_leading_equation_is_a_balance() -> None:
    """x² - 3 L^a x + 2 L^{2a} = L^b, b < 2a: x = L^a or 2 L^a."""
    found = solve_balances(
        System(L, (x,), {}, (a, b), (sp.Eq(x**2 + 2 * L ** (2 * a), 3 * L**a * x + L**b),), (b < 2 * a,))
    )
    assert {m.constants[x] for m in found} == {1, 2}


def test_a_double_root_is_not_taken_for_a_solution() -> None:
    """(x - L^a)² = -L^b has no solution; leading order sees a double root and must not claim one."""
    equation = sp.Eq(x**2 + L ** (2 * a) + L**b, 2 * L**a * x)
    found = solve_balances(System(L, (x,), {}, (a, b), (equation,), (b < 2 * a,)))
    assert all(not m.exists for m in found)


def test_symbolic_quadratic_constant() -> None:
    """x² + Δ L^a x = L^{2a}: one sign change, one positive root, in closed form."""
    delta = sp.Symbol("delta", positive=True)
    (m,) = solve_balances(System(L, (x,), {}, (a,), (sp.Eq(x**2 + delta * L**a * x, L ** (2 * a)),)))
    assert sp.simplify(m.constants[x] - (sp.sqrt(delta**2 + 4) - delta) / 2) == 0


def test_quotients_of_sums() -> None:
    found = laws(System(L, (x,), {}, (a, b), (sp.Eq(x, L**a / (L**b + 1)),)), x)
    assert {(law[0], law[3]) for law in found} == {("a", frozenset({"b < 0"})), ("a - b", frozenset({"b > 0"}))}


def test_along_a_path_only_the_parameter_divides() -> None:
    """No control exponents: x = L^{1/γ} + √L log L changes its law at γ = 2, logarithm included."""
    system = System(L, (x,), {}, (), (sp.Eq(x, L ** (1 / gamma) + sp.sqrt(L) * sp.log(L)),), (), {gamma: (gamma > 1,)})
    found = {c.intervals: [(m.exponents[x], m.log_exponents[x]) for m in c.outcome.balances] for c in solve(system)}
    assert found == {((1, 2),): [(1 / gamma, 0)], ((2, sp.oo),): [(sp.Rational(1, 2), 1)]}


def test_an_identity_is_no_equation() -> None:
    with pytest.raises(ValueError, match="holds identically"):
        solve(System(L, (x,), {}, (a,), (sp.Eq(x + L**a, L**a + x, evaluate=False),)))


def test_a_coefficient_of_unknown_sign_is_refused() -> None:
    c = sp.Symbol("c", real=True)
    with pytest.raises(ValueError, match="sign of the coefficient"):
        solve(System(L, (x,), {}, (a,), (sp.Eq(x, c * L**a + 1),)))


def test_what_is_no_sum_of_scales_is_refused() -> None:
    with pytest.raises(ValueError, match="is no sum, product"):
        solve(System(L, (x,), {}, (a,), (sp.Eq(x, sp.sin(x) + L**a),)))
