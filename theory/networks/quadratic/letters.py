"""Symbols of the quadratic network; those it shares with the diagonal one are in `theory.symbols`.

σ is always the *standard deviation* of the semicircle in Y = S* ⊞ semicircle: its edge without a teacher is at 2σ.
"""

from __future__ import annotations

import sympy as sp

spread = sp.Symbol("spread", positive=True)
"""σ, standard deviation of the semicircle law of τG; σ² = τ²d/2 (deterministic) or τ²(d+1)/2 (finite d)."""
spike = sp.Symbol("spike", positive=True)
"""s, one eigenvalue of the teacher S*; s_k = √d k^{-γ}."""
eigenvalue = sp.Symbol("eigenvalue", real=True)
"""y, an eigenvalue of Y = S* + τG."""
