"""What a derivation step must reduce to: true identities do, however they are written; neighbours of them do not."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory import identities
from scalecheck.theory.identities import DerivationError, is_zero, proved

x, y, g = sp.symbols("x y gamma", positive=True)
TRUE = {
    "expanded": (x + y) ** 2 - x**2 - 2 * x * y - y**2,
    "powers": x**g * x ** (1 - g) - x,
    "one denominator": 1 / (x - y) - (x + y) / (x**2 - y**2),
    "powers under a denominator": 1 / (x ** (1 / g) * (g + 1)) - x ** (1 - 1 / g) / (g * x + x),
    "logarithms": sp.log(2 * x) - sp.log(x) - sp.log(2),
}
NUMBERS = (
    st.fractions(-5, 5, max_denominator=7).filter(bool).map(lambda part: sp.Rational(part.numerator, part.denominator))
)


@pytest.mark.parametrize("name", TRUE)
def test_true_identities_reduce_to_zero(name):
    assert is_zero(TRUE[name])


@given(st.sampled_from(list(TRUE.values())), NUMBERS, st.sampled_from([sp.S.One, x, 1 / y, x**g, x / (x + y)]))
def test_what_is_off_by_something_does_not(identity, share, other):
    assert not is_zero(identity + share * other)
    with pytest.raises(DerivationError, match="step 'off' fails"):
        proved("off", identity, share * other, "it is not")


@given(st.sampled_from(list(TRUE.values())), NUMBERS)
def test_the_rewritings_alone_let_nothing_pass(identity, share):
    """Without the ball that comes first, each of them still stands for the expression."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identities, "surely_not_zero", lambda _: False)
        assert not is_zero(identity + share * x)


def test_over_one_denominator_before_simplify(monkeypatch):
    """The way that takes a tenth of the time is the one that decides."""
    monkeypatch.setattr(identities.sp, "simplify", lambda _: pytest.fail("simplify was asked"))
    assert is_zero(TRUE["powers under a denominator"])
