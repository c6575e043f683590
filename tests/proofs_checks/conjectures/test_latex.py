"""Conjectures in LaTeX: what is printed is read back, by a parser that is not ours, to the value of what was written."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from sympy.parsing.latex import parse_latex

from scalecheck.proofs_checks.conjectures import latex
from scalecheck.proofs_checks.conjectures.expressions import to_sympy
from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.grammar import parse_formula
from scalecheck.proofs_checks.conjectures.latex import formula, hypotheses, relation, statement
from scalecheck.proofs_checks.errors import InputError

NAMES = sp.symbols("x y z")
POINT = dict(zip(NAMES, (sp.Rational(7, 5), sp.Rational(13, 11), sp.Rational(17, 9)), strict=True))


def read_back(text):
    """The formula that LaTeX says, by SymPy's own grammar of LaTeX."""
    for ours, plain in ((r"\left|", "|"), (r"\right|", "|"), (r"\left", ""), (r"\right", ""), (r"\,", r"\cdot")):
        text = text.replace(ours, plain)
    return parse_latex(text, backend="lark")


def value(expression):
    return complex(expression.subs({sp.Symbol(s.name): POINT[s] for s in NAMES}).evalf(30))


def exact_of(text):
    return to_sympy(parse_formula(text), {s.name: sp.Symbol(s.name) for s in NAMES})


def written(depth):
    leaf = st.sampled_from(["x", "y", "z", "2", "3", "1/2", "0.7", "5/3"])
    if depth == 0:
        return leaf
    inner = written(depth - 1)
    pair = st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})")
    loose = st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"{t[0]}{t[1]}{t[2]}")
    power = st.tuples(inner, st.sampled_from(["2", "-1", "1/2", "x"])).map(lambda t: f"(1 + ({t[0]})**2)**({t[1]})")
    sign = inner.map(lambda t: f"-({t})")
    # Not exp and its like: the reader cannot tell what follows the brackets of these from what is in them.
    applied = st.tuples(st.sampled_from(["sqrt", "abs"]), inner).map(lambda t: f"{t[0]}(({t[1]})/9)")
    return st.one_of(leaf, pair, loose, power, sign, applied)


@given(written(2))
def test_what_is_printed_is_what_was_written(text):
    try:
        node, exact = parse_formula(text), value(exact_of(text))
    except (InputError, ArithmeticError, TypeError):  # towers of exponentials, divisions by zero
        return
    assert value(read_back(formula(node))) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x - (y - z)", r"x - \left(y - z\right)"),
        ("-(x - y)/z", r"-\frac{x - y}{z}"),
        ("x*(-y)", r"x \, \left(-y\right)"),
        ("3*4", r"3 \cdot 4"),
        ("2*(1/2)", r"2 \cdot \frac{1}{2}"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("log(x)**2", r"\left(\log\left(x\right)\right)^{2}"),
    ],
)  # fmt: skip
def test_brackets(text, said):
    assert formula(parse_formula(text)) == said
    assert value(read_back(said)) == pytest.approx(value(exact_of(text)))


def test_without_brackets_the_reader_sees_something_else(monkeypatch):
    """The check can fail: a printer that forgets brackets is caught."""
    monkeypatch.setattr(latex, "_bracketed", lambda text: text)
    text = "x - (y - z)"
    assert value(read_back(formula(parse_formula(text)))) != pytest.approx(value(exact_of(text)), rel=1e-12)


def test_what_follows_a_sum_is_not_in_it():
    text = formula(parse_formula("powersum(k**(-a))*b", sums=True))
    assert text == r"\left(\sum_{k=1}^{\infty} k^{-a}\right) \, b"
    assert formula(parse_formula("b*powersum(k**(-a), n)", sums=True)) == r"b \, \sum_{k=1}^{n} k^{-a}"
    assert formula(parse_formula("b*powersum(k**(-a))*c", sums=True)).startswith(r"\left(b \, \sum")


SYSTEM = {"id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "p > 1"}, "equations": ["x**p + x = n"]}
LAW = {"id": "c", "theory": "system:s", "observable": "x", "exponent": "1/p"}
DIAGONAL = {
    "id": "d", "theory": "diagonal", "observable": "risk", "path": {"samples": "dim**(3/2)", "weight_decay": "1/dim"},
    "where": {"decay": "1 < decay < 2"},
}  # fmt: skip


def read(*conjectures):
    return read_document({"system": [SYSTEM], "conjecture": list(conjectures)})


def test_equations_and_domains_belong_to_the_statement():
    found = read(LAW)
    told = statement(found.conjectures[0], "n", found.systems)
    assert (
        told
        == r"Where $x > 0$ solve $$x^{p} + x = n$$ $$\lim_{n \to \infty} \frac{x}{n^{\frac{1}{p}}} \in (0, \infty)$$"
    )
    assert [relation(link) for link in hypotheses(found.conjectures[0], found.systems)] == ["p > 1"]


CLAIMS = {
    "constant": ({"exponent": "-1/2", "constant": "noise"}, r"{d^{-\frac{1}{2}}} = \Delta$"),
    "log power": ({"exponent": "-1/2", "log_power": "-1"}, r"\, (\log d)^{-1}} \in (0, \infty)$"),
    "log": ({"exponent": "-1/2", "log": True}, r"\frac{\log \mathrm{risk}}{\log d} = -\frac{1}{2}$"),
    "monotone": ({"monotone": {"parameter": "decay", "direction": "decreasing"}}, r"strictly decreasing in $\gamma$"),
    "constant in": ({"monotone": {"parameter": "decay", "direction": "constant"}}, r"is constant in $\gamma$"),
    "boundary": ({"boundary": {"between": ["II", "VIa"], "jumps": True}}, "meet, and the exponent jumps there"),
    "ordering": (
        {"relation": "less", "than": {"path": {"samples": "dim", "weight_decay": "1/dim"}}},
        r"/\mathrm{risk}' = 0$, where $\mathrm{risk}'$ is that of diagonal with $n = d$",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CLAIMS)
def test_every_kind_of_claim_is_said(kind):
    claim, said = CLAIMS[kind]
    told = statement(read({**DIAGONAL, **claim}).conjectures[0], "dim")
    assert told.startswith(r"For the theory diagonal with $n = d^{\frac{3}{2}}$, $\lambda = \frac{1}{d}$, ")
    assert said in told


def test_a_minimum_says_whether_it_is_the_only_one():
    path = {"samples": "dim**a", "weight_decay": "1/dim"}
    table = {**DIAGONAL, "path": path, "where": {"a": "1 < a < 2", "decay": "1 < decay < 2"}, "exponent": "-1"}
    only = statement(read({**table, "minimum": {"over": "a", "at": "3/2"}}).conjectures[0], "dim")
    shared = statement(read({**table, "minimum": {"over": "a", "at": "3/2", "unique": False}}).conjectures[0], "dim")
    assert r"at $a = \frac{3}{2}$ is of a smaller order than at any other $a$" in only
    assert "no larger order" in shared


NAMES_APART = ["lambda_", "lamda", "lambda", "o", "omicron", "x", "x_", "x_1", "x1", "zeta", "Gamma", "gamma", "Beta", "beta", "e", "eta",
               "test_loss", "testloss", "Alpha", "alpha", "A", "a", "n", "d", "p", "t", "samples", "dim", "width", "threshold", "decay"]  # fmt: skip


@pytest.mark.parametrize("letter", [latex.own_letter, latex._of_the_papers])
def test_no_two_names_are_written_alike_nor_like_functions_and_numbers(letter):
    written = [letter(name) for name in NAMES_APART]
    assert len(set(written)) == len(written)
    assert not {r"\zeta", r"\Gamma", r"\mathrm{B}", "e", r"\exp"} & set(written)
    assert letter("kappa") == r"\kappa"


def test_the_other_equations_of_an_ordering_are_said():
    other = {**SYSTEM, "id": "t", "parameters": {"p": "p > 4"}, "equations": ["x = n**(2*p) + n"]}
    claim = {**LAW, "exponent": None, "relation": "less", "than": {"theory": "system:t"}}
    claim.pop("exponent")
    found = read_document({"system": [SYSTEM, other], "conjecture": [claim]})
    told = statement(found.conjectures[0], "n", found.systems)
    assert "$$x = n^{2 \\, p} + n$$" in told
    assert [relation(link) for link in hypotheses(found.conjectures[0], found.systems)] == ["p > 1", "p > 4"]
    same = read_document({"system": [SYSTEM], "conjecture": [{**claim, "than": {"observable": "x"}}]})
    assert "same equations" in statement(same.conjectures[0], "n", same.systems)
