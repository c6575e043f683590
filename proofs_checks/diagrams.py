"""Phase diagrams as the public surface shows them: names, exponents, constants and regions as exact formulas.

The witness derives them; this is the form in which the door prints them, and in which claims and figures read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .conjectures.hints import nearest
from .errors import InputError
from .markup import conjunction, formula, table

if TYPE_CHECKING:
    import sympy as sp

    from .local_law import LocalLaw


@dataclass(frozen=True)
class PhaseRow:
    """One full-dimensional region: observable ~ constant · large^exponent · (log large)^log.

    `law` is given where that is not all of it: an exponent of -oo stands for a law that falls faster than every power. `gap` is
    the least power by which anything is known to be smaller in the whole region: corrections die no faster.
    """

    name: str
    exponent: sp.Expr
    constant: sp.Expr | None
    log: sp.Expr
    region: tuple[sp.Rel, ...]
    law: sp.Expr | None = None
    gap: float = 1.0

    def to_json(self) -> dict[str, object]:
        """Formulas in SymPy syntax; the region as a list of single strict inequalities."""
        return {
            "name": self.name,
            "exponent": told(self.exponent),
            "constant": None if self.constant is None else told(self.constant),
            "log": number(self.log),
            "region": [str(item) for item in self.region],
            **({} if self.law is None else {"law": str(self.law)}),
        }


@dataclass(frozen=True)
class BoundaryRow:
    """A set of codimension one (or more) between two phases, with the law on it where it has one of its own."""

    between: tuple[str, str]
    equation: sp.Eq
    along: tuple[sp.Rel, ...]
    continuous: bool
    exponent: sp.Expr | None
    constant: sp.Expr | None = None
    log: sp.Expr | None = None
    name: str | None = None
    law: sp.Expr | None = None

    def to_json(self) -> dict[str, object]:
        """Formulas in SymPy syntax."""
        return {
            "between": list(self.between),
            "equation": f"{self.equation.lhs} = {self.equation.rhs}",
            "along": [str(item) for item in self.along],
            "continuous": self.continuous,
            "exponent": None if self.exponent is None else told(self.exponent),
            "constant": None if self.constant is None else told(self.constant),
            "log": None if self.log is None else number(self.log),
            **({} if self.name is None else {"name": self.name}),
            **({} if self.law is None else {"law": str(self.law)}),
        }


@dataclass(frozen=True)
class Diagram:
    """A phase diagram.

    Parameters
    ----------
    theory, observable, large : str
        Whose, of what, and which parameter grows.
    plane : tuple[str, str]
        The two control exponents.
    phases, boundaries : tuples of rows
        Regions and what lies between them.
    tiles : bool
        Whether it is proved that the regions cover the plane without gap or overlap.
    notes : tuple[str, ...]
        Phases of the paper that exist on no open region, with the reason.
    parameters : Mapping[str, str]
        Parameters that were given a value.
    scaling : Mapping[str, str]
        Exponents of the large parameter in the controls, in terms of the plane.
    assumptions : tuple[str, ...]
        What the laws take for granted; it travels with verdicts that rest on them.
    """

    theory: str
    observable: str
    large: str
    plane: tuple[str, str]
    phases: tuple[PhaseRow, ...]
    boundaries: tuple[BoundaryRow, ...]
    tiles: bool
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    scaling: Mapping[str, str] = field(default_factory=dict)

    def phase(self, name: str) -> PhaseRow:
        """The phase of that name, or `InputError` with the names there are."""
        found = next((row for row in self.phases if row.name == name), None)
        if found is None:
            names = [row.name for row in self.phases]
            raise InputError("phase", name, "one of " + ", ".join(names) + nearest(name, names))
        return found

    def at(self, **point: object) -> LocalLaw:
        """The law at one point: phase, exponent and constant there, and on which side of its boundaries it lies.

        Parameters
        ----------
        **point
            The plane's two exponents and every parameter that the regions depend on, by name; numbers, or exactly
            ``"3/2"``. Parameters of the constant (`noise`) may stay symbolic.

        Returns
        -------
        LocalLaw
            Exact; ``value(large)`` is the leading term at a finite size.

        Raises
        ------
        InputError
            For an unknown name, a missing one, or a point where boundaries cross.

        Examples
        --------
        >>> import scalecheck
        >>> law = scalecheck.phases("diagonal", decay=1).at(a="3/4", b="1/10", noise=1)
        >>> law.name, law.exponent, law.constant
        ('II', -3/20, 2)

        Notes
        -----
        When this is wrong: a law is a limit; near a boundary (see ``sides``) a finite size has not chosen its phase yet.
        """
        from .local_law import law_at

        return law_at(self, point)

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        return {
            "theory": self.theory,
            "observable": self.observable,
            "large": self.large,
            "plane": list(self.plane),
            "parameters": dict(self.parameters),
            "phases": [row.to_json() for row in self.phases],
            "boundaries": [row.to_json() for row in self.boundaries],
            "tiles": self.tiles,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return "\n".join([*_phase_lines(self), "", *_boundary_lines(self.boundaries), *self.notes])

    def _repr_latex_(self) -> str:
        import sympy as sp

        rows = []
        for row in self.phases:
            region = r",\ ".join(str(sp.latex(item)) for item in row.region)
            cells = [rf"\text{{{row.name}}}", sp.latex(row.exponent), _latex(row.constant), sp.latex(row.log), region]
            rows.append(" & ".join(cells))
        return r"$\begin{array}{lllll}" + r" \\ ".join(rows) + r"\end{array}$"

    def _repr_html_(self) -> str:
        phases = [
            [row.name, formula(row.exponent), formula(row.constant), formula(row.log), conjunction(row.region)]
            for row in self.phases
        ]
        lines = [
            [
                " | ".join(row.between),
                conjunction((row.equation, *row.along)),
                "continuous" if row.continuous else "jumps",
                *(formula(item) for item in (row.exponent, row.constant, row.log)),
            ]
            for row in self.boundaries
        ]
        title = f"{self.theory}: {self.observable} ~ constant · {self.large}^exponent · log({self.large})^log"
        first = table(["phase", "exponent", "constant", "log", "region"], phases, title)
        return first + table(["between", "where", "", "exponent", "constant", "log"], lines, "boundaries")


def number(value: sp.Expr) -> int | float | str:
    """An exponent of a logarithm as a JSON number where it is one, else as a formula."""
    if getattr(value, "is_Integer", False):
        return int(value)
    return float(value) if getattr(value, "is_number", False) else str(value)


def told(value: sp.Expr | None) -> str:
    """A formula in SymPy's syntax, with exp(1) for Euler's number: E is a name that people give."""
    import sympy as sp

    from .conjectures.formula_text import formula_text

    return formula_text(value) if value is not None and value.has(sp.E) else str(value)


def _latex(value: sp.Expr | None) -> str:
    import sympy as sp

    return "-" if value is None else str(sp.latex(value))


def _phase_lines(diagram: Diagram) -> list[str]:
    told = ", ".join(f"{name} = {value}" for name, value in diagram.parameters.items())
    head = f"{diagram.theory}: {diagram.observable} ~ constant * {diagram.large}**exponent * log({diagram.large})**log"
    lines = [head + (f"   ({told})" if told else "")]
    if diagram.scaling:
        lines.append("  with " + ", ".join(f"{name} = {diagram.large}**({x})" for name, x in diagram.scaling.items()))
    lines += [line for row in diagram.phases for line in phase_lines(row)]
    tiled = "the regions cover the plane without gap or overlap: proved" if diagram.tiles else "NOT a tiling"
    return [*lines, f"  {tiled}"]


def phase_lines(row: PhaseRow) -> list[str]:
    """A phase for a terminal: its law, and where it is."""
    head = f"  {_column(row.name, 5)} exponent {told(row.exponent)},  constant {told(row.constant)},  log {row.log}"
    return [head, "        where " + (", ".join(str(item) for item in row.region) or "everywhere")]


def _boundary_lines(boundaries: Sequence[BoundaryRow]) -> list[str]:
    return [boundary_line(row) for row in boundaries]


def boundary_line(row: BoundaryRow) -> str:
    """A boundary for a terminal: between what, where, and the law on it."""
    kind = "continuous" if row.continuous else "jumps"
    law = (
        ""
        if row.exponent is None
        else f"; on it exponent {told(row.exponent)}, constant {told(row.constant)}, log {row.log}"
    )
    where = f" ({', '.join(str(item) for item in row.along)})" if row.along else ""
    return f"  {_column(' | '.join(row.between), 11)} {row.equation.lhs} = {row.equation.rhs}{where}: {kind}{law}"


def _column(name: str, width: int) -> str:
    """A name and the blanks after it: one at least where it is wider than its column."""
    return f"{name:{width}}" if len(name) <= width else f"{name} "
