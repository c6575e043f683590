"""Which checker a certified point of state evolution goes to: the equations are those of the theory it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from .diagonal import check_diagonal, diagonal_controls
from .quadratic import check_quadratic, quadratic_controls
from .reading import CertificateError

Checks = tuple[Callable[[Mapping[str, Any]], str], Callable[[Mapping[str, Any]], dict[str, Fraction]]]

THEORIES: dict[str, Checks] = {
    "diagonal": (check_diagonal, diagonal_controls),
    "quadratic": (check_quadratic, quadratic_controls),
}


def check_point(document: Mapping[str, Any]) -> str:
    """One solution of a theory's state equations in a box, and what it is close to."""
    return _checks(document)[0](document)


def controls_of(document: Mapping[str, Any]) -> dict[str, Fraction]:
    """The controls of a point, in the domain of its theory."""
    return _checks(document)[1](document)


def _checks(document: Mapping[str, Any]) -> Checks:
    theory = document["theory"]
    if document["kind"] != "state-evolution" or not isinstance(theory, str) or theory not in THEORIES:
        raise CertificateError(f"theory: got {str(theory)[:40]!r}, allowed is one of {', '.join(THEORIES)}")
    return THEORIES[theory]
