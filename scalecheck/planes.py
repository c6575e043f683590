"""What `phases FILE` returns: the phase diagram of a user's question, for people, notebooks, JSON and figures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy as sp

from scalecheck.proofs_checks.conjectures.asking import plane as plane_of
from scalecheck.proofs_checks.conjectures.asking import questions_of
from scalecheck.proofs_checks.conjectures.at_points import holds_at, law_at_point
from scalecheck.proofs_checks.conjectures.files import read_document, read_file
from scalecheck.proofs_checks.conjectures.formula_text import formula_text
from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.conjectures.planes import Plane, has_law, relations_of
from scalecheck.proofs_checks.conjectures.soundings import Sounding
from scalecheck.proofs_checks.conjectures.statements import Question, Statements
from scalecheck.proofs_checks.conjectures.strata import UnresolvedError
from scalecheck.proofs_checks.conjectures.subjects import SYSTEM, large_of
from scalecheck.proofs_checks.diagrams import Diagram, boundary_line, number, phase_lines
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.local_law import LocalLaw, exact_number
from scalecheck.proofs_checks.registry import theories

from . import exits
from .documents import plain

if TYPE_CHECKING:
    from scalecheck.proofs_checks.conjectures.pieces import Piece

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class OwnPhases:
    """The phase diagram of a question in a file of the user's own.

    Parameters
    ----------
    plane : Plane
        Regions, walls and corners with their laws, exactly.
    large : str
        The parameter that grows.
    parameters : Mapping[str, str]
        Names that were given a value.
    soundings : tuple[Sounding, ...]
        What the numbers say at points of the plane; none unless a figure was asked for.
    """

    plane: Plane
    large: str
    parameters: Mapping[str, str]
    soundings: tuple[Sounding, ...] = ()

    @cached_property
    def diagram(self) -> Diagram:
        """The rows, as of a theory's diagram."""
        return self.plane.diagram(self.large, self.parameters)

    def at(self, **point: object) -> LocalLaw:
        """The law at one point, as of a theory's diagram: every name that regions depend on, by name."""
        if not self.plane.regions:
            raise InputError("at", ",".join(point), f"nothing: there is no diagram ({self.plane.reason})")
        corner = self._corner_at({name: exact_number(name, value) for name, value in point.items()})
        return self.diagram.at(**point) if corner is None else corner

    def _corner_at(self, point: Mapping[str, sp.Rational]) -> LocalLaw | None:
        """The law of a corner, where walls cross; None at a point that is none."""
        for piece in self.plane.corners:
            if holds_at(piece.stratum, point):
                told = {**self.parameters, **{name: str(value) for name, value in point.items()}}
                place = self.plane.question.place
                exponent, constant, log = law_at_point(piece, point)
                return LocalLaw(place.theory, place.observable, self.large, told, "corner", exponent, constant, log)
        return None

    @property
    def contradicted(self) -> bool:
        """Whether numbers contradict a law."""
        return any(item.outcome is Outcome.FAILS for item in self.soundings)

    @property
    def exit_status(self) -> int:
        """0 if every region, wall and corner has a law, 1 if numbers contradict one, else 3."""
        if self.contradicted:
            return exits.REFUTED
        return exits.HOLDS if self.plane.complete else exits.UNDECIDED

    def to_json(self) -> dict[str, Any]:
        """The document of the command line's ``--json``: that of a theory's diagram, and what a question has beside it."""
        plane = self.plane
        found: dict[str, Any] = plain({
            "question": plane.question.id,
            **self.diagram.to_json(),
            "plane": list(plane.axes),
            "range": [link.text() for link in plane.question.where],
            "without_law": [self._without(r.piece, r.name) for r in plane.regions if not has_law(r.piece)],
            "corners": [self._corner(piece) for piece in plane.corners],
            "numbers": [item.to_json() for item in self.soundings],
            "assumptions": list(plane.assumptions),
            "reason": plane.reason,
        })  # fmt: skip
        for row, wall in zip(found["boundaries"], plane.walls, strict=True):
            row["reason"] = "" if has_law(wall.piece) else wall.piece.reason
        return found

    def _without(self, piece: Piece, name: str) -> dict[str, object]:
        region = [str(item) for item in relations_of(piece.stratum, self.plane.axes)]
        return {"name": name, "region": region, "reason": piece.reason}

    def _corner(self, piece: Piece) -> dict[str, object]:
        told: dict[str, object] = {"where": piece.stratum.describe()}
        law, shown = piece.law, piece.stratum.shown
        if law is None or law.exponent is None:
            return {**told, "exponent": None, "constant": None, "log": None, "reason": piece.reason}
        constant = None if law.constant is None else formula_text(shown(law.constant))
        return {
            **told,
            "exponent": formula_text(shown(law.exponent)),
            "constant": constant,
            "log": number(shown(law.log)),
        }

    def to_text(self) -> str:
        """For a terminal, as of a theory's diagram."""
        plane, place = self.plane, self.plane.question.place
        told = ", ".join(f"{name} = {value}" for name, value in self.parameters.items())
        law = f"{place.observable} ~ constant * {self.large}**exponent * log({self.large})**log"
        lines = [f"{plane.question.id} of {place.theory}: {law}" + (f"   ({told})" if told else "")]
        if place.path:
            lines.append("  with " + ", ".join(f"{name} = {_bare(node.text())}" for name, node in place.path.items()))
        if plane.reason:
            return "\n".join([*lines, f"  {plane.reason}"])
        lines.append(f"  in the plane of {', '.join(plane.axes)}" if len(plane.axes) > 1 else f"  over {plane.axes[0]}")
        for row in self.diagram.phases:
            law, where = phase_lines(row)
            below = row.exponent.is_finite is False
            told = "falls faster than every power" if row.exponent == -sp.oo else "grows faster than every power"
            lines += [f"  {row.name:5} {told}" if below else law, where]
        for region in plane.regions:
            if not has_law(region.piece):
                lines += [f"  {region.name}: {region.piece.reason}", f"        where {region.stratum.describe()}"]
        if not plane.notes:
            lines.append("  regions, walls and corners cover the range without gap or overlap: divided exactly")
        return "\n".join([*lines, "", *self._thin_lines(), *self._last_lines()])

    def _thin_lines(self) -> list[str]:
        """Walls and corners."""
        lines = []
        for row, wall in zip(self.diagram.boundaries, self.plane.walls, strict=True):
            known = wall.continuous is not None
            line = boundary_line(row) if known else boundary_line(row).replace(": jumps", "", 1)
            lines.append(line + ("" if has_law(wall.piece) else f"; {wall.piece.reason}"))
        for corner in (self._corner(piece) for piece in self.plane.corners):
            law = "; ".join(f"{name} {corner[name]}" for name in ("exponent", "constant", "log"))
            lines.append(f"  corner {corner['where']}: {corner.get('reason') or law.replace('; ', ', ')}")
        return lines

    def _last_lines(self) -> list[str]:
        told = [f"assuming: {text}" for text in self.plane.assumptions]
        lines = [*self.plane.notes, *self._numbers(), *told]
        return [
            part for text in lines for part in textwrap.wrap(text, 108, initial_indent="  ", subsequent_indent="    ")
        ]

    def _numbers(self) -> list[str]:
        """What the numbers say, point by point where they do not agree."""
        if not self.soundings:
            return []
        agreed = sum(item.outcome is Outcome.HOLDS for item in self.soundings)
        lines = [f"numbers: agree at {agreed} of {len(self.soundings)} points"]
        lines += [_sounding_line(item) for item in self.soundings if item.outcome is not Outcome.HOLDS]
        heard = {item.name for item in self.soundings}
        names = [*(r.name for r in self.plane.regions), *(" | ".join(w.between) for w in self.plane.walls)]
        unheard = [name for name in dict.fromkeys(names) if name not in heard]
        return lines + ([f"numbers: not heard on {', '.join(unheard)}"] if unheard else [])

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from scalecheck.proofs_checks.markup import table

        if self.plane.reason:
            return table([""], [[self.plane.reason]], self.plane.question.id)
        return self._picture() + self.diagram._repr_html_()

    def _picture(self) -> str:
        """The figure for a notebook; nothing where names are free beside the plane, or a wall cannot be drawn."""
        from .drawing import svg

        try:
            return svg(self.figure(), self.plane.question.id)
        except (InputError, UnresolvedError):
            return ""

    def with_numbers(self, progress: Progress | None = None) -> OwnPhases:
        """The same with the numeric witness heard at points of every region and wall."""
        from scalecheck.proofs_checks.conjectures.soundings import soundings

        return replace(self, soundings=soundings(self.plane, progress))

    def figure(self, window: Mapping[str, tuple[Any, Any]] | None = None) -> Any:
        """The Matplotlib figure: regions with their laws, walls, and the numbers that there are."""
        from scalecheck.proofs_checks.conjectures.plane_maps import figure_of

        from .drawing import draw

        return draw(figure_of(self.plane, self.large, self.soundings, window))


def own_phases(
    file: str | Path | Mapping[str, Any],
    question: str | None,
    plane: str | Sequence[str] | None,
    plot: str | Path | None,
    progress: Progress | None,
    given: Mapping[str, object],
    elsewhere: Mapping[str, object],
) -> OwnPhases:
    """The phase diagram of one question, or of what a conjecture is about; with `plot` the numbers are heard, and it is drawn.

    `elsewhere` are options that theories have and files have not: none of them may be given.
    """
    from .drawing import check_format, save

    if not isinstance(file, str | Path | Mapping):
        raise InputError("theory", file, "the name of a theory, the path of a conjecture file, or a mapping")
    for name, value in elsewhere.items():
        if value is not None:
            raise InputError(
                name, value, "nothing beside a file: numbers at its points are computed here, at scales of their own"
            )
    if plot is not None:
        check_format(Path(plot))
    statements = read_document(file, asking=True) if isinstance(file, Mapping) else read_file(file, asking=True)
    asked = _asked(statements, question)
    axes = [] if plane is None else [name.strip() for name in (plane.split(",") if isinstance(plane, str) else plane)]
    parameters = {name: str(value).strip() for name, value in given.items() if value is not None}
    found = OwnPhases(plane_of(asked, statements.systems, axes, parameters), _large(asked, statements), parameters)
    if plot is None or not found.plane.regions:
        return found
    from scalecheck.proofs_checks.conjectures.plane_maps import figure_of

    figure_of(found.plane, found.large)  # what cannot be drawn is said before numbers are computed
    heard = found.with_numbers(progress)
    save(figure_of(heard.plane, heard.large, heard.soundings), Path(plot))
    return heard


def _sounding_line(item: Sounding) -> str:
    """What the numbers say at a point at which they do not agree."""
    where = ", ".join(f"{name} = {v}" for name, v in item.point.items() if not name.startswith("_"))
    kind = "contradicted" if item.outcome is Outcome.FAILS else "cannot tell"
    measured = "" if item.measured is None else f", measured {item.measured:.4g}, derived {item.law:.4g}"
    return f"numbers: {item.name}: {kind} at {where}{measured}" + (f": {item.note}" if item.note else "")


def _bare(text: str) -> str:
    """A formula without the brackets around the whole of it."""
    inner = text[1:-1]
    whole = text.startswith("(") and text.endswith(")") and all(
        inner[:k].count("(") >= inner[:k].count(")") for k in range(len(inner) + 1)
    )  # fmt: skip
    return inner if whole else text


def _asked(statements: Statements, question: str | None) -> Question:
    found = {item.id: item for item in questions_of(statements)}
    if question is None and len(statements.questions) == 1:
        return statements.questions[0]
    if question is None and len(found) == 1:
        return next(iter(found.values()))
    if question not in found:
        raise InputError("question", question, "one of " + ", ".join(found) + nearest(question, list(found)))
    return found[str(question)]


def _large(question: Question, statements: Statements) -> str:
    name = question.place.theory
    if name.startswith(SYSTEM):
        return statements.systems[name.removeprefix(SYSTEM)].large
    return large_of(theories()[name])
