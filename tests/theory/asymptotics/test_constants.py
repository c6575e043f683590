"""Signs and existence of leading constants that have no closed form, against numbers."""

import pytest
import sympy as sp
from flint import fmpq

from scalecheck.theory.asymptotics.cells import sign_of
from scalecheck.theory.asymptotics.chambers import Arena
from scalecheck.theory.asymptotics.constants import ConstantSystem, Outcome
from scalecheck.theory.asymptotics.exact import Field
from scalecheck.theory.asymptotics.scales import constant_of, order_one

c, alpha, x, y = sp.symbols("c alpha x y", positive=True)
ABOVE_ONE = Arena(Field((alpha,)), (fmpq(7, 5),))
SIGNS = {
    1 - c / (c + sp.sqrt(c**2 + 4)): 1,
    1 - alpha / (alpha - 1) - c**-alpha: -1,
    c**alpha * (1 - 1 / alpha) + alpha - 1: 1,
    -alpha * c**alpha / (alpha - 1) + c**alpha - 1: -1,
}
OPEN = [1 - c, c**alpha - alpha, 1 - c / sp.sqrt(c**2 + 4) - c]


@pytest.mark.parametrize("expression", SIGNS, ids=str)
def test_signs_of_sums_that_share_one(expression):
    assert sign_of(expression, ABOVE_ONE) == SIGNS[expression]
    for size in (sp.Rational(1, 9), 1, 20):
        assert sp.sign(expression.subs({c: size, alpha: sp.Rational(7, 5)}).n()) == SIGNS[expression]


@pytest.mark.parametrize("expression", OPEN, ids=str)
def test_signs_that_depend_on_more_are_open(expression):
    with pytest.raises(ValueError, match="unknown"):
        sign_of(expression, ABOVE_ONE)


def system(*sums):
    """Σ coefficient x^power y^power = 0 for every sum."""
    ground = ABOVE_ONE.field
    return ConstantSystem(
        ABOVE_ONE,
        [[(sp.sympify(k), {u: ground(p) for u, p in ((x, p), (y, q)) if p != 0}) for k, p, q in s] for s in sums],
    )


ROOT = ((1, 0, 0), (-1, -1, 0), (-c, -1 / alpha, 0))
"""1 = 1/x + c x^(-1/alpha): one root, and c x^(-1/alpha) < 1 at it."""


@pytest.mark.parametrize(
    ("share", "right", "outcome", "exists"),
    [
        (1 - 1 / alpha, -1, Outcome.UNSOLVED, True),
        (1 - 1 / alpha, 1, Outcome.UNSOLVED, False),
        (sp.S.One, -1, Outcome.UNSOLVED, True),
        (1 + alpha, -1, Outcome.UNSOLVED, False),
    ],
    ids=str,
)
def test_an_unknown_beside_a_root(share, right, outcome, exists):
    """y (1 - share c x^(-1/alpha)) = 1: positive for share <= 1, whatever c; of the other sign there is none."""
    (found,) = system(ROOT, ((1, 0, 1), (-share * c, -1 / alpha, 1), (right, 0, 0))).solve()
    assert (found.outcome, found.existence) == (outcome, exists)


def test_a_sum_that_is_not_zero_at_the_root_is_inconsistent():
    (found,) = system(ROOT, ((1, 0, 1), (-c / 2, -1 / alpha, 1))).solve()
    assert found.outcome is Outcome.INCONSISTENT


def test_a_constant_inside_a_function_of_itself_is_not_known():
    """x y = 3 and x = erf(y) at order one: y is no closed form, since 3/erf(y) holds it."""
    inside = order_one(sp.erf(constant_of(y)), y, below=1)
    (found,) = system(((1, 1, 1), (-3, 0, 0)), ((1, 1, 0), (-inside, 0, 0))).solve()
    assert (found.outcome, found.existence) == (Outcome.UNSOLVED, True)  # y erf(y) = 3 has a root
    assert not found.closed_forms()


def test_a_parameter_is_nothing_to_be_solved_for():
    """y + 1 - exp(-y) = 2 has a root, and leaves no positive x with x + 1 - exp(-y) = c where c is small."""
    inside = order_one(1 - sp.exp(-constant_of(y)), below=1)
    with_y = ((1, 0, 1), (inside, 0, 0), (-2, 0, 0))
    (found,) = system(with_y, ((1, 1, 0), (inside, 0, 0), (-c, 0, 0))).solve()
    assert not found.existence
    (found,) = system(with_y, ((1, 1, 0), (-1, 0, 1))).solve()
    assert found.existence


@pytest.mark.parametrize(("share", "exists"), [(sp.S.Half, False), (sp.S.One, True), (c, False)])
def test_without_a_closed_form_a_root_is_shown_by_signs(share, exists):
    """x = y and x = share erf(y): erf(y)/y falls from 1.128 to 0; with a parameter nothing is shown."""
    inside = order_one(sp.erf(constant_of(y)), y, below=1)
    (found,) = system(((1, 1, 0), (-1, 0, 1)), ((1, 1, 0), (-share * inside, 0, 0))).solve()
    assert (found.outcome, found.existence) == (Outcome.UNSOLVED, exists)
