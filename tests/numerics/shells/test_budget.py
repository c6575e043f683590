"""The budget of shells closes on every trajectory, and does not with a symmetric coupling or a dropped crossing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.shells import budget as module
from scalecheck.numerics.shells.budget import budget, exchange, positions, shell_edges, transfers
from scalecheck.numerics.shells.families import AvoidedCrossing, RandomSmooth, Rotating, fixed
from scalecheck.numerics.shells.trajectory import Snapshot, Trajectory, drive

EDGES = shell_edges(floor=1e-3, top=6.0, width=0.6)


def random_path(seed, size=6, columns=6):
    error = np.random.default_rng(seed).standard_normal(size)
    return drive(RandomSmooth(size, columns, seed), error, begin=0.0, end=2.0)


class Altered(Trajectory):
    """A trajectory whose snapshots are tampered with."""

    def __init__(self, path, change):
        self.path, self.change, self.begin, self.end = path, change, path.begin, path.end

    def at(self, time):
        return self.change(self.path.at(time))


@settings(max_examples=12)
@given(st.integers(2, 8), st.integers(1, 8), st.integers(0, 10**6), st.floats(0.2, 2.0))
def test_closes_on_random_trajectories(size, columns, seed, width):
    edges = shell_edges(floor=1e-4, top=10.0, width=width)
    found = budget(random_path(seed, size, columns), edges=edges, times=np.linspace(0, 2, 9))
    assert found.error < 1e-7
    table = found.value.transfer
    np.testing.assert_allclose(table, -table.transpose(0, 2, 1), atol=1e-9 * (1 + np.abs(table).max()))
    energy = found.value.energy
    assert energy.min() > -1e-12
    # S3: the fluxes telescope, so all that leaves is decay
    np.testing.assert_allclose(
        energy[0].sum() - energy[-1].sum(), found.value.decayed.sum(), atol=1e-6 * energy[0].sum()
    )


def test_transfers_add_up_to_the_fluxes():
    shot = random_path(3).at(0.7)
    edges = EDGES
    table = module.transfers(shot, edges)
    _, _, flux = module.exchange(shot, module.positions(shot, edges))
    for k in range(len(edges)):
        assert flux[k] == pytest.approx(table[k + 1 :, : k + 1].sum(), abs=1e-12)


def test_couplings_inside_a_shell_do_not_enter():
    """An avoided crossing of gap 1e-9 inside one shell costs nothing."""
    path = drive(AvoidedCrossing(1e-9), [1.0, 0.5], begin=-1.0, end=1.0)
    found = budget(path, edges=[0.5, 4.0], times=np.linspace(-1, 1, 5))
    assert found.error < 1e-8
    assert np.abs(found.value.flux).max() == 0.0


def test_a_crossing_of_an_edge_is_an_event_with_its_energy():
    path = drive(Rotating([1.0, 3.0], [0.5, 0.0], np.zeros((2, 2))), [2.0, 0.0], begin=0.0, end=2.0)
    found = budget(path, edges=[0.5, 1.5, 2.5], times=np.linspace(0, 2, 4)).value
    (event,) = found.events
    assert event.upward
    assert event.edge == 1
    assert event.time == pytest.approx(1.0, abs=1e-2)
    assert event.energy == pytest.approx(4 * np.exp(-2 * (1 + 0.25)), rel=3e-2)


@pytest.mark.parametrize("twin", ["symmetric", "none", "double"])
def test_a_wrong_coupling_never_closes(twin):
    changes = {
        "symmetric": lambda shot: replace(shot, drift=np.abs(shot.drift)),
        "none": lambda shot: replace(shot, drift=0 * shot.drift),
        "double": lambda shot: replace(shot, drift=2 * shot.drift),
    }
    path = random_path(4)
    times = np.linspace(0, 2, 5)
    assert budget(path, edges=EDGES, times=times).error < 1e-7
    with pytest.raises(NotConverged) as caught:
        budget(Altered(path, changes[twin]), edges=EDGES, times=times, halvings=3)
    assert caught.value.solution.error > 1e-3


def test_dropped_crossings_are_caught():
    found = budget(random_path(4), edges=EDGES, times=np.linspace(0, 2, 9)).value
    kept = np.diff(found.energy, axis=0) + found.decayed
    padded = np.pad(found.exchanged, ((0, 0), (1, 1)))
    assert len(found.events) > 0
    assert np.abs(kept + np.diff(padded, axis=1)).max() > 1e-3 * found.energy[0].sum()


def test_levels_that_meet_at_an_edge_are_refused():
    shot = Snapshot(0.0, np.array([1.0, 1.0]), np.ones(2), np.ones((2, 2)), 0.0, np.zeros(2))
    with pytest.raises(NotConverged, match="meet at an edge"):
        module.exchange(shot, np.array([1]))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"edges": [1.0, 0.5]}, "edges"),
        ({"edges": [-1.0, 0.5]}, "edges"),
        ({"edges": [np.nan]}, "edges"),
        ({"times": [0.0]}, "times"),
        ({"times": [0.0, 5.0]}, "times"),
    ],
)
def test_bad_input(change, field):
    path = drive(fixed([1.0, 2.0]), [1.0, 1.0], begin=0.0, end=1.0)
    with pytest.raises(DomainError, match=f"^{field}: got"):
        budget(path, **{"edges": [1.5], "times": [0.0, 1.0], **change})


def test_bad_matrices_are_refused():
    class Skew(RandomSmooth.__mro__[1]):
        dim = 2

        def matrix(self, time):
            return np.array([[1.0, 1.0], [0.0, 1.0]])

        def derivative(self, time):
            return np.zeros((2, 2))

    with pytest.raises(DomainError, match="symmetric"):
        drive(Skew(), [1.0, 1.0], begin=0.0, end=1.0)


@pytest.mark.parametrize("columns", [3, 6])
def test_fluxes_are_sums_of_transfers_kernel_included(columns):
    """Two routes to one flux: modes above against modes below an edge, and shells against shells; the kernel is in shell 0."""
    path = drive(RandomSmooth(size=6, columns=columns, seed=5), np.arange(1.0, 7.0), begin=0.0, end=1.0)
    shot, edges = path.at(0.6), np.array([0.05, 0.3, 1.0])
    assert (shot.kernel_energy > 0) == (columns == 3)
    table, fluxes = transfers(shot, edges), exchange(shot, positions(shot, edges))[2]
    assert np.abs(table + table.T).max() < 1e-12 * np.abs(table).max()
    summed = [table[edge + 1 :, : edge + 1].sum() for edge in range(edges.size)]
    assert np.abs(fluxes).min() > 0
    assert np.allclose(summed, fluxes, rtol=1e-10, atol=1e-12 * np.abs(fluxes).max())
