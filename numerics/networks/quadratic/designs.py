"""The measurements S -> Tr[S Z_i] of the quadratic network (theory.md N2): the real ones, and a Gaussian control.

The real design has Z_i = (x_i x_iᵀ - 1)/√d with x_i ~ N(0, 1_d) and is never expanded: everything is a product with
the inputs. The Gaussian design has symmetric Gaussian Z_i of the same mean and covariance; state evolution is a
statement about it (N4), so it is the control of experiments with the real one (N10).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import require
from ..inputs import finite_matrix
from .coordinates import coordinates, inner, symmetric

Array = NDArray[np.float64]

# Rows summed at a time where a rounding error has to be bounded: the bound grows with the longest chain of additions,
# BLOCK + samples/BLOCK instead of samples. At 26,515 samples that is 360 instead of 26,515.
BLOCK = 256
KINDS = ("real", "gaussian")


class Tangent(Protocol):
    """The derivative of the measurements of V Vᵀ with respect to V, and its transpose."""

    def forward(self, change: Array) -> Array:
        """Tr[(U Vᵀ + V Uᵀ) Z_i] for each i."""

    def backward(self, residual: Array) -> Array:
        """(Σ_i u_i Z_i) V."""


class Design(ABC):
    """n symmetric matrices Z_i, as a linear map on symmetric matrices."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Dimension d of the inputs."""

    @property
    @abstractmethod
    def samples(self) -> int:
        """Number of samples n."""

    @property
    @abstractmethod
    def lengths(self) -> Array:
        """Upper bounds of ‖Z_i‖_F, and of the absolute values that enter one measurement of a matrix of norm 1."""

    @property
    @abstractmethod
    def chain(self) -> int:
        """Longest chain of rounded operations in one measurement."""

    @abstractmethod
    def measure(self, matrix: Array) -> Array:
        """Return Tr[S Z_i] for each i, shape (samples,)."""

    @abstractmethod
    def measure_factor(self, factor: Array) -> Array:
        """Return Tr[V Vᵀ Z_i] for each i, V of shape (dim, rank)."""

    @abstractmethod
    def adjoint(self, residual: Array) -> Array:
        """Return Σ_i u_i Z_i, shape (dim, dim)."""

    @abstractmethod
    def tangent(self, factor: Array) -> Tangent:
        """Return the derivative of `measure_factor` at V."""

    @property
    @abstractmethod
    def gram_work(self) -> float:
        """Multiplications that `gram` takes."""

    @abstractmethod
    def gram(self, scaling: Array) -> Array:
        """Return Tr[Gᵀ Z_i G Gᵀ Z_j G] for each pair, shape (samples, samples)."""

    @abstractmethod
    def rows(self, part: slice) -> Design:
        """Return the design of some of the samples."""

    def blockwise_adjoint(self, residual: Array) -> Array:
        """Return `adjoint`, summed in blocks of rows so that its rounding error has a small bound."""
        total = np.zeros((self.dim, self.dim))
        for start in range(0, self.samples, BLOCK):
            part = slice(start, start + BLOCK)
            total += self.rows(part).adjoint(residual[part])
        return total

    def expanded(self) -> Array:
        """Return the Z_i as rows of orthonormal coordinates, shape (samples, dim (dim + 1)/2): for small problems."""
        units = (symmetric(unit, self.dim) for unit in np.eye(self.dim * (self.dim + 1) // 2))
        return np.column_stack([self.measure(unit) for unit in units])


@final
@dataclass(frozen=True, eq=False)
class QuadraticFeatures(Design):
    """The real design Z_i = (x_i x_iᵀ - 1)/√dim (claim N2).

    Parameters
    ----------
    inputs : array of shape (samples, dim)
        Inputs x, one a row, not normalised.

    Raises
    ------
    DomainError
        Empty, ragged or non-finite inputs.

    Examples
    --------
    >>> design = QuadraticFeatures([[1.0, 2.0], [0.0, 1.0]])
    >>> design.measure(np.eye(2)) * math.sqrt(2)  # |x|² - d
    array([ 3., -1.])
    >>> design.adjoint(np.array([1.0, 0.0])) * math.sqrt(2)
    array([[0., 2.],
           [2., 3.]])
    """

    inputs: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", finite_matrix("inputs", self.inputs))

    @property
    def _inputs(self) -> Array:
        return np.asarray(self.inputs)

    @property
    def dim(self) -> int:
        """Columns of the inputs."""
        return int(self._inputs.shape[1])

    @property
    def samples(self) -> int:
        """Rows of the inputs."""
        return int(self._inputs.shape[0])

    @property
    def lengths(self) -> Array:
        """(‖x_i‖² + √d)/√d: no cancellation between the two terms is assumed."""
        return self._lengths

    @cached_property
    def _lengths(self) -> Array:
        squares = np.einsum("ij,ij->i", self._inputs, self._inputs)
        return np.asarray((squares + math.sqrt(self.dim)) / math.sqrt(self.dim))

    @property
    def chain(self) -> int:
        """Two products along the dimension, the trace, and a few single operations."""
        return 2 * self.dim + 5

    def measure(self, matrix: Array) -> Array:
        """(x_iᵀ S x_i - Tr S)/√d."""
        squares = np.einsum("ij,ij->i", self._inputs @ matrix, self._inputs)
        return np.asarray((squares - np.trace(matrix)) / math.sqrt(self.dim))

    def measure_factor(self, factor: Array) -> Array:
        """(‖Vᵀ x_i‖² - ‖V‖²)/√d."""
        projected = self._inputs @ factor
        squares = np.einsum("ij,ij->i", projected, projected)
        return np.asarray((squares - inner(factor, factor)) / math.sqrt(self.dim))

    def adjoint(self, residual: Array) -> Array:
        """(Xᵀ diag(u) X - Σ u)/√d."""
        matrix = self._inputs.T @ (residual[:, None] * self._inputs)
        matrix.flat[:: self.dim + 1] -= residual.sum()
        matrix /= math.sqrt(self.dim)
        return np.asarray(0.5 * (matrix + matrix.T))

    def tangent(self, factor: Array) -> Tangent:
        """Products with X and X V, which is computed once."""
        return _QuadraticTangent(self._inputs, factor, self._inputs @ factor)

    @property
    def gram_work(self) -> float:
        """The Gram matrix of the scaled inputs."""
        return float(self.samples) ** 2 * self.dim

    def gram(self, scaling: Array) -> Array:
        """((x_iᵀ W x_j)² - x_iᵀ W² x_i - x_jᵀ W² x_j + Tr W²)/d with W = G Gᵀ."""
        scaled, metric = self._inputs @ scaling, scaling.T @ scaling
        products = scaled @ scaled.T
        squares = np.einsum("ij,ij->i", scaled @ metric, scaled)
        products *= products
        products -= squares[:, None]
        products -= squares[None, :]
        products += inner(metric, metric)
        products /= self.dim
        return products

    def rows(self, part: slice) -> QuadraticFeatures:
        """Some of the inputs."""
        return QuadraticFeatures(self._inputs[part])


@final
@dataclass(frozen=True, eq=False)
class _QuadraticTangent:
    inputs: Array
    factor: Array
    projected: Array

    def forward(self, change: Array) -> Array:
        products = np.einsum("ij,ij->i", self.inputs @ change, self.projected)
        return np.asarray(2 * (products - inner(change, self.factor)) / math.sqrt(self.factor.shape[0]))

    def backward(self, residual: Array) -> Array:
        pulled = self.inputs.T @ (residual[:, None] * self.projected)
        return np.asarray((pulled - residual.sum() * self.factor) / math.sqrt(self.factor.shape[0]))


@final
@dataclass(frozen=True, eq=False)
class GaussianFeatures(Design):
    """The control: symmetric Z_i given by their coordinates, in experiments independent N(0, 2/dim) each.

    Parameters
    ----------
    entries : array of shape (samples, dim (dim + 1)/2)
        Orthonormal `coordinates` of the Z_i. The real design has the same covariance: 2/d for each of them, none
        between them.

    Raises
    ------
    DomainError
        Empty, ragged or non-finite entries, or a number of columns that is no d (d + 1)/2.

    Examples
    --------
    >>> design = GaussianFeatures([[1.0, 3.0, 0.0]])
    >>> design.dim, design.measure(np.eye(2)).tolist()
    (2, [4.0])
    """

    entries: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", finite_matrix("entries", self.entries))
        columns = self._entries.shape[1]
        require(self.dim * (self.dim + 1) == 2 * columns, "entries", f"{columns} columns", "d (d + 1)/2 columns")

    @property
    def _entries(self) -> Array:
        return np.asarray(self.entries)

    @property
    def dim(self) -> int:
        """The d of d (d + 1)/2 columns."""
        return (math.isqrt(8 * self._entries.shape[1] + 1) - 1) // 2

    @property
    def samples(self) -> int:
        """Rows of the entries."""
        return int(self._entries.shape[0])

    @property
    def lengths(self) -> Array:
        """‖Z_i‖_F."""
        return self._norms

    @cached_property
    def _norms(self) -> Array:
        return np.asarray(np.linalg.norm(self._entries, axis=1))

    @property
    def chain(self) -> int:
        """One product along the coordinates."""
        return int(self._entries.shape[1]) + 5

    def measure(self, matrix: Array) -> Array:
        """One matrix-vector product."""
        return np.asarray(self._entries @ coordinates(matrix))

    def measure_factor(self, factor: Array) -> Array:
        """The same, of V Vᵀ."""
        return self.measure(factor @ factor.T)

    def adjoint(self, residual: Array) -> Array:
        """One matrix-vector product."""
        return symmetric(residual @ self._entries, self.dim)

    def tangent(self, factor: Array) -> Tangent:
        """Two matrix-vector products."""
        return _GaussianTangent(self, factor)

    @property
    def gram_work(self) -> float:
        """Two products for each Z_i, and the Gram matrix of the coordinates."""
        return float(2.0 * self.samples * self.dim**3 + float(self.samples) ** 2 * self._entries.shape[1])

    def gram(self, scaling: Array) -> Array:
        """Each Z_i is scaled, one after the other."""
        matrices = (symmetric(row, self.dim) for row in self._entries)
        scaled = np.array([coordinates(scaling.T @ matrix @ scaling) for matrix in matrices])
        return np.asarray(scaled @ scaled.T)

    def rows(self, part: slice) -> GaussianFeatures:
        """Some of the entries."""
        return GaussianFeatures(self._entries[part])


@final
@dataclass(frozen=True, eq=False)
class _GaussianTangent:
    design: GaussianFeatures
    factor: Array

    def forward(self, change: Array) -> Array:
        product = change @ self.factor.T
        return self.design.measure(product + product.T)

    def backward(self, residual: Array) -> Array:
        return np.asarray(self.design.adjoint(residual) @ self.factor)


def draw_design(
    kind: str, *, dim: int, samples: int, generator: np.random.Generator
) -> QuadraticFeatures | GaussianFeatures:
    """Draw a real design (x ~ N(0, 1_dim)) or a Gaussian one of the same covariance.

    Parameters
    ----------
    kind : {"real", "gaussian"}
        Which.
    dim, samples : int
        d and n.
    generator : numpy.random.Generator
        Where the numbers come from.

    Examples
    --------
    >>> draw_design("gaussian", dim=3, samples=2, generator=np.random.default_rng(0)).entries.shape
    (2, 6)
    """
    require(kind in KINDS, "design", kind, " or ".join(map(repr, KINDS)))
    if kind == "real":
        return QuadraticFeatures(generator.standard_normal((samples, dim)))
    entries = generator.standard_normal((samples, dim * (dim + 1) // 2))
    return GaussianFeatures(entries * math.sqrt(2 / dim))
