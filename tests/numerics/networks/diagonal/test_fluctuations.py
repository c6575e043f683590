"""The spread of a risk over independent coordinates: against draws, and where all coordinates are alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.diagonal.fluctuations import coordinate_spread


@settings(max_examples=8, deadline=None)
@given(st.floats(0.6, 2.0), st.floats(0.03, 1.0), st.floats(0.0, 2.0))
def test_against_draws(decay, level, ratio):
    size, count = 40, 40000
    teacher = np.arange(1.0, size + 1.0) ** -decay
    noisy = teacher + level * np.random.default_rng(5).standard_normal((count, size))
    learned = np.sign(noisy) * np.maximum(np.abs(noisy) - ratio * level, 0.0)
    risks = ((learned - teacher) ** 2).sum(axis=1)
    found = coordinate_spread(dim=size, decay=decay, noise_level=level, threshold=ratio * level).value
    assert risks.std() / risks.mean() == pytest.approx(found, rel=0.05)


def test_alike_coordinates_scatter_as_one_over_the_root_of_their_number():
    """Noise far above the teacher: the terms are squares of normal numbers, of relative variance 2 each."""
    for size in (10, 1000):
        found = coordinate_spread(dim=size, decay=1.0, noise_level=1e6, threshold=0.0).value
        assert found == pytest.approx(np.sqrt(2 / size), rel=1e-9)


def test_values_outside_the_domain():
    with pytest.raises(DomainError, match="noise_level"):
        coordinate_spread(dim=10, decay=1.0, noise_level=0.0, threshold=0.1)
