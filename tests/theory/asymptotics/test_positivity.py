"""Functions that are surely positive, and those whose sign is not taken for granted."""

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.positivity import surely_positive

u, a = sp.symbols("u a", positive=True)

ERRORS = [sp.erfc(u), u * sp.erfc(a * u), sp.erf(u) / u]
POSITIVE = [*ERRORS, u / (1 + u), u**a * sp.exp(-2 * u), 1 - sp.exp(-a * u), 3 - 3 * sp.exp(-u), (u - u**2) ** 2]
OF_BOTH_SIGNS = [
    sp.erf(-u),
    1 - 2 * sp.erf(u),
    u - u**2,
    1 - 2 * sp.exp(-u),
    sp.exp(-u) - 1,
    sp.exp(-u) - 3 * sp.exp(-2 * u),
    2 - sp.exp(u),
]


@pytest.mark.parametrize("function", POSITIVE, ids=str)
def test_functions_that_are_surely_positive(function):
    assert surely_positive(function)


@pytest.mark.parametrize("function", OF_BOTH_SIGNS, ids=str)
def test_functions_whose_sign_is_not_taken_for_granted(function):
    assert not surely_positive(function)
