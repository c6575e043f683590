"""What a network or an experiment is given, checked in one place and refused in one line."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DomainError, real, require
from ..power_sums import Array

# The summation index must be an exact float.
LARGEST_DIM = 2**53


def integer(field: str, value: int, least: int) -> int:
    """Return a Python or NumPy integer that is at least `least`; 3.0 and True are refused, they hide a unit mistake.

    Examples
    --------
    >>> integer("runs", 3, 1)
    3
    """
    allowed = f"an integer >= {least}"
    try:
        number = operator.index(value)
    except TypeError:
        raise DomainError(field, value, allowed) from None
    require(number >= least and not isinstance(value, bool), field, value, allowed)
    return number


def whole_dim(dim: float) -> float:
    """Return a dimension from 1 to 2^53 as a float, also written 1e12, or raise `DomainError`.

    Examples
    --------
    >>> whole_dim(100)
    100.0
    """
    size = real("dim", dim, at_least=1, at_most=LARGEST_DIM)
    require(size == np.floor(size), "dim", dim, f"an integer from 1 to 2^53 = {LARGEST_DIM}")
    return size


def finite_vector(field: str, given: object) -> Array:
    """Return at least one finite float, in one dimension and as a private copy, or raise `DomainError`.

    Examples
    --------
    >>> finite_vector("samples", 3)
    array([3.])
    """
    allowed = "a non-empty list of finite real numbers"
    try:
        array = np.array(given, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError, OverflowError):
        raise DomainError(field, given, allowed) from None
    require(array.ndim == 1 and array.size > 0 and bool(np.isfinite(array).all()), field, given, allowed)
    return array


def finite_matrix(field: str, given: ArrayLike) -> Array:
    """Return a non-empty matrix of finite floats, or raise `DomainError`.

    Examples
    --------
    >>> finite_matrix("design", [[1, 2]])
    array([[1., 2.]])
    """
    allowed = "a non-empty array of shape (samples, columns)"
    try:
        matrix = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DomainError(field, "no array of numbers", allowed) from None
    require(matrix.ndim == 2 and matrix.size > 0, field, f"shape {matrix.shape}", allowed)
    require(bool(np.isfinite(matrix).all()), field, "NaN or infinity", "finite real numbers")
    return matrix


def finite_labels(labels: ArrayLike, samples: int) -> Array:
    """Return one finite label for each sample, or raise `DomainError`.

    Examples
    --------
    >>> finite_labels([1, -1], 2)
    array([ 1., -1.])
    """
    allowed = f"{samples} finite real numbers, one for each sample"
    try:
        target = np.asarray(labels, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DomainError("labels", "no array of numbers", allowed) from None
    require(target.shape == (samples,), "labels", f"shape {target.shape}", allowed)
    require(bool(np.isfinite(target).all()), "labels", "NaN or infinity", allowed)
    return target
