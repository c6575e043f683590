"""What `derive shells` shows: S1 to S12 in the order in which they rest on each other."""

from __future__ import annotations

from itertools import product

from scalecheck.theory.derivation import Derivation
from scalecheck.theory.shells import coarse_graining, descent, modes, rigidity, self_similarity, transport
from scalecheck.theory.shells.exponents import TransportPhase, transport_phases
from scalecheck.theory.shells.letters import Direction

MOVING = (Direction.DOWN, Direction.UP)


def derivations() -> tuple[Derivation, ...]:
    """All derivations of Part I; S6 and S13 derive nothing, they are measured."""
    phases = transport_phases()
    return (
        modes.error_equation(),
        modes.mode_equations(),
        modes.energy_balance(),
        coarse_graining.shell_balance(),
        coarse_graining.flux_form(),
        rigidity.rigid_drift(),
        transport.euler_lemma(),
        *(transport.solution(transport.Geometry(d, *signs)) for d in MOVING for signs in product((-1, 0, 1), repeat=2)),
        *(self_similarity.self_similar_profile(direction) for direction in MOVING),
        *(phase.derivation for phase in phases),
        self_similarity.uniform_limit(),
        *(self_similarity.lazy_limit(phase, _lazy(phases)).derivation for phase in phases if phase.action is None),
        descent.early_stopping().derivation,
        descent.separated_shells().derivation,
    )


def _lazy(phases: tuple[TransportPhase, ...]) -> TransportPhase:
    return next(phase for phase in phases if phase.direction is Direction.NONE)
