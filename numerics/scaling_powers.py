"""Sums of two powers fitted to a curve on grids of their exponents: what the readings of a plateau and a correction look at."""

from __future__ import annotations

import math

import numpy as np

from .scaling_fits import Array, Curve

# Values that are worked on at once: what the processor holds near. Of 5000 points a whole grid took half as long again.
BLOCK = 60_000
# Where a sum of powers is cut off, as a share of the data: the logarithm of its residuals needs a positive one.
LEAST = 1e-3


def two_powers(curve: Curve, exponents: Array, rates: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Misfits of log y to A x^β + B x^(β - δ), with A, its spread, by how much it leads at the last point, and the fit.

    Least squares, reweighted thrice; `rates` has a row for each exponent.
    """
    rows = max(1, BLOCK // (rates.shape[1] * curve.u.size))
    starts = range(0, exponents.size, rows)
    parts = [_few_powers(curve, exponents[start : start + rows], rates[start : start + rows]) for start in starts]
    misfit, level, spread, leads, fitted = (np.concatenate(items) for items in zip(*parts, strict=True))
    return misfit, level, spread, leads, fitted


def _few_powers(curve: Curve, exponents: Array, rates: Array) -> tuple[Array, Array, Array, Array, Array]:
    scale = math.exp(float(curve.v.mean()))
    y = np.exp(curve.v) / scale
    # far from the data powers overflow, and such places count as misfits
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        lead = np.exp(exponents[:, None, None] * (curve.u - curve.u[0]))
        decay = lead * np.exp(-rates[:, :, None] * (curve.u - curve.u[0]))
        fitted = y[None, None]
        for _ in range(3):
            level, other, fitted, spread = _reweighted(curve, y, lead, decay, fitted)
        misfit = np.sum((curve.weight * (curve.v - math.log(scale) - np.log(fitted))) ** 2, axis=2)
        leads = level - np.abs(other) * np.exp(-rates * curve.span)
        misfit = np.where(np.isfinite(misfit), misfit, np.inf)
        return misfit, scale * level, scale * spread, leads, scale * fitted


def _reweighted(curve: Curve, y: Array, lead: Array, decay: Array, fitted: Array) -> tuple[Array, Array, Array, Array]:
    """Least squares in the two amplitudes with relative errors about what was fitted before: A, B, the new fit, A's spread."""
    weight = (curve.weight / fitted) ** 2
    leading, other = weight * lead, weight * decay
    one, first = ((item @ lead.swapaxes(1, 2))[:, :, 0] for item in (leading, other))
    second, target, mixed = np.einsum("erm,erm->er", other, decay), leading @ y, other @ y
    determinant = np.maximum(one * second - first**2, 1e-300)
    level = (second * target - first * mixed) / determinant
    amplitude = (one * mixed - first * target) / determinant
    fit = np.multiply(amplitude[..., None], decay, out=other)
    fit += level[..., None] * lead
    np.maximum(fit, LEAST * y, out=fit)
    return level, amplitude, fit, np.sqrt(second / determinant)
