"""What `derive quadratic` shows: the reduction, Stein's estimate, the free convolution, every phase, the peak, the optimum."""

from __future__ import annotations

from scalecheck.theory.derivation import Derivation
from scalecheck.theory.networks.quadratic.decomposition import identity
from scalecheck.theory.networks.quadratic.free_convolution import biane
from scalecheck.theory.networks.quadratic.normalisation import normalisation
from scalecheck.theory.networks.quadratic.optimum import optimal_weight_decay
from scalecheck.theory.networks.quadratic.outliers import crowded, isolated, merging
from scalecheck.theory.networks.quadratic.peak import peak
from scalecheck.theory.networks.quadratic.phases import phases
from scalecheck.theory.networks.quadratic.reduction import network_reduction
from scalecheck.theory.networks.quadratic.spectral_functions import closures, divergence, sure
from scalecheck.theory.networks.quadratic.state_equations import training_error


def derivations() -> tuple[Derivation, ...]:
    """All derivations, in the order in which they rest on each other."""
    return (
        network_reduction(),
        normalisation(),
        divergence(),
        sure(),
        closures(),
        biane(),
        training_error(),
        *(phase.derivation for phase in phases()),
        peak().derivation,
        optimal_weight_decay().derivation,
        isolated(),
        crowded(),
        merging(),
        identity(),
    )
