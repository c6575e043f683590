"""The grammar of users' formulas: what it reads, what it refuses, and that nothing in it can hang, crash or run."""

import math
import string
import time
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.evaluation import evaluate
from scalecheck.proofs_checks.conjectures.expressions import to_sympy
from scalecheck.proofs_checks.conjectures.grammar import (
    MAX_LENGTH,
    FormulaError,
    parse_formula,
    parse_relations,
)
from scalecheck.proofs_checks.errors import InputError

READ = {
    "1": "1",
    "0.1": "1/10",
    ".5e-2": "1/200",
    "1e12": "1000000000000",
    "-2**2": "(-(2**2))",
    "2**-x": "(2**(-x))",
    "2**3**2": "(2**(3**2))",
    "a - b - c": "((a - b) - c)",
    "a/b/c": "((a/b)/c)",
    "a/b*c": "((a/b)*c)",
    "- + -a": "(-(-a))",
    "beta*beta(1, 2)": "(beta*beta(1, 2))",
    "-min(source,\n 2/rate)": "(-min(source, (2/rate)))",
    "((((((((((x))))))))))": "x",
}

REFUSED = {  # formula: (line, column) of the fault
    "": (1, 1),
    "1 +": (1, 4),
    "1 +\n+ *": (2, 3),
    "a.b": (1, 2),
    "x[0]": (1, 2),
    "'a'": (1, 1),
    '"a"': (1, 1),
    "lambda: 1": (1, 7),
    "lambda x: 1": (1, 8),
    "__import__('os')": (1, 1),
    "_x": (1, 1),
    "x if y else z": (1, 3),
    "x := 2": (1, 3),
    "{1}": (1, 1),
    "f(1)": (1, 1),
    "eval(1)": (1, 1),
    "exp()": (1, 5),
    "exp(1, 2)": (1, 1),
    "min(1)": (1, 1),
    "2^3": (1, 2),
    "1 < x": (1, 3),
    "x; y": (1, 2),
    "2x": (1, 2),
    "0x10": (1, 2),
    "1_000": (1, 2),
    "9**9**9": (1, 2),
    "10**10**10": (1, 3),
    "2**(2**300)": (1, 6),
    "x**1000": (1, 2),
    "gamma(10**9)": (1, 1),
    "zeta(1)": (1, 1),
    "log(0)": (1, 1),
    "sqrt(-1)": (1, 1),
    "1/0": (1, 2),
    "x/(1 - 1)": (1, 2),
    "(-8)**(1/3)": (1, 5),
    "1e999": (1, 1),
    "1" * 31: (1, 1),
    "exp(exp(x))": (1, 1),
    "x**(2**(x**x))": (1, 6),
    "(x + y + 1)**99": (1, 12),
    "powersum(k)": (1, 1),
    "\u00b2": (1, 1),
    "ｄim": (1, 1),
    "di\u200bm": (1, 3),
    "x\x00": (1, 2),
    "x" * 41: (1, 1),
}


@pytest.mark.parametrize("text", READ)
def test_formulas_are_read_exactly(text):
    assert parse_formula(text).text() == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_refusals_point_at_the_place(text):
    with pytest.raises(FormulaError) as caught:
        parse_formula(text, "conjecture 'x': exponent")
    error = caught.value
    assert (error.line, error.column) == REFUSED[text], str(error)
    assert str(error).startswith("conjecture 'x': exponent: got ")
    assert "\n" not in str(error)
    shown, caret = error.caret.split("\n")
    assert caret.strip() == "^"
    assert len(caret) <= len(shown) + 1


def test_numbers_are_exact():
    assert parse_formula("0.1").value == Fraction(1, 10)


@pytest.mark.parametrize("value", [3, None, [], {}, True, b"x", 1.5])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(InputError, match="a formula in quotes"):
        parse_formula(value)


def test_names_must_mean_something():
    assert parse_formula("decay + x").names() == {"decay", "x"}
    with pytest.raises(FormulaError, match="no name 'x' here"):
        parse_formula("decay + x", names=("noise", "decay"))


def test_the_index_lives_in_power_sums_only():
    node = parse_formula("powersum(k**(-alpha), dim)", sums=True, names=("alpha", "dim"))
    assert node.names() == {"alpha", "dim"}
    for wrong in ("k*powersum(k)", "powersum(k, k)", "powersum(powersum(k))"):
        with pytest.raises(FormulaError):
            parse_formula(wrong, sums=True, names=("alpha",))


def test_relations_are_chains():
    assert [link.text() for link in parse_relations("1 < decay <= 3, noise = 1")] == [
        "1 < decay",
        "decay <= 3",
        "noise = 1",
    ]


@pytest.mark.parametrize("text", ["decay", "1 <", "1 << 2", "1 = = 2", "1 != 2", "1 < 2,", "1 == 2"])
def test_what_is_no_relation_is_refused(text):
    with pytest.raises(FormulaError):
        parse_relations(text)


pieces = st.sampled_from(
    [
        *[
            "1",
            "0",
            "9",
            "1e9",
            ".5",
            "x",
            "decay",
            "k",
            "(",
            ")",
            ",",
            "+",
            "-",
            "*",
            "/",
            "**",
            "<",
            "=",
            ">=",
            " ",
            "\n",
        ],
        *[
            "exp(",
            "gamma(",
            "zeta(",
            "min(",
            "powersum(",
            "log(",
            "sqrt(",
            "beta(",
            "__class__",
            ".",
            "[",
            "lambda",
            "é",
        ],
        *["9**9", "10**", "(((((", "-----"],
    ]
)


def outcome(text):
    start = time.perf_counter()
    for read in (parse_formula, parse_relations):
        for sums in (False, True):
            try:
                read(text, sums=sums)
            except InputError as error:
                assert "\n" not in str(error)  # noqa: PT017
    return time.perf_counter() - start


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=60).map("".join))
def test_token_soup_never_crashes_or_hangs(text):
    assert outcome(text) < 1


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.text(string.printable, max_size=300))
def test_any_text_never_crashes_or_hangs(text):
    assert outcome(text) < 1


@pytest.mark.parametrize(
    "text", ["(" * MAX_LENGTH, "-" * MAX_LENGTH, "9**" * 666 + "9", "x+" * 999 + "x", "2*" * 999 + "2"]
)
def test_long_formulas_never_hang(text):
    assert outcome(text) < 1


formulas = st.recursive(
    st.sampled_from(["x", "y", "1", "2", "1/3", "0.25"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(formulas, st.integers(1, 9), st.integers(1, 9))
def test_a_formula_means_what_python_says_it_means(text, x, y):
    """The tree, evaluated by hand in fractions, against the same text read by Python with fractions for names."""
    operations = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b}

    def value(node):
        if node.kind == "number":
            return node.value
        if node.kind == "name":
            return Fraction({"x": x, "y": y}[node.value])
        return operations[node.kind](*(value(arg) for arg in node.args))

    expected = eval(text, {"__builtins__": {}}, {"x": Fraction(x), "y": Fraction(y)})  # noqa: S307
    assert float(value(parse_formula(text))) == pytest.approx(float(expected))


def test_pi_is_a_number():
    node = parse_formula("15**(2/5)*pi**(2/5)*noise/7", names=["noise"])
    assert node.names() == {"noise"}
    noise = sp.Symbol("noise", positive=True)
    assert to_sympy(node, {"noise": noise}) == 15 ** sp.Rational(2, 5) * sp.pi ** sp.Rational(2, 5) * noise / 7
    assert float(evaluate(parse_formula("pi**2/4"), {}, 4.0)) == pytest.approx(math.pi**2 / 4)


def test_a_relation_is_asked_for_by_name():
    with pytest.raises(InputError, match="a relation is wanted, such as name = 3/2"):
        parse_relations("3/2", "where.decay", ["decay"])


def test_powers_of_what_never_gets_a_value_may_stand_in_an_exponential():
    """n**c of the large parameter does not explode; p**c of a parameter, and n**n, may."""
    held = frozenset({"n"})
    (link,) = parse_relations("x = powersum(exp(-k/n**c))", sums=True, held=held)
    assert link.right.size.tower == 1
    for text in ("x = powersum(exp(-k/p**c))", "x = powersum(exp(-k/n**n))", "x = exp(exp(n))", "x = exp(n**exp(c))"):
        with pytest.raises(FormulaError, match="exponentials inside"):
            parse_relations(text, sums=True, held=held)
    with pytest.raises(FormulaError, match="exponentials inside"):
        parse_relations("x = powersum(exp(-k/n**c))", sums=True)
