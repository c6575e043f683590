"""Formulas as text that can be read again: Euler's number is exp(1), since everybody's irreducible loss is called E."""

from __future__ import annotations

import sympy as sp
from sympy.printing.str import StrPrinter


class _Printer(StrPrinter):  # type: ignore[misc]
    """SymPy's own, in the functions of the grammar."""

    def _print_Exp1(self, _: sp.Expr) -> str:
        return "exp(1)"

    def _print_Max(self, expression: sp.Expr) -> str:
        return f"max({self.stringify(expression.args, ', ')})"

    def _print_Min(self, expression: sp.Expr) -> str:
        return f"min({self.stringify(expression.args, ', ')})"


def formula_text(expression: sp.Basic) -> str:
    """An expression in the letters and functions of a user's file.

    Examples
    --------
    >>> E, s = sp.symbols("E s", positive=True)
    >>> formula_text(E * (1 + sp.E) * sp.Max(s, 1)), formula_text(sp.exp(-s) / sp.E)
    ('E*(1 + exp(1))*max(1, s)', 'exp(-1)*exp(-s)')
    """
    return str(_Printer().doprint(expression))
