"""N4: Biane's curve, moments and solvable cases against partitions enumerated, integrals and random matrices."""

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic import free_convolution as free
from scalecheck.theory.networks.quadratic import free_cumulants as cumulants
from scalecheck.theory.networks.quadratic.letters import spike, spread


def partitions(n):
    """All set partitions of range(n), as lists of blocks."""
    if n == 0:
        yield []
        return
    for rest in partitions(n - 1):
        yield [*rest, [n - 1]]
        for i in range(len(rest)):
            yield [*rest[:i], [*rest[i], n - 1], *rest[i + 1 :]]


def crossing(blocks):
    for p, q in itertools.permutations(blocks, 2):
        for a, c in itertools.combinations(p, 2):
            if any(a < b < c for b in q) and any(b < a or b > c for b in q):
                return True
    return False


NON_CROSSING = {n: [b for b in partitions(n) if not crossing(b)] for n in range(1, 8)}


def test_non_crossing_partitions_are_counted_by_catalan():
    assert [len(NON_CROSSING[n]) for n in range(1, 8)] == [1, 2, 5, 14, 42, 132, 429]


@given(values=st.lists(st.fractions(-2, 2, max_denominator=5), min_size=7, max_size=7))
def test_moments_are_sums_over_non_crossing_partitions(values):
    kappa = [sp.Rational(v) for v in values]
    found = cumulants.from_cumulants(kappa)
    for n in range(1, 8):
        assert found[n - 1] == sum(math.prod(kappa[len(b) - 1] for b in blocks) for blocks in NON_CROSSING[n])
    assert cumulants.free_cumulants(found) == tuple(kappa)


def test_moments_solve_the_subordination_equation():
    assert len(cumulants.moment_derivation(8).steps) == 9
    centred = cumulants.moments(4)[3].subs({cumulants.teacher_moment(k): 0 for k in range(1, 5)})
    assert centred == 2 * spread**4  # free; the classical convolution would have 3
    with pytest.raises(DerivationError):
        proved("classical", cumulants.moments(4)[3], cumulants.teacher_moment(4) + 6 * cumulants.teacher_moment(2) * spread**2
               + 3 * spread**4, "twin")  # fmt: skip


def curve(atoms, sigma, u):
    """Height and position at u by bisection on Biane's condition, in floats; nothing of the module used."""
    weights = np.full(len(atoms), 1 / len(atoms))
    atoms = np.asarray(atoms)
    low, high = 0.0, 2 * sigma
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (weights / ((u - atoms) ** 2 + middle**2)).sum() > 1 / sigma**2 else (low, middle)
    v = (low + high) / 2
    return v, u + sigma**2 * (weights * (u - atoms) / ((u - atoms) ** 2 + v**2)).sum()


@given(s=st.floats(0.1, 3), sigma=st.floats(0.2, 2), share=st.floats(0.05, 0.95))
def test_two_atoms_against_bisection(s, sigma, share):
    u = share * (s + sigma)
    inside = ((u - s) ** -2 + (u + s) ** -2) / 2 > 1.01 / sigma**2 if abs(u - s) > 1e-9 else True
    if not inside:
        return
    v, x = curve([s, -s], sigma, u)
    numbers = {spike: s, spread: sigma, free.position: u}
    assert float(free.two_atoms().height.subs(numbers)) == pytest.approx(v, rel=1e-6)
    assert float(free.two_atoms().location.subs(numbers)) == pytest.approx(x, rel=1e-6)


@pytest.mark.parametrize(("s", "sigma"), [(0.5, 1.0), (2.0, 1.0)])
def test_mass_and_moments_by_integration(s, sigma):
    """Moments 0, 2, 4 of two atoms by quadrature along the curve; the support splits for s > σ."""
    numbers = {spike: s, spread: sigma}
    case = free.two_atoms()
    v = sp.lambdify(free.position, (case.height**2).subs(numbers), "mpmath")
    x = sp.lambdify(free.position, case.location.subs(numbers), "mpmath")
    slope = sp.lambdify(free.position, sp.diff(case.location, free.position).subs(numbers), "mpmath")
    context = mpmath.mp.clone()
    context.dps = 20
    start = 1e-30 if s <= sigma else context.findroot(v, (s / 3, s * 0.9), solver="anderson")
    end = context.findroot(v, (s + sigma * 0.5, s + sigma * 1.5), solver="anderson")

    def moment(order):
        integrand = lambda u: x(u) ** order * context.sqrt(max(v(u), 0)) / (context.pi * sigma**2) * slope(u)  # noqa: E731
        return 2 * context.quad(integrand, [start, (start + end) / 2, end])

    for order, symbolic in ((0, sp.S.One), (2, cumulants.moments(2)[1]), (4, cumulants.moments(4)[3])):
        teacher = {cumulants.teacher_moment(k): 0 if k % 2 else s**k for k in range(1, 5)}
        assert float(moment(order)) == pytest.approx(float(symbolic.subs(teacher).subs(spread, sigma)), rel=1e-8)


def test_support_splits_exactly_at_the_spread():
    gap = (free.two_atoms().height ** 2).subs(free.position, 0)
    assert sp.simplify(gap.subs(spike, spread)) == 0
    assert sp.simplify(gap.subs(spike, 2 * spread)).is_negative


def test_a_radius_off_by_root_two_is_refused():
    wrong = sp.sqrt(2) * spread
    angle, radius = sp.Symbol("angle", real=True), sp.Symbol("radius", positive=True)
    x, height = radius * sp.sin(angle), radius * sp.cos(angle)  # √(r² - x²), which SymPy integrates for seconds
    half = sp.integrate(x**2 * height * sp.diff(x, angle), (angle, 0, sp.pi / 2)) * 4 / (sp.pi * radius**2)
    assert sp.simplify(half.subs(radius, 2 * spread) - spread**2) == 0
    with pytest.raises(DerivationError):
        proved("edge at √2 σ", half.subs(radius, wrong), spread**2, "twin")
    with pytest.raises(DerivationError):
        free._confirmed(
            sp.sqrt(wrong**2 - free.position**2), (sp.S.Zero,), spread**2 * free.value**2 - free.z * free.value + 1
        )


def test_teacher_along_eigenvectors_of_random_matrices():
    """Four matrices of d = 400, two atoms ±1, σ = 0.8: bins of eigenvalues, mean of ⟨φ, S*φ⟩ against x - 2σ²H."""
    rng, size, sigma = np.random.default_rng(3), 400, 0.8
    teacher = np.repeat([1.0, -1.0], size // 2)
    x, seen = [], []
    for _ in range(4):
        raw = rng.normal(size=(size, size))
        values, vectors = np.linalg.eigh(np.diag(teacher) + sigma * (raw + raw.T) / np.sqrt(2 * size))
        x.append(values)
        seen.append((vectors**2 * teacher[:, None]).sum(0))
    x, seen = np.concatenate(x), np.concatenate(seen)
    result = free.conditional_teacher().result
    named = {s.name: s for s in result.free_symbols}
    numbers, averages = {}, {}
    for u in (0.6, 0.8, 1.2, -0.7):
        _, place = curve([1.0, -1.0], sigma, u)
        near = np.abs(x - place) < 0.08
        numbers[u] = {named["x"]: place, named["hilbert"]: (place - u) / sigma**2, spread: sigma}
        averages[u] = seen[near].mean()
        stderr = seen[near].std() / np.sqrt(near.sum())
        assert abs(averages[u] - float(result.subs(numbers[u]))) < 4 * stderr + 0.02
    # Where the Hilbert transform is large, half of its term is told apart.
    half = {**numbers[1.2], spread: sigma / np.sqrt(2)}
    assert abs(averages[1.2] - float(result.subs(half))) > 0.1


def test_moments_of_random_matrices():
    rng, size, sigma = np.random.default_rng(8), 400, 0.7
    teacher = np.linspace(0, 2, size)
    raw = rng.normal(size=(size, size))
    values = np.linalg.eigvalsh(np.diag(teacher) + sigma * (raw + raw.T) / np.sqrt(2 * size))
    numbers = {cumulants.teacher_moment(k): float((teacher**k).mean()) for k in range(1, 7)}
    for order, formula in enumerate(cumulants.moments(6), 1):
        # Fluctuations and the 1/d correction of a single matrix are a few per cent of 1/√d here.
        assert (values**order).mean() == pytest.approx(float(formula.subs(numbers).subs(spread, sigma)), rel=0.02)


def test_the_jacobian_of_the_curve():
    """dx/du = |F'|²/Re F' by differences along the curve of an uneven teacher."""
    atoms, sigma, u, step = [0.0, 0.3, 1.1, 2.0], 0.9, 0.7, 1e-5
    v, _ = curve(atoms, sigma, u)
    point = free.curve_point()

    def mean(formula):
        numbers = {free.position: u, free.height: v}
        return np.mean([float(formula.subs(numbers).subs(spike, s)) for s in atoms])

    real, imaginary = sigma**2 * mean(point.stretch), sigma**2 * mean(point.turn)
    slope = (curve(atoms, sigma, u + step)[1] - curve(atoms, sigma, u - step)[1]) / (2 * step)
    jacobian = free.biane().values["jacobian"]
    named = {s.name: s for s in jacobian.free_symbols}
    assert slope == pytest.approx(
        float(jacobian.subs({named["F_real"]: real, named["F_imaginary"]: imaginary})), rel=1e-4
    )
    assert slope > 0
