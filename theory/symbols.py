"""The symbols of theory.md, one a name, the same in every formula, and how they print.

The name of a symbol is the name of the control on the command line, so a formula can be read, evaluated and
parsed without a dictionary. LaTeX prints the letter of the papers.
"""

from __future__ import annotations

import sympy as sp

dim = sp.Symbol("dim", positive=True)
"""Input dimension d."""
samples = sp.Symbol("samples", positive=True)
"""Number of samples n."""
width = sp.Symbol("width", positive=True)
"""Hidden width p of the quadratic network."""
weight_decay = sp.Symbol("weight_decay", positive=True)
"""Weight decay λ of the network (never the LASSO's Λ)."""
decay = sp.Symbol("decay", positive=True)
"""Decay γ of the teacher, θ*_k = k^{-γ}; theory.md asks for γ > 1/2."""
noise = sp.Symbol("noise", nonnegative=True)
"""Label noise Δ, a variance."""
noise_level = sp.Symbol("noise_level", positive=True)
"""Effective noise τ of the state equations."""
threshold = sp.Symbol("threshold", positive=True)
"""Soft threshold t."""
threshold_ratio = sp.Symbol("threshold_ratio", positive=True)
"""α = t/τ."""
penalty = sp.Symbol("penalty", positive=True)
"""The penalty Λ of the convex problem: λ√d for the diagonal network, λ√(pd) for the quadratic one."""
a = sp.Symbol("a", real=True)
"""Exponent of the effective samples: u = dim**a."""
b = sp.Symbol("b", real=True)
"""Exponent of the weight decay: λ = dim**b."""

LATEX_NAMES: dict[sp.Symbol, str] = {
    dim: "d",
    samples: "n",
    width: "p",
    weight_decay: r"\lambda",
    decay: r"\gamma",
    noise: r"\Delta",
    noise_level: r"\tau",
    threshold: "t",
    threshold_ratio: r"\alpha",
    penalty: r"\Lambda",
}


def latex(expression: sp.Basic) -> str:
    """LaTeX of `expression` in the letters of the papers.

    Examples
    --------
    >>> latex(noise * dim / samples)
    '\\\\frac{d \\\\Delta}{n}'
    """
    names = {symbol: _upright(symbol.name) for symbol in expression.free_symbols if len(symbol.name) > 1}
    by_name = {known.name: letter for known, letter in LATEX_NAMES.items()}
    letters = {symbol: by_name.get(symbol.name, word) for symbol, word in names.items()}
    return str(sp.latex(expression, symbol_names=letters))


WORDS = {
    "excess_risk": "R",
    "degrees_of_freedom": r"\mathrm{dof}",
    "atom": r"\theta^*",
    "slope": "g",
    "sign": r"\sigma",
    "capacity": r"\alpha",
    "ridge": r"\lambda",
    "effective_ridge": r"\kappa",
}
"""Letters for quantities that are no controls."""


def _upright(name: str) -> str:
    """A word as one upright symbol, not as a product of italics; theta_k and the like are left to SymPy."""
    if name in WORDS:
        return WORDS[name]
    head, _, tail = name.partition("_")
    if len(tail) == 1 or head in ("theta", "x", "C"):
        return str(sp.latex(sp.Symbol(name)))
    return r"\mathrm{" + name.replace("_", r"\ ") + "}"
