"""What networks are given: unusable values are refused by the name of their field, the rest comes back as floats."""

import numpy as np
import pytest

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.diagonal.exponent_map import exponent_map as diagonal_map
from scalecheck.numerics.networks.inputs import finite_labels, finite_matrix, finite_vector, integer, whole_dim
from scalecheck.numerics.networks.quadratic.exponent_map import exponent_map as quadratic_map
from scalecheck.numerics.networks.ridge.exponent_map import exponent_map as ridge_map
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw, named_teacher


@pytest.mark.parametrize("value", [0, True, 3.0, "3", None, np.nan])
def test_integers_are_integers(value):
    with pytest.raises(DomainError, match="runs: got"):
        integer("runs", value, 1)


def test_integers_of_numpy_count():
    assert integer("runs", np.int64(3), 1) == 3


@pytest.mark.parametrize("value", [0, 1.5, 2.0**53 + 2, np.inf, "d", None])
def test_dimensions_are_whole(value):
    with pytest.raises(DomainError, match="dim: got"):
        whole_dim(value)


@pytest.mark.parametrize("value", [[], [[1.0]], [np.nan], ["one"], [[1.0], [1.0, 2.0]], None, [1j]])
def test_vectors_are_refused(value):
    with pytest.raises(DomainError, match="a: got"):
        finite_vector("a", value)


@pytest.mark.parametrize("value", [[], [1.0], [[np.inf]], [["one"]], [[1.0], [1.0, 2.0]], [[]], None])
def test_matrices_are_refused(value):
    with pytest.raises(DomainError, match="design: got"):
        finite_matrix("design", value)


@pytest.mark.parametrize("value", [[], [1.0], [1.0, np.nan], ["one", "two"], [[1.0, 2.0]], None])
def test_labels_are_refused(value):
    with pytest.raises(DomainError, match="labels: got"):
        finite_labels(value, 2)


def test_a_vector_is_a_private_copy():
    given = np.array([1.0, 2.0])
    finite_vector("a", given)[0] = 7.0
    assert given[0] == 1.0


@pytest.mark.parametrize("axis", [[], [[1.0]], [np.nan], ["one"]])
@pytest.mark.parametrize(
    ("found", "controls", "first", "second"),
    [
        (diagonal_map, {"dim": 1e6, "decay": 1.0, "noise": 1.0}, "a", "b"),
        (quadratic_map, {"dim": 1e6, "decay": 1.0, "noise": 1.0}, "a", "b"),
        (ridge_map, {"samples": 1e6, "capacity": 2.0, "source": 0.5}, "b", "c"),
    ],
)
def test_every_map_names_a_bad_axis(found, controls, first, second, axis):
    for bad, good in ((first, second), (second, first)):
        with pytest.raises(DomainError, match=f"^{bad}: got"):
            found(**controls, **{bad: axis, good: [0.0]})


def test_a_teacher_is_named_once():
    given = Atoms([1.0])
    assert named_teacher("teacher", given, None, None) is given
    assert named_teacher("spectrum", None, 10, 1.0) == PowerLaw(10, 1.0)
    for arguments, field in (
        ((given, 10, None), "spectrum"),
        (("atoms", None, None), "spectrum"),
        ((None, None, 1.0), "dim"),
        ((None, 10, None), "decay"),
    ):
        with pytest.raises(DomainError, match=f"^{field}: got"):
            named_teacher("spectrum", *arguments)
