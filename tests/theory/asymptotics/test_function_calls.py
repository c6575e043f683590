"""Functions outside sums found in formulas: each at a positive quantity, or refused."""

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.function_calls import named_functions, without_negative_powers
from scalecheck.theory.asymptotics.scale_functions import DECLINE, ERROR, FALLING, GROWTH, REST, RISING, SHIFTED
from scalecheck.theory.asymptotics.scaled_sums import UnreadableSystem

u, n, name = sp.symbols("u n name", positive=True)


def named(expression, sign=lambda c: int(sp.sign(c)) if c.is_number else None):
    found = []

    def name_of(function):
        found.append((function.kind, function.argument))
        return sp.Symbol(f"f{len(found)}", positive=True)

    return named_functions(expression, (n, u), sign, name_of), found


f1, f2 = sp.symbols("f1 f2", positive=True)


@pytest.mark.parametrize(
    ("expression", "expected", "found"),
    [
        (n * (1 - sp.exp(-2 * u)), n * f1, [(RISING, 2 * u)]),
        (3 - 3 * sp.exp(-u) + n, 3 * f1 + n, [(RISING, u)]),
        (sp.exp(u), 1 / f1, [(FALLING, u)]),
        (sp.exp(2 - u), sp.exp(2) * f1, [(FALLING, u)]),
        (sp.erf(-u / n), -f1, [(ERROR, u / n)]),
        (sp.erfc(u + 1), f1, [(REST, u + 1)]),
        (sp.erfc(-u), 2 - f1, [(REST, u)]),
        (sp.erf(u * sp.log(n)), f1, [(ERROR, u * sp.log(n))]),
        (sp.erf(sp.S.Half) * u, sp.erf(sp.S.Half) * u, []),
        (u * sp.log(3 * u / n), u * (f1 - f2), [(GROWTH, 3 * u / n), (DECLINE, 3 * u / n)]),
        (sp.log(u + sp.log(n)), f1 - f2, [(GROWTH, u + sp.log(n)), (DECLINE, u + sp.log(n))]),
        (sp.log(3 + u), sp.log(3) + f1, [(SHIFTED, u / 3)]),
        (sp.log(2 * n**3), sp.log(2) + 3 * sp.log(n), []),
        (u * sp.log(n) + sp.log(2), u * sp.log(n) + sp.log(2), []),
    ],
)
def test_functions_are_named_at_positive_quantities(expression, expected, found):
    told, at = named(expression)
    assert sp.expand(told - expected) == 0
    assert at == found


@pytest.mark.parametrize("inside", [u - n, u - 1])
def test_what_changes_its_sign_is_not_read(inside):
    with pytest.raises(UnreadableSystem, match="sign"):
        named(sp.erf(inside))


@pytest.mark.parametrize("inside", [u - n, u - 1, 1 - u, sp.Symbol("c") + u, sp.Symbol("c") * u])
def test_a_logarithm_of_what_may_be_negative_is_not_read(inside):
    with pytest.raises(UnreadableSystem, match="positive"):
        named(sp.log(inside))


def test_a_coefficient_of_no_known_sign_is_not_read():
    with pytest.raises(UnreadableSystem, match="sign"):
        named(sp.erf(sp.Symbol("c") * u))


def test_nothing_is_divided_by_what_may_be_below_every_power():
    assert without_negative_powers(u / name**2 + name - 1, [name]) == u + name**3 - name**2
    assert without_negative_powers(u * name - 1, [name]) == u * name - 1
    power = sp.Symbol("power", real=True)
    assert without_negative_powers(u * name**power - 1, [name]) == u * name**power - 1
