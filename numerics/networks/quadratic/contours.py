"""Contours on which the spectral integrals run: from a point of Biane's curve outwards, straight down, or to another point.

All of them keep a distance from the eigenvalues of the order of the distance from where they start, and are cut into panels
graded by it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...power_sums import Array
from .power_law_spectrum import Split

Complex = NDArray[np.complex128]

# Gauss-Legendre nodes of a contour panel whose ends' distances to the nearest pole have ratio PANEL: poles on the
# Bernstein ellipse 2, error 2^-32 = 2e-10 of the integrand, which is smooth and mostly far better resolved.
NODES, PANEL = 16, 4.0
LEGENDRE = np.polynomial.legendre.leggauss(NODES)
# Direction in which the contour leaves the start: steep enough to stay away from the axis, and still moving outwards.
DIRECTION = np.pi / 3
# The contour passes the outermost eigenvalue at this many times its distance.
REACH = 2.0


class Path(NamedTuple):
    """Quadrature along a contour: points and complex weights."""

    points: Complex
    weights: Complex


def _marks(length: float, start: float, end: float, ratio: float) -> Array:
    """Panel edges on [0, length], graded geometrically from both ends."""
    first, last = min(start, 0.5 * length), min(end, 0.5 * length)
    up = first * ratio ** np.arange(0.0, max(0.0, np.ceil(np.log(0.5 * length / first) / np.log(ratio))) + 1)
    down = last * ratio ** np.arange(0.0, max(0.0, np.ceil(np.log(0.5 * length / last) / np.log(ratio))) + 1)
    inner = np.concatenate([up[up < 0.5 * length], [0.5 * length], length - down[down < 0.5 * length]])
    return np.unique(np.concatenate([[0.0], inner, [length]]))


def straight(begin: complex, end: complex, first: float, last: float, refined: bool) -> Path:
    """A straight contour, graded from `first` at its begin and `last` at its end; refined, every panel is halved or so."""
    length = abs(end - begin)
    scale, ratio = (0.5, PANEL**0.5) if refined else (1.0, PANEL)
    marks = _marks(length, scale * min(first, 0.5 * length), scale * min(last, 0.5 * length), ratio)
    half = 0.5 * np.diff(marks)
    place = (0.5 * (marks[1:] + marks[:-1]))[:, None] + half[:, None] * LEGENDRE[0]
    direction = (end - begin) / length
    points: Complex = np.asarray(begin + direction * place.ravel(), dtype=np.complex128)
    return Path(points, np.asarray(direction * (half[:, None] * LEGENDRE[1]).ravel(), dtype=np.complex128))


def _arc(centre: float, begin: complex, finish: float, panels: int) -> Path:
    """A circular contour about a real centre, from `begin` to the angle `finish` (0 or pi)."""
    radius, angle = abs(begin - centre), float(np.angle(begin - centre))
    marks = np.linspace(angle, finish, panels + 1)
    half = 0.5 * np.diff(marks)
    angles = ((0.5 * (marks[1:] + marks[:-1]))[:, None] + half[:, None] * LEGENDRE[0]).ravel()
    turn = radius * np.exp(1j * angles)
    return Path(centre + turn, 1j * turn * (half[:, None] * LEGENDRE[1]).ravel())


def outward(parts: Split, start: complex, *, right: bool, refined: bool = False) -> Path:
    """Return the contour from the start to the real axis beyond all eigenvalues on the right, or on the left."""
    first = max((0.25 if refined else 0.5) * parts.distance(start), 1e-290)
    far = parts.largest - start.real if right else start.real - 0.0
    length = max(REACH * abs(far), start.imag, 4.0 * first)
    turn = start + length * np.exp(1j * (DIRECTION if right else np.pi - DIRECTION))
    ratio = PANEL**0.5 if refined else PANEL
    marks = _marks_outward(length, first, ratio)
    half = 0.5 * np.diff(marks)
    place = ((0.5 * (marks[1:] + marks[:-1]))[:, None] + half[:, None] * LEGENDRE[0]).ravel()
    direction = (turn - start) / length
    arc = _arc(start.real, turn, 0.0 if right else np.pi, 2 if refined else 1)
    weights = direction * (half[:, None] * LEGENDRE[1]).ravel()
    points = np.concatenate([start + direction * place, arc.points])
    whole = np.concatenate([weights, arc.weights])
    return Path(points.astype(np.complex128), whole.astype(np.complex128))


def _marks_outward(length: float, first: float, ratio: float) -> Array:
    steps = max(1, int(np.ceil(np.log(length / first) / np.log(ratio))))
    return np.concatenate([[0.0], length * ratio ** -np.arange(steps, -1.0, -1.0)])


def down(parts: Split, start: complex, *, refined: bool = False) -> Path:
    """Return the short contour from the start to the real axis between the low and the high eigenvalues.

    It ends below the start, or as near to that as the next eigenvalue allows: near the edge of the bulk the integrals are
    high powers of the contour's length, and a longer one would cancel.
    """
    if np.isfinite(parts.ceiling) and np.isfinite(parts.floor):
        margin = 0.5 * min(parts.floor - parts.ceiling, start.imag)
        foot = min(max(start.real, parts.ceiling + margin), parts.floor - margin)
        room = 0.5 * min(foot - parts.ceiling, parts.floor - foot)
    else:
        # At least the start's height away from all eigenvalues, which lie on one side.
        foot = start.real + start.imag if np.isfinite(parts.ceiling) else min(start.real, 0.0) - start.imag
        room = 0.5 * abs(start.imag)
    first = max(0.5 * parts.distance(start), 1e-290)
    return straight(start, complex(foot), first, max(room, 1e-290), refined)


def imaginary(path: Path, *integrands: Complex) -> Array:
    """Return -(1/pi) Im of the integrals: sums over the eigenvalues of what the integrands are of each."""
    return np.array([-(path.weights @ integrand).imag / np.pi for integrand in integrands])
