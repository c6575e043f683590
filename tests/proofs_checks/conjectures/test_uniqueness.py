"""One positive solution at most: what is shown is true on a fine grid of numbers, and what is not true is not shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures import coupled, elasticities, uniqueness
from scalecheck.proofs_checks.conjectures.elasticities import Signs
from scalecheck.proofs_checks.conjectures.grammar import parse_formula, parse_relations
from scalecheck.proofs_checks.conjectures.statements import Place, UserSystem
from scalecheck.proofs_checks.conjectures.uniqueness import not_shown, not_shown_at, shown_unique

from .systems_of_users import about


def system(*equations, unknowns=("x",), parameters=None, controls=None):
    domains = [{n: tuple(parse_relations(t)) for n, t in (told or {}).items()} for told in (parameters, controls)]
    links = tuple(link for text in equations for link in parse_relations(text, sums=True))
    return UserSystem("s", "n", tuple(unknowns), *domains, links)


SHOWN = [
    "x**3 + x = n", "x**3 = x + n", "x + erf(x) = n", "x + log(x) = n", "x*exp(x) = n", "x = n*exp(-x)", "x = n - sqrt(x)",
    "x*(x - 1) = n", "n*x = 1 + x*powersum(k**(-2)/(k**(-2) + x))", "powersum(k**(-2)/(k**(-2) + x)) = sqrt(n)",
    "1 = powersum(k**(-2)*(1 - exp(-n*k**(-2)/x)))", "x = log(1 + n*x) + 1", "-log(x) = n + x",
    "x*log(x) = n", "x*log(x) + x = n + sqrt(x)", "n*x**2*log(x) = n + 3*x", "x*log(n) = n - x", "x = exp(n - x)", "erfc(x - n) = x",
    "exp(x) = n**2 + x", "exp(x) = 1 + x + x**2/n", "exp(x) = n + x/2", "3*exp(2*x) = n + 6*x", "n*exp(x) = n*x + n**3", "exp(sqrt(x))*x = n + x",
    "x*log(2 + x) = n", "log(x**2/n + x + 3/2) = x**2/n", "x = n*log(1 + sqrt(x) + x**(1/3))",
]  # fmt: skip
SEVERAL = {
    "x - log(x) = n": "exp(-n) as well",
    "x + 1/x = n": "1/n as well",
    "x = n + x*log(x)/n": "about exp(n) as well",
    "log(x) = x/n": "near 1 and beyond n for n > 3",
    "log(1/2 + x) = x/n": "near 1/2 and beyond n for large n",
    "log(2*powersum(k**(-2)) + x) = x/n": "not read as a number that is at least 1",
    "log(2 + x) = x**(1/2)*n**(1/10)": "for n near 1: the logarithm starts above, and the root may meet it three times",
    "x*log(x)**2 = 1/n": "three of them, two below 1",
    "x*log(x) = x**2/n": "as log(x) = x/n",
    "exp(x) = n + 2*x": "two for 1/2 < n < 1",
    "exp(x) = n*x": "near 1/n and beyond log(n)",
    "x = exp(x - n)": "near exp(-n) and beyond n",
    "erfc(n - x) = x/n": "near 0 and near 2*n",
    "x*powersum(k**(-2)*exp(-k*x/n**30)) = n": "about n**30 log(n) as well",
    "x = n + 13/20*x*powersum(k**(-2)/(1 + k*n**2/x))": "of the order of n**2 as well",
    "x = max(n**(-30), 2*x - n)": "n**(-30) as well",
    "min(x, n**30/x) = n": "n**29 as well",
    "(x - 1)**2 = n": "for n < 1",
    "x - x = 0": "every x",
    "x/x = 1": "every x",
    "max(x, 1) = 1": "every x < 1",
    "1/n + powersum(k**2*x**k, 2) = powersum(5/k*x**k, 2)": "1/(4n) and 8/3: the exponent is another one in each term",
    "1/n + powersum(2*k**(-4)*x**(1/k)) = powersum(k**(-2)*x**(1/k))": "of order one, and exp(-c n)",
}


@pytest.mark.parametrize("equation", SHOWN)
def test_shown(equation):
    assert shown_unique(system(equation))


@pytest.mark.parametrize("equation", SEVERAL)
def test_not_shown(equation):
    assert not_shown(system(equation)) == ("x",)


def test_systems_are_settled_one_unknown_at_a_time():
    chain = system("y = x**2", "x + y = n", unknowns="xy")
    assert shown_unique(chain)
    feedback = system("y = x + n**2", "x*powersum(k**(-2)*exp(-k*x/n**2)) + n**(5/8)*x/y = n", unknowns="xy")
    assert not_shown(feedback) == ("x", "y")
    assert not_shown(system("x + y = n", "x*y = 1", unknowns="xy")) == ("x", "y")


def test_domains_decide():
    equation = "x**(p - 1) = n"
    assert shown_unique(system(equation, parameters={"p": "p > 1"}))
    assert not shown_unique(system(equation, parameters={"p": "p > 0"}))
    assert not shown_unique(system(equation, parameters={"p": "p >= 1"}))
    weighted = "x*n = n + c*x**2 + x**2*r"
    assert not shown_unique(system("n = 2 + r*x", controls={"r": "r >= 0"})), "at r = 0 nothing holds x"
    assert shown_unique(system("n = 2 + r*x", controls={"r": "r > 0"}))
    assert not shown_unique(system(weighted, parameters={"c": "c > -1"}, controls={"r": "r > 0"}))


def test_a_sum_that_may_be_empty_is_strict_in_nothing():
    short = "x*powersum(k**(-2), t) + min(x, n) = n"
    assert not shown_unique(system(short, controls={"t": "t > 0"})), "below t = 1 every x above n"
    assert shown_unique(system("x*powersum(k**(-2), t) + x = n", controls={"t": "t > 0"}))
    assert shown_unique(system("x*powersum(k**(-2), n) + min(x, n) = n"))


def terms():
    """Formulas in x and n that are positive for x > 0, as text, and as functions of log x at a given n."""
    power = st.sampled_from([-2, -1, -0.5, 0.5, 1, 1.5, 3])
    factor = st.sampled_from([0.1, 1, 3, 40])
    plain = st.tuples(factor, power).map(lambda t: (f"({t[0]}*x**({t[1]}))", lambda x, n: t[0] * x ** t[1]))
    constant = st.sampled_from([("n", lambda x, n: n + 0 * x), ("2", lambda x, n: 2 + 0 * x)])
    base = st.one_of(plain, constant)

    def dressed(inner):
        text, value = inner
        return st.sampled_from(
            [
                (f"exp(-{text}/50)", lambda x, n: np.exp(-value(x, n) / 50)),
                (f"log(1 + {text})", lambda x, n: np.log1p(value(x, n))),
                (f"log({text} + 3/2)", lambda x, n: np.log(value(x, n) + 1.5)),
                (f"(1 - exp(-{text}))", lambda x, n: -np.expm1(-value(x, n))),
                (f"(1/(1 + {text}))", lambda x, n: 1 / (1 + value(x, n))),
                (f"sqrt({text} + 1)", lambda x, n: np.sqrt(value(x, n) + 1)),
                (f"max({text}, 3)", lambda x, n: np.maximum(value(x, n), 3)),
            ]
        )

    one = st.one_of(base, base.flatmap(dressed))
    pair = st.tuples(one, one)
    product = pair.map(lambda p: (f"{p[0][0]}*{p[1][0]}", lambda x, n: p[0][1](x, n) * p[1][1](x, n)))
    return st.lists(st.one_of(one, product), min_size=1, max_size=3)


def crossings(left, right):
    """Changes of sign of the difference of both sides on a fine grid, over forty decades and for several n."""
    x = np.exp(np.linspace(-46, 46, 20001))
    found = []
    for n in (0.3, 7.0, 1e4):
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            one, two = (sum(value(x, n) for _, value in side) for side in (left, right))
            keep = np.isfinite(one) & np.isfinite(two) & (np.abs(one - two) > 1e-9 * (one + two))
            sign = np.sign((one - two)[keep])
        found.append(int(np.count_nonzero(np.diff(sign))))
    return max(found)


@given(terms(), terms())
def test_what_is_shown_holds_on_a_grid(left, right):
    equation = " = ".join(" + ".join(text for text, _ in side) for side in (left, right))
    if shown_unique(system(equation)):
        assert crossings(left, right) <= 1, equation


@given(*[st.sampled_from([0.25, 0.5, 1, 1.5, 2, 3])] * 4)
def test_exponentials_less_their_first_terms(factor, rate, slope, more):
    """a exp(b x) = c x + d: shown or not, and if it is, once at most on a grid."""
    sides = f"{factor}*exp({rate}*x)", f"{slope}*x + {more}"
    one = [("", lambda x, n: factor * np.exp(rate * x))], [("", lambda x, n: slope * x + more)]
    if shown_unique(system(" = ".join(sides))):
        assert crossings(*one) <= 1
    if slope <= factor * rate:
        assert shown_unique(system(" = ".join(sides)))


def test_the_grid_sees_a_second_solution(monkeypatch):
    """The check can fail: a rule that shows everything is caught."""
    monkeypatch.setattr(coupled, "_regular", lambda *_: True)
    uniqueness._not_shown.cache_clear()
    assert shown_unique(system("x + 1/x = n"))
    uniqueness._not_shown.cache_clear()
    left = [("x", lambda x, n: x), ("1/x", lambda x, n: 1 / x)]
    assert crossings(left, [("n", lambda x, n: n + 0 * x)]) == 2


def test_a_flat_logarithm_would_be_seen(monkeypatch):
    """Where the sign in front of a logarithm is forgotten, x - log(x) = n passes for one solution; it has two."""
    assert not shown_unique(system("x - log(x) = n"))
    monkeypatch.setattr(elasticities, "turned", lambda term: term)
    monkeypatch.setattr(coupled, "turned", lambda term: term)
    uniqueness._not_shown.cache_clear()
    assert shown_unique(system("x - log(x) = n"))
    uniqueness._not_shown.cache_clear()
    x = np.exp(np.linspace(-20, 20, 4001))
    assert np.count_nonzero(np.diff(np.sign(x - np.log(x) - 7))) == 2


def test_signs_know_what_may_vanish():
    found = Signs(system("x = n", parameters={"p": "p > 0", "q": "q >= 0", "r": "r < 1"}, controls={"c": "c >= 0"}))
    assert found.maybe_zero == {"c"}
    p, q, r = (found.symbols[name] for name in "pqr")
    assert [found.positive(name) for name in (p, q, r)] == [True, False, False]
    assert [found.nonnegative(name) for name in (p, q, r)] == [True, True, False]


@pytest.mark.parametrize("equation", ["x*powersum(k**(-2)*exp(-k*x/n**12)) = n", "x*(1 + n*exp(-x/n**2)) = n**2"])
def test_the_judge_accepts_nothing_of_one_of_several_solutions(hearing, equation):
    found = hearing(**about([equation], "1"))
    assert found.judgement.verdict.value == "undecided"
    assert "no other" in found.judgement.reason


def test_an_author_may_vouch_and_the_verdict_says_so(hearing):
    equation = "x*powersum(k**(-2)*exp(-k*x/n**12)) = n"
    found = hearing(**about([equation], "1", one_solution=True))
    assert found.judgement.verdict.value == "proved"
    assert any(text.startswith("one positive solution") for text in found.assumptions)
    assert not any("one positive" in text for text in hearing(**about(["x**3 + x = n"], "1/3")).assumptions)


NOISY = {
    "positive": ["x", "y"], "parameters": {"a": "a > 1"}, "controls": {"noise": "noise >= 0"},
    "equations": ["n*x = noise + y", "y = powersum(min(k**(-2*a), x))"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "verdict"),
    [({"where": {"noise": "noise = 1"}}, "proved"), ({"values": {"noise": "2"}}, "proved"), ({"path": {"noise": "n**(1/9)"}}, "proved"),
     ({"where": {"noise": "noise > 0"}}, "proved"), ({"where": {"noise": "noise >= 0"}}, "undecided")],
)  # fmt: skip
def test_a_place_says_that_a_control_holds_what_it_holds(hearing, more, verdict):
    exponent = "1/(2*a) - 1" if "path" not in more else "8/9*(1/(2*a) - 1)"
    found = hearing(**about(**{**NOISY, "exponent": exponent, "observable": "y", **more}))
    assert found.judgement.verdict.value == verdict


def test_what_a_place_leaves_open_is_open():
    held = system("n = 2 + r*x", controls={"r": "r >= 0"})
    ends = system("x*powersum(k**(-2), t) + min(x, n) = n", controls={"t": "t > 0"})
    for asked, name, ways in ((held, "r", (("0", True), ("n - n", True), ("1/n", False), ("3", False))),
                              (ends, "t", (("1/n", True), ("n**(-2)", True), ("2*n", True), ("n**2", False), ("sqrt(n)", False)))):  # fmt: skip
        for path, open_ in ways:
            place = Place("system:s", "x", {name: parse_formula(path)})
            assert bool(not_shown_at(asked, place, ())) is open_, path
