"""Power sums with a second scale inside, in every corner, and negative controls for their confirmer."""

from dataclasses import replace

import pytest
import sympy as sp

from scalecheck.theory.asymptotics import confirm, two_scales
from scalecheck.theory.asymptotics.confirm import ExpansionMismatch, confirm_ends
from scalecheck.theory.asymptotics.mellin import mellin_transform
from scalecheck.theory.asymptotics.power_sums import Position, PowerSum
from scalecheck.theory.asymptotics.two_scales import Corner, _confirmed, expand_ratio, gaussian_leading
from scalecheck.theory.networks.diagonal.soft_threshold import (
    exceedance,
    first_moment,
    risk,
    scaled,
    second_moment,
    signal_ratio,
)
from scalecheck.theory.symbols import decay, threshold_ratio

FUNCTIONS = {
    "risk": scaled(risk(), 2),
    "exceedance": scaled(exceedance()),
    "first moment": scaled(first_moment(), 1),
    "second moment": scaled(second_moment(), 2),
}


@pytest.mark.parametrize("position", list(Position))
@pytest.mark.parametrize("corner", list(Corner))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_corner_is_confirmed(name, corner, position):
    found = expand_ratio(PowerSum(FUNCTIONS[name], signal_ratio), threshold_ratio, corner, position)
    assert [row["count"] for row in found.confirmed["rows"]] == [512, 8192]


@pytest.mark.parametrize("gamma", [sp.Rational(3, 5), sp.Rational(4, 5), sp.Integer(1), sp.Rational(5, 2)])
@pytest.mark.parametrize("corner", list(Corner))
@pytest.mark.parametrize("name", ["risk", "exceedance"])
def test_other_decays_are_confirmed_too(name, corner, gamma):
    for position in Position:
        problem = PowerSum(FUNCTIONS[name], signal_ratio, gamma)
        assert expand_ratio(problem, threshold_ratio, corner, position).confirmed["rows"]


def window(name: str, corner: Corner) -> list[sp.Expr]:
    found = expand_ratio(PowerSum(FUNCTIONS[name], signal_ratio), threshold_ratio, corner, Position.INSIDE)
    return [t.coefficient for t in found.terms if t.origin == "window"]


def test_window_of_the_risk_by_hand():
    """-2/(s(s+2)) E(1 - εz)^{s+2} at s = -1/γ over γ: 2γ/(2γ-1), then (γ-1)/γ times ε²."""
    first, second = window("risk", Corner.LARGE)
    assert sp.simplify(first - 2 * decay / (2 * decay - 1)) == 0
    assert sp.simplify(second - (decay - 1) / decay) == 0


@pytest.mark.parametrize("factor", [sp.Rational(51, 50), sp.Rational(49, 50)])
@pytest.mark.parametrize("place", [0, 1])
def test_wrong_window_is_refused(factor, place):
    problem = PowerSum(FUNCTIONS["risk"], signal_ratio)
    right = expand_ratio(problem, threshold_ratio, Corner.LARGE, Position.INSIDE)
    windows = [t for t in right.terms if t.origin == "window"]
    wrong = [replace(t, coefficient=t.coefficient * factor) if t == windows[0] else t for t in right.terms]
    if place:
        wrong = [t for t in right.terms if t != windows[0]]
    with pytest.raises(ExpansionMismatch):
        _confirmed(replace(right, terms=tuple(wrong)))


def test_gaussian_tails_resolve_what_cancels():
    """E soft(z; α)² ~ 4φ(α)/α³: the first two orders cancel."""
    value = FUNCTIONS["risk"].subs(signal_ratio, 0)
    found = gaussian_leading(sp.expand(value), threshold_ratio)
    assert sp.simplify(found - 4 / sp.sqrt(2 * sp.pi) / threshold_ratio**3) == 0
    with pytest.raises(ArithmeticError, match="cancels"):
        gaussian_leading(sp.S.Zero * threshold_ratio, threshold_ratio)


@pytest.mark.parametrize("position", list(Position))
@pytest.mark.parametrize("corner", list(Corner))
@pytest.mark.parametrize("name", ["risk", "exceedance"])
def test_balls_and_digits_give_the_same_numbers(name, corner, position, monkeypatch):
    """The two ways to evaluate a comparison: enclosures, and mpmath at 25 and 40 digits."""
    problem = PowerSum(FUNCTIONS[name], signal_ratio)
    by_balls = _confirmed(expand_ratio(problem, threshold_ratio, corner, position)).confirmed["rows"]
    monkeypatch.setattr(confirm, "settle", lambda compute: None)
    two_scales._with_checked_ends.cache_clear()
    by_digits = _confirmed(expand_ratio(problem, threshold_ratio, corner, position)).confirmed["rows"]
    for ball, digits in zip(by_balls, by_digits, strict=True):
        assert ball["approximate"] == pytest.approx(digits["approximate"], rel=1e-12)
        assert ball["omitted"] == pytest.approx(digits["omitted"], rel=1e-12, abs=1e-20 * digits["size"])


@pytest.mark.parametrize("end", ["small", "large"])
def test_wrong_ends_are_refused_at_a_fixed_ratio(end):
    right = mellin_transform(FUNCTIONS["risk"], signal_ratio, 4)
    values = {threshold_ratio: sp.Rational(1, 8)}
    confirm_ends(right, values)
    first, *others = getattr(right, end)
    for wrong in ([replace(first, coefficient=first.coefficient * sp.Rational(51, 50)), *others], others):
        with pytest.raises(ExpansionMismatch):
            confirm_ends(replace(right, **{end: tuple(wrong)}), values)
