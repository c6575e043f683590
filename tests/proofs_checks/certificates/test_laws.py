"""Enclosures of constants and of laws at finite size: right values, and documents made false that are refused."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scalecheck.api import certify
from scalecheck.cli import main
from scalecheck.proofs_checks.certificates.checker import CertificateError, check_certificate
from scalecheck.proofs_checks.certificates.checker.formulas import written
from scalecheck.proofs_checks.certificates.laws import certify_constant, certify_law, law_in_controls, tree
from scalecheck.proofs_checks.certificates.quadratic import certify as certify_quadratic
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories

DECAY, X = sp.Symbol("decay", positive=True), sp.Symbol("x", positive=True)
DIAGONAL_II = 2 * DECAY / (2 * DECAY - 1)


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        (DIAGONAL_II, {"decay": "3/2"}),
        (sp.zeta(2 * DECAY), {"decay": "0.75"}),
        (X * sp.gamma(X) / 2**X, {"x": "1/3"}),
        (sp.lowergamma(X, 2 / X) * sp.exp(-X) * sp.log(3 + X), {"x": "5/7"}),
        (sp.Rational(2, 7) * (15 * sp.pi / 4) ** sp.Rational(2, 5), {}),
    ],
)
def test_constants_are_enclosed(formula: sp.Expr, values: dict[str, str]) -> None:
    document = json.loads(json.dumps(certify_constant(formula, values)))
    assert "the value of" in check_certificate(document)
    exactly = {symbol: sp.Rational(values[symbol.name]) for symbol in formula.free_symbols}
    function = sp.lambdify(list(exactly), formula, "mpmath")
    with mpmath.workdps(30):
        found = function(*(mpmath.mpf(int(v.p)) / int(v.q) for v in exactly.values()))
        low, high = (mpmath.mpf(end) for end in document["value"])
        assert low < found < high < low * (1 + mpmath.mpf(10) ** -14)


@pytest.fixture(scope="module")
def law() -> dict[str, object]:
    point = certify_quadratic(dim=1000, samples="1e16", weight_decay="1e-6", decay=1, noise=1)
    formula = sp.Symbol("noise") * sp.Symbol("dim") ** 2 / (2 * sp.Symbol("samples"))
    return certify_law(formula, point)


def test_a_law_says_how_far_the_point_is(law: dict[str, object]) -> None:
    statement = check_certificate(law)
    assert "exactly one solution" in statement
    assert "times a factor in [" in statement
    assert all(abs(float(end) - 1) < 1e-8 for end in law["ratio"])


def _changed(document: dict[str, object], path: tuple[object, ...], value: object) -> dict[str, object]:
    found = copy.deepcopy(document)
    place = found
    for key in path[:-1]:
        place = place[key]  # type: ignore[index,assignment]
    place[path[-1]] = value  # type: ignore[index]
    return found


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("value",), ["1e-10", "1.1e-10"], "value"),
        (("ratio",), ["1.00001", "1.00002"], "ratio"),
        (("formula", 1), "1/4", "value"),
        (("formula",), ["*", "1/2", "noise"], "value"),
        (("formula",), ["*", "1/2", "unknown"], "formula"),
        (("formula",), ["system", "dim"], "formula"),
        (("formula",), ["log", "0"], "formula"),
        (("formula",), ["*"], "formula"),
        (("formula",), {"*": 1}, "formula"),
        (("point", "controls", "noise"), "2", "Newton|enclosures"),
        (("point", "kind"), "law", "theory"),
        (("phase",), "VIb", "phase"),
    ],
)
def test_a_law_changed_in_one_place_is_refused(
    law: dict[str, object], path: tuple[object, ...], value: object, why: str
) -> None:
    with pytest.raises(CertificateError, match=why):
        check_certificate(_changed(law, path, value))


def test_deep_and_large_formulas_are_refused() -> None:
    document = certify_constant(DIAGONAL_II, {"decay": 1})
    deep: object = "1"
    for _ in range(60):
        deep = ["exp", deep]
    for formula in (deep, ["+", *["1"] * 5000]):
        with pytest.raises(CertificateError, match="too large"):
            check_certificate({**document, "formula": formula})


@pytest.mark.parametrize(
    "parameters", [{"decay": "1", "it holds for all": "2"}, {"pi": "3"}, {"decay": 1.0}, ["decay"], {}]
)
def test_parameters_are_names_with_numbers(parameters: object) -> None:
    document = certify_constant(DIAGONAL_II, {"decay": 1})
    with pytest.raises(CertificateError):
        check_certificate({**document, "parameters": parameters})


@pytest.mark.parametrize("name", ["diagonal", "quadratic"])
def test_every_law_of_the_networks_can_be_written_in_controls(name: str) -> None:
    record = theories()[name]
    controls = {control.name for control in record.controls}
    for row in record.phases().phases:
        formula = law_in_controls(row, record.scaling)
        assert {symbol.name for symbol in formula.free_symbols} <= controls
        # along a path dim^a, dim^b it is constant * dim^exponent (log dim)^log again
        size, at = sp.Integer(10) ** 6, {"a": sp.Rational(3, 2), "b": sp.Rational(-1, 3)}
        shift = 1 if name == "quadratic" else 0
        values = {
            "dim": size,
            "samples": size ** (at["a"] + shift),
            "weight_decay": size ** at["b"],
            "decay": 2,
            "noise": 3,
        }
        there = {symbol: values[symbol.name] for symbol in formula.free_symbols}
        expected = row.constant * sp.Symbol("L") ** row.exponent * sp.log(sp.Symbol("L")) ** row.log
        known = {**at, "decay": 2, "noise": 3, "L": size}
        expected = expected.subs({symbol: known[symbol.name] for symbol in expected.free_symbols})
        assert abs(sp.N(formula.subs(there) / expected) - 1) < 1e-12
        assert tree(formula)


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "quadratic", "--law", "V", "--noise", "1"]) == 0
    assert "the value of" in capsys.readouterr().out
    point = ["--dim", "1e12", "--samples", "1e24", "--weight-decay", "1e-3", "--decay", "0.75", "--noise", "1"]
    assert main(["certify", "diagonal", "--law", "VIb", *point, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert all(abs(Fraction(end) - 1) < Fraction(1, 100) for end in document["ratio"])
    assert main(["certify", "diagonal", "--law", "VII", *point]) == 2
    assert "law" in capsys.readouterr().err
    assert main(["certify", "quadratic", "--law", "V"]) == 2
    assert "noise" in capsys.readouterr().err


def test_shells_too() -> None:
    found = certify("shells", law="lazy", source=1, power=2, rate=1, time=100, direction="none")
    assert "the loss is that times a factor in" in found.statement
    with pytest.raises(InputError, match="law"):
        certify("shells", law="no such", source=1)


LEAVES = st.sampled_from(["2", "-3", "1/2", "-2/3", "-1", "decay", "noise", "pi"])
TREES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.tuples(st.sampled_from(["+", "*"]), st.lists(parts, min_size=2, max_size=4)).map(lambda t: [t[0], *t[1]]),
        st.tuples(parts, st.sampled_from(["2", "-1", "1/2", ["+", "1", "decay"]])).map(lambda t: ["^", *t]),
        LEAVES.map(lambda leaf: ["gamma", leaf]),  # of gamma(gamma(9)) a computer algebra system writes out every digit
    ),
    max_leaves=8,
)


def as_expression(tree: Any) -> Any:
    """The tree by SymPy's own constructors, unevaluated powers of zero aside."""
    if isinstance(tree, str):
        return sp.Rational(tree) if tree[-1].isdigit() else {"pi": sp.pi}.get(tree) or sp.Symbol(tree)
    parts = [as_expression(part) for part in tree[1:]]
    return {"+": sp.Add, "*": sp.Mul, "^": sp.Pow, "gamma": sp.gamma}[tree[0]](*parts)


@settings(max_examples=60, deadline=None)
@given(TREES)
@example(["*", "2", ["+", "-1", ["*", "2", "decay"]], ["*", "-1", "noise"]])
@example(["^", ["^", "2", "decay"], "1/2"])
@example(["+", "1", ["+", "-1", "decay"]])
def test_a_formula_is_written_as_it_is_evaluated(tree: Any) -> None:
    """A power is `**`, as everywhere else in the program, and brackets stand where leaving them out would say another thing."""
    text = written(tree)
    assert "^" not in text
    place = {"decay": sp.Float("1.37", 40), "noise": sp.Float("0.61", 40)}
    whole, read = (sp.N(item.subs(place), 30) for item in (as_expression(tree), sp.sympify(text)))
    assert not whole.is_finite or abs(whole - read) <= 1e-20 * (1 + abs(whole))


def test_formulas_are_written_shortly() -> None:
    formula = ["*", "1/7", "noise", ["^", "2", "1/5"], ["^", ["+", "-1", ["*", "2", "decay"]], "-1"]]
    assert written(formula) == "1/7*noise*2**(1/5)*(-1 + 2*decay)**(-1)"
    assert written(["+", "a", ["*", "-1", "b"]]) == "a - b"
