"""Teachers: sums over them, exact counts, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, zeta

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw


@pytest.mark.parametrize("dim", [1, 2, 16, 17, 1000, 1e6, 1e12, 2**53])
@pytest.mark.parametrize("decay", [0.5001, 0.75, 1.0, 3.0, 10.0])
def test_power_sums_are_hurwitz_zetas(dim, decay):
    teacher = PowerLaw(dim, decay)
    with mp.workdps(40):
        expected = float(zeta(2 * mp.mpf(decay)) - zeta(2 * mp.mpf(decay), int(dim) + 1))
    for refined in (False, True):
        nodes = teacher.nodes(np.array([[1.0]]), refined=refined)
        count, squares = nodes.total(np.ones_like(nodes.values), nodes.values**2)[:, 0]
        assert count == pytest.approx(dim, rel=1e-14)
        assert squares == pytest.approx(expected, rel=5e-14)
    # A starting value only: within a factor of two.
    assert 0.5 < teacher.rough_power / expected < 2


@given(st.integers(1, 10**6), st.floats(0.51, 10), st.floats(1e-3, 2))
def test_counts_are_exact(dim, decay, level):
    k = np.arange(1, dim + 1, dtype=float)
    assert PowerLaw(dim, decay).count_above(level) == (k**-decay > level).sum()


@given(st.integers(1, 2**53), st.floats(0.51, 10), st.data())
def test_a_level_equal_to_a_weight_does_not_count_it(dim, decay, data):
    k = data.draw(st.integers(1, dim))
    # Neighbouring weights may round to the same float: the count is of floats strictly greater.
    count = float(PowerLaw(dim, decay).count_above(float(k) ** -decay))
    assert count <= k - 1
    assert count == 0 or count**-decay > float(k) ** -decay


@given(st.integers(1, 10**5), st.floats(0.51, 10), st.lists(st.floats(1e-6, 2), min_size=1, max_size=5))
def test_no_panel_crosses_a_cut(dim, decay, levels):
    cuts = np.sort(np.array(levels))[None, ::-1]
    nodes = PowerLaw(dim, decay).nodes(cuts)
    k = np.arange(1, dim + 1, dtype=float)
    for level in levels:
        counted = nodes.total((nodes.values > level).astype(float))[0, 0]
        assert counted == pytest.approx((k**-decay > level).sum(), rel=1e-13)


def test_atoms_are_sorted_and_unsigned_and_private():
    given_values = np.array([0.5, -2.0, 0.0])
    teacher = Atoms(given_values, [1, 2, 3.5])
    given_values[:] = 9.0
    assert teacher.values.tolist() == [2.0, 0.5, 0.0]
    assert (teacher.size, teacher.zeros, teacher.largest, teacher.rough_power) == (6.5, 3.5, 2.0, 8.25)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: PowerLaw(0, 1.0), "dim"),
        (lambda: PowerLaw(-3, 1.0), "dim"),
        (lambda: PowerLaw(2.5, 1.0), "dim"),
        (lambda: PowerLaw(float("nan"), 1.0), "dim"),
        (lambda: PowerLaw(float("inf"), 1.0), "dim"),
        (lambda: PowerLaw(2.0**54, 1.0), "dim"),
        (lambda: PowerLaw("ten", 1.0), "dim"),
        (lambda: PowerLaw(10, 0.5), "decay"),
        (lambda: PowerLaw(10, 10.5), "decay"),
        (lambda: PowerLaw(10, float("nan")), "decay"),
        (lambda: Atoms([]), "values"),
        (lambda: Atoms([1.0, float("nan")]), "values"),
        (lambda: Atoms([[1.0], [2.0]]), "values"),
        (lambda: Atoms(["a"]), "values"),
        (lambda: Atoms([1.0], [0.0]), "multiplicities"),
        (lambda: Atoms([1.0], [-1.0]), "multiplicities"),
        (lambda: Atoms([1.0], [float("inf")]), "multiplicities"),
        (lambda: Atoms([1.0], [1.0, 2.0]), "multiplicities"),
    ],
)
def test_bad_teachers_are_refused_by_name(make, field):
    with pytest.raises(DomainError, match=rf"^{field}: got .* allowed is "):
        make()


@given(st.integers(1, 2**53), st.floats(0.51, 10), st.data())
def test_the_teacher_above_a_level_has_the_weights_that_exceed_it(dim, decay, data):
    teacher = PowerLaw(dim, decay)
    level = float(data.draw(st.integers(1, dim))) ** -decay
    above = teacher.above(level)
    assert (0.0 if above is None else above.size) == teacher.count_above(level)
    assert above is None or above.decay == decay
    assert teacher.above(-np.inf) == teacher


def test_atoms_above_a_level():
    teacher = Atoms([0.5, -2.0, 0.0], [3, 1, 7])
    above = teacher.above(0.5)
    assert (above.largest, above.size) == (2.0, 1.0)
    assert teacher.above(2.0) is None
    assert teacher.above(-np.inf).size == teacher.size
