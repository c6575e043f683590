"""Constants that are 0/0 by their parts and have a value as a whole: decided by the limit, never refused for want of a value."""

import pytest
import sympy as sp

from scalecheck.proofs_checks.conjectures.removable import value_at

from .systems_of_users import about, kernel_ridge

a, b = sp.symbols("a b", positive=True)

LIMITS = [
    (sp.gamma(a - 1) * (2 ** (1 - a) - 2), {a: sp.S.Zero}, 2 * sp.log(2)),
    ((2 - a) / sp.sin(sp.pi * a / 2), {a: sp.Integer(2)}, 2 / sp.pi),
    (sp.pi * (b - a) / (b * sp.sin(sp.pi * a / b)), {a: b}, sp.S.One),
    ((a - 1) * (b - 2) / (sp.sin(sp.pi * a) * (b**2 - 4)), {a: sp.S.One, b: sp.Integer(2)}, -1 / (4 * sp.pi)),
]
NONE = [
    (sp.sin(a) / a**2, {a: sp.S.Zero}),
    ((a - b) / (a + b - 2), {a: sp.S.One, b: sp.S.One}),  # depends on the way there
    (sp.Abs(a - 1) / (a - 1), {a: sp.S.One}),  # and on the side
    ((a - 1) ** 2 / ((a - 1) ** 2 + (b - 1) ** 2), {a: sp.S.One, b: sp.S.One}),
    (sp.gamma(a - 1), {a: sp.S.Zero}),
]


@pytest.mark.parametrize(("formula", "values", "limit"), LIMITS)
def test_a_removable_singularity_has_its_limit(formula, values, limit):
    assert sp.simplify(value_at(formula, values) - limit) == 0


@pytest.mark.parametrize(("formula", "values"), NONE)
def test_what_depends_on_the_way_has_no_value(formula, values):
    assert value_at(formula, values) in (sp.nan, sp.zoo, sp.oo)


EMBEDDED = {"equations": ["x = powersum(k**(-a)*(1 - exp(-n*k**(-1)))**2)"], "parameters": {"a": "a > -1"}}
EMBEDDING = "gamma(a - 1)*(2**(1 - a) - 2)"
KERNEL = {
    "equations": kernel_ridge(),
    "positive": ["kappa", "risk"],
    "parameters": {"alpha": "alpha > 1", "beta": "0 < beta < 2*alpha"},
    "controls": {"ridge": "ridge > 0"},
    "observable": "risk",
    "path": {"ridge": "0"},
}
RIDGELESS = "(pi/alpha/sin(pi/alpha))**beta*pi*(alpha - beta)/(alpha*sin(pi*beta/alpha))"


def embedded(exponent, constant=None, where="-1/2 < a < 1/2", **more):
    return about(exponent=exponent, constant=constant, where={"a": where}, **EMBEDDED, **more)


def kernel(exponent, constant, **where):
    return about(exponent=exponent, constant=constant, where=where or None, **KERNEL)


TRUE = {
    "across a pole of the gamma function": embedded("1 - a", EMBEDDING),
    "as far as the law": embedded("1 - a", EMBEDDING, "-1 < a < 1"),
    "at the pole": embedded("1 - a", EMBEDDING, "a = 0"),
    "at the pole by its limit": embedded("1 - a", "2*log(2)", "a = 0"),
    "without a constant": embedded("1 - a"),
    "on the line of 0/0": kernel("-alpha", "(pi/alpha/sin(pi/alpha))**alpha", beta="beta = alpha", alpha="alpha > 1"),
    "at a point of it": kernel(
        "-2", "(pi/2)**(beta + 1)*(2 - beta)/sin(pi*beta/2)", alpha="alpha = 2", beta="beta = 2"),
    "across the point": kernel(
        "-beta", "(pi/2)**(beta + 1)*(2 - beta)/sin(pi*beta/2)", alpha="alpha = 2", beta="1 < beta < 3"),
}  # fmt: skip
FALSE = {
    "false where it has a value": embedded("1 - a", "gamma(a - 1)*(2**(1 - a) - 3)"),
    "false where it has a value, a pole beside": embedded("1 - a", EMBEDDING, "-1/2 < a < 2"),
    "an exponent beside": embedded("1 - a + 1/20", EMBEDDING),
    "a constant beside": embedded("1 - a", f"1.02*{EMBEDDING}"),
    "a constant beside, right at the pole": embedded("1 - a", f"{EMBEDDING} + a"),
    "a logarithm": embedded("1 - a", EMBEDDING, log_power="1"),
    "at the pole, two per cent": embedded("1 - a", "2.04*log(2)", "a = 0"),
    "at the pole, an exponent beside": embedded("1 - a + 1/20", "2*log(2)", "a = 0"),
    "on the line, two per cent": kernel("-alpha", "1.02*(pi/alpha/sin(pi/alpha))**alpha", beta="beta = alpha", alpha="alpha > 1"),
    "on the line, an exponent beside": kernel(
        "-alpha + 1/20", "(pi/alpha/sin(pi/alpha))**alpha", beta="beta = alpha", alpha="alpha > 1"),
    "at a point of it, two per cent": kernel(
        "-2", "1.02*(pi/2)**(beta + 1)*(2 - beta)/sin(pi*beta/2)", alpha="alpha = 2", beta="beta = 2"),
}  # fmt: skip
OPEN = {
    "no value at the point": embedded("1 - a", "gamma(a - 1)", "a = 0"),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_across_a_removable_singularity(hearing, name):
    found = hearing(**TRUE[name]).judgement
    assert found.verdict.value == "proved", found.reason
    assert not found.conflict


@pytest.mark.parametrize("name", FALSE)
def test_false_neighbours_across_a_removable_singularity(verdict, name):
    assert verdict(**FALSE[name]) == "refuted"


@pytest.mark.parametrize("name", OPEN)
def test_a_formula_without_a_value_is_neither_accepted_nor_refused(hearing, name):
    found = hearing(**OPEN[name]).judgement
    assert found.verdict.value == "undecided", found.reason
    assert "value" in found.reason
    assert "Error" not in found.reason


JUMPS = {
    "an absolute value": "(1 + abs(a-1)/(a-1))/2", "a root of a square": "(1 + sqrt((a-1)**2)/(a-1))/2",
    "a maximum": "max(0, a-1)/(a-1)", "turned round": "-max(0, a-1)/(1-a)", "a minimum": "(a-1-min(0, a-1))/(a-1)",
}  # fmt: skip


@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("second", ["(c - 7/5)", "1/10**8", "(c - 12/5)"])
def test_a_jump_is_no_limit_however_small_or_hidden(verdict, name, second):
    """c = 7/5 is where the sides were compared, 1e-8 was below what was told; at a = 1 the constant is another."""
    claim = about(
        [f"x = n + {second}*n**a"] if "c" in second else [f"x = n + n**a*{second}"], "1",
        constant=f"1 + {second}*{JUMPS[name]}", parameters={"a": "0 < a <= 1", "c": "c > 12/5"}, where={"a": "0 < a <= 1"},
    )  # fmt: skip
    assert verdict(**claim) != "proved"


def test_a_quotient_on_a_curve_is_cancelled(verdict):
    equations = ["x**a*y = n", "x*y**b = n"]
    claim = about(
        equations,
        "1/(1+a)",
        positive=["x", "y"],
        parameters={"a": "a > 0", "b": "b > 0"},
        where={"a": "a > 1", "b": "b = a"},
        one_solution=True,
    )
    assert verdict(**claim) == "proved"
    assert verdict(**{**claim, "exponent": "1/(1+2*a)"}) == "refuted"
