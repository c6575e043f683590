"""Sums found in users' equations, and the crossover of kernel ridge regression derived from them once more."""

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.phase_diagram import phase_diagrams
from scalecheck.theory.asymptotics.scaled_sums import Sum, UnreadableSystem
from scalecheck.theory.asymptotics.scales import OrderOne
from scalecheck.theory.asymptotics.user_systems import read_equations
from scalecheck.theory.networks.ridge import crossover
from scalecheck.theory.networks.ridge.letters import c, capacity, source
from scalecheck.theory.symbols import b

k, n, x, y, ridge, noise, alpha, beta = sp.symbols("k n x y ridge noise alpha beta", positive=True)
at_ridge, at_noise = sp.symbols("at_ridge at_noise", real=True)


def test_equations_of_one_sign_say_so():
    with pytest.raises(UnreadableSystem, match="one sign"):
        read_equations([sp.Eq(x + n, 0, evaluate=False)], n, [x], {}, {}, k, {})


@pytest.fixture(scope="module")
def kernel_ridge():
    share = k**-alpha / (k**-alpha + x)
    df2 = Sum(k ** (-2 * alpha) / (k**-alpha + x) ** 2)
    bias = Sum(k ** (-1 - beta) * x**2 / (k**-alpha + x) ** 2)
    equations = [sp.Eq(n * x, ridge + x * Sum(share)), sp.Eq(y * (1 - df2 / n), bias + noise * df2 / n)]
    parameters = {alpha: (alpha > 1,), beta: (beta < 2 * alpha,)}
    sample = {alpha: sp.Rational(7, 5), beta: sp.Rational(14, 25)}
    read = read_equations(equations, n, [x, y], {ridge: at_ridge, noise: at_noise}, parameters, k, sample)
    (chamber,) = phase_diagrams(read.system, y, lambda balance: "", boundary_laws=False)
    return read, chamber


def test_the_crossover_is_that_of_the_theory(kernel_ridge):
    """beta = 2 alpha source, noise = n^(-c): exponents, logarithms and constants, phase by phase, for source < 1."""
    read, chamber = kernel_ridge
    names = {at_ridge: b, at_noise: -c, alpha: capacity, beta: 2 * capacity * source}
    assert chamber.outcome.tiles
    found = [(p.exponent.subs(names), p.log, read.restored(p.constant).subs(names)) for p in chamber.outcome.phases]
    known = [(p.exponent, p.log, p.constant) for p in crossover.phases() if sp.Lt(source, 1) in p.region]
    assert len(found) == len(known) == 6
    place = {capacity: sp.Rational(9, 5), source: sp.Rational(2, 7), b: sp.Rational(3, 11), c: sp.Rational(5, 13)}

    def told(items):
        return sorted([round(float(sp.N(sp.sympify(v).subs(place))), 10) for v in item] for item in items)

    assert told(found) == told(known)


def at_its_end(summand, *, unknown=x, equations=(), parameters=None, controls=None):
    """The corner of a sum up to n whose scale stands at the end, and why there is none."""
    item = sp.Eq(unknown, Sum(summand, n), evaluate=False)
    sample = dict.fromkeys(parameters or {}, sp.Rational(7, 5))
    moving = controls or {ridge: at_ridge}
    unknowns = [unknown, *(e.lhs for e in equations)]
    read = read_equations([item, *equations], n, unknowns, moving, parameters or {}, k, sample)
    corners = [corner for function in read.system.functions for corner in function.corners if corner.name == "END"]
    return corners, read.open_ends


def test_a_scale_at_the_end_of_a_sum_has_a_corner():
    (corner,), told = at_its_end(k**-alpha / (k**-alpha + ridge), parameters={alpha: (alpha > 1,)})
    assert not told
    (value,) = corner.values.values()
    assert value.has(OrderOne)
    assert corner.truncated


def test_where_the_first_atoms_lead_they_lead_at_the_end_too():
    ((corner,), _) = at_its_end(k**-5 / (k ** sp.Rational(-3, 2) + ridge))
    assert not any(value.has(OrderOne) for value in corner.values.values())


@pytest.mark.parametrize(
    ("summand", "why"),
    [
        (k**-2 / (k**-1 + ridge), "a logarithm stands"),
        (sp.Min(k**-2, ridge), "no rule for an integral"),
        (2 * sp.exp(-k * ridge) - 3 * sp.exp(-2 * k * ridge), "the sign of"),
    ],
)
def test_a_scale_at_the_end_without_a_law_says_why(summand, why):
    controls = {ridge: at_ridge}
    if why == "a logarithm stands":  # the control is then a power of n, as on the wall
        at_wall = sp.Eq(y, 1 / n, evaluate=False)
        corners, told = at_its_end(summand.subs(ridge, y), equations=[at_wall], controls=controls)
    else:
        corners, told = at_its_end(summand, controls=controls)
    assert not corners
    assert why in told[0]


def test_a_scale_that_the_equations_determine_has_no_corner_at_the_end():
    item = [sp.Eq(y, x + ridge, evaluate=False)]
    corners, told = at_its_end(k**-2 / (k**-2 + y), equations=item)
    assert not corners
    assert "y is not known before the equations are solved" in told[0]


def test_what_is_declared_positive_is_so():
    """With a scale that is n itself no atom is above it; the corner where some are gave a coefficient the wrong sign."""
    item = sp.Eq(x, Sum(k**-2 * sp.log(1 + 1 / (k * n))), evaluate=False)
    read = read_equations([item], n, [x], {}, {}, k, {})
    assert [corner.name for function in read.system.functions for corner in function.corners] == ["ABOVE"]
    assert all(value.is_positive for value, _ in read.meaning.values())


@pytest.mark.parametrize(
    ("side", "told"),
    [
        (sp.exp(-(sp.log(1 + n) ** 2)), "exp(-log(n + 1)**2) is a function of a function, which is not read"),
        (sp.erfc(sp.sqrt(sp.log(x))), "erfc(sqrt(log(x))) is a function of a function, which is not read"),
    ],
)
def test_a_function_of_a_function_is_told_in_the_letters_of_its_author(side, told):
    with pytest.raises(UnreadableSystem) as raised:
        read_equations([sp.Eq(y, side + 1 / n), sp.Eq(x, n + 1)], n, [x, y], {}, {}, k, {})
    assert str(raised.value) == told
