"""Certificates of the quadratic network's state evolution (theory.md N4): a box that holds one solution, and enclosures.

The box stands around the numeric witness's solution; that it holds exactly one solution, and what that is close to, is shown
by the checker alone, from the equations and with formulas of its own (`checker.quadratic`). Where the first box is too wide
for the proof, or an enclosure too narrow, the next is tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.networks.quadratic.state_equations import QuadraticProblem, StateEvolution, evolve
from scalecheck.numerics.networks.teacher import PowerLaw

from ..errors import InputError
from .balls import exact
from .checker import CertificateError, check_certificate

BITS = 128
"""Precision: risks of 1e-12 of the teacher's power, and differences n - dof of 1e-12 of n, leave 80 bits."""
WIDTHS = (Fraction(1, 300), Fraction(1, 3000), Fraction(1, 10**5), Fraction(1, 10**7), Fraction(1, 10**9))
"""Half widths of the boxes tried for uniqueness, in the logarithms of τ and t, widest first."""
NARROW = 1e-11
"""Half width of the box that gives the enclosures: the numeric solution is good to about 1e-13."""
LARGE, MODEST = 10**6, Fraction(1, 10**5)
"""Above this dim the wider boxes are left out: each attempt costs seconds there, and they fail at most points."""
SPREADS = (10, 100, 1000, 10**4)
"""Half widths of the enclosures tried, relative, over the narrow box's: how much an observable moves with τ and t."""
DOUBT = 30
"""The narrow box is at least so many times the numeric witness's error."""


@dataclass(frozen=True)
class Found:
    """A numeric solution, and where its contour starts."""

    value: StateEvolution
    start: complex
    error: float


def certify(*, dim: Any, samples: Any, weight_decay: Any, decay: Any, noise: Any, width: Any = None) -> dict[str, Any]:
    """A certificate that the state equations have one solution in a stated box, with enclosures of what follows from it.

    Parameters
    ----------
    dim, samples, weight_decay, decay, noise, width : number or decimal text
        Controls of the quadratic network (theory.md N2), width dim if none is given; a float stands for its shortest
        decimal text, exactly.

    Returns
    -------
    dict
        The document, already verified: controls, boxes in (log τ, log t), enclosures of risk, noise level, threshold,
        degrees of freedom and training error.

    Raises
    ------
    InputError
        For λ = 0 (a limit, no solution of these equations), a dim that is no integer, a width below dim.
    NotConverged
        If no box could be certified.

    Notes
    -----
    *When this is wrong*: never about the equations of the deterministic closure; whether they describe the network is
    another matter (N10, N11).

    Examples
    --------
    >>> found = certify(dim=100, samples=2000, weight_decay="0.1", decay=1, noise=1)
    >>> [f"{float(end):.6f}" for end in found["enclosures"]["risk"]]
    ['1.264350', '1.264350']
    """
    controls = _controls(dim=dim, samples=samples, weight_decay=weight_decay, decay=decay, noise=noise, width=width)
    found = _solution(controls)
    fault = ""
    widths = [width for width in WIDTHS if controls["dim"] <= LARGE or width <= MODEST]
    spreads = list(SPREADS)
    while widths and spreads:
        document = _document(controls, found, widths[0], spreads[0])
        try:
            check_certificate(document)
        except CertificateError as refused:
            fault = str(refused)
            (spreads if fault.startswith("enclosures") else widths).pop(0)
        else:
            return document
    raise NotConverged(f"certificate: no box around the numeric solution could be certified ({fault})")


def _controls(**given: Any) -> dict[str, Fraction]:
    numbers = {name: exact(value) for name, value in given.items() if value is not None}
    numbers.setdefault("width", numbers["dim"])
    for name, least in (("dim", Fraction(1)), ("width", numbers["dim"])):
        if numbers[name].denominator != 1 or numbers[name] < least:
            raise InputError(name, given[name], f"an integer >= {least}")
    if numbers["weight_decay"] <= 0:
        raise InputError(
            "weight_decay", given["weight_decay"], "a number > 0 (at 0 the equations have a limit, no solution)"
        )
    return numbers


def _solution(controls: Mapping[str, Fraction]) -> Found:
    numbers = {name: float(value) for name, value in controls.items()}
    teacher = PowerLaw(numbers["dim"], numbers["decay"])
    problem = QuadraticProblem(teacher, numbers["samples"], numbers["weight_decay"], numbers["noise"], numbers["width"])
    solution = evolve(problem).checked()
    place = solution.statistics
    if "log_sigma" not in place:
        raise NotConverged("certificate: without noise the teacher is recovered exactly, τ = 0, and log τ is no number")
    state = problem.equations.at(place["log_sigma"], place["y"], refined=True)
    return Found(solution.value, state.start.omega, float(solution.error or 0.0))


def _document(controls: Mapping[str, Fraction], found: Found, width: Fraction, spread: int) -> dict[str, Any]:
    narrow = min(Fraction(max(NARROW, DOUBT * found.error)), width)
    value = found.value
    middle = [Fraction(math.log(value.noise_level)), Fraction(math.log(value.threshold))]
    observables = ("risk", "noise_level", "threshold", "degrees_of_freedom", "train_error")
    values = {name: Fraction(getattr(value, name)) for name in observables}
    return {
        "kind": "state-evolution",
        "theory": "quadratic",
        "closure": "deterministic",
        "controls": {name: str(number) for name, number in controls.items()},
        "bits": BITS,
        "start": [_decimal(Fraction(found.start.real)), _decimal(Fraction(found.start.imag))],
        "unique": [_around(side, width) for side in middle],
        "inside": [_around(side, narrow) for side in middle],
        "enclosures": {name: _around(number, (abs(number) or 1) * spread * narrow) for name, number in values.items()},
    }


def _around(middle: Fraction, half: Fraction) -> list[str]:
    return [_decimal(middle - half), _decimal(middle + half)]


def _decimal(value: Fraction) -> str:
    """Seventeen digits: nothing rests on where exactly a box ends, for its text is what is checked."""
    return f"{float(value):.16e}" if value else "0"
