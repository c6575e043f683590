"""Interval Newton for two equations: that a stated box holds exactly one solution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flint import arb

from .reading import CertificateError, Interval, ball, interval, listed, strictly_within, told

Pair = tuple[arb, arb]
Box = tuple[Interval, Interval]
Equations = Callable[[Sequence[arb]], tuple[Pair, tuple[Pair, Pair]]]
"""Over a box: two values, and their derivatives as rows."""


def boxes(wide: Sequence[Sequence[object]], tight: Sequence[Sequence[object]]) -> tuple[Box, Box]:
    """The box of uniqueness and the narrow one, which must be a part of it: the one solution in it is that of the other."""
    if len(wide) != 2 or len(tight) != 2:
        raise CertificateError("unique, inside: two intervals each, for log noise_level and log threshold")
    found = (interval(wide[0]), interval(wide[1])), (interval(tight[0]), interval(tight[1]))
    if not all(w[0] <= t[0] and t[1] <= w[1] for w, t in zip(*found, strict=True)):
        raise CertificateError("inside: the narrow box is not part of the box in which the solution is unique")
    return found


def one_zero(name: str, equations: Equations, stated: Box) -> None:
    """N(X) = m - G'(X)⁻¹ G(m) inside X implies exactly one zero in X.

    Both G' and G are multiplied by the inverse of the middle of G' first, which changes no zero and keeps balls narrow.
    X is a ball around the stated box, wider by rounding; the image must lie inside the stated box itself.
    """
    box = [ball(*side) for side in stated]
    middle = [side.mid() for side in box]
    values, _ = equations(middle)
    _, slopes = equations(box)
    (p, q), (r, s) = ((entry.mid() for entry in row) for row in slopes)
    (e, f), (g, h) = (
        (column[0] * s - column[1] * q, column[1] * p - column[0] * r) for column in zip(*slopes, strict=True)
    )
    right = (values[0] * s - values[1] * q, values[1] * p - values[0] * r)
    determinant = e * h - g * f
    if determinant.contains(0) or not determinant.is_finite():
        raise CertificateError(f"{name}: the derivatives may be singular in this box")
    image = (
        middle[0] - (h * right[0] - g * right[1]) / determinant,
        middle[1] - (e * right[1] - f * right[0]) / determinant,
    )
    if not all(strictly_within(part, side) for side, part in zip(stated, image, strict=True)):
        raise CertificateError(f"{name}: the Newton operator does not map this box into itself")


def one_solution(theory: str, controls: Mapping[str, object], wide: Box, stated: Mapping[str, Interval]) -> str:
    """What was proved, in words, with every number of it."""
    enclosed = ", ".join(f"{name} in {told(pair)}" for name, pair in stated.items())
    return (
        f"at {listed(controls)} the state equations of the {theory} network have exactly one solution in the stated box "
        f"(log noise_level in {told(wide[0])}, log threshold in {told(wide[1])}; nothing is said of solutions elsewhere), "
        f"and it has {enclosed}"
    )
