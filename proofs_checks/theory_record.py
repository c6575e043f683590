"""A theory is one record: its controls, what it can derive, solve and draw, and the claims it stands trial for.

A record is light: it names its functions and imports them when they are called, so that `--help` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .claims import Claim
from .conjectures.hints import nearest
from .controls import Control, Value
from .diagrams import Diagram
from .errors import InputError
from .figures import FigurePlan, MapData
from .spectra import Spectrum

Point = Mapping[str, Value]


@dataclass(frozen=True)
class Convention:
    """One line of the normalisations: symbol in LaTeX, name in the code, meaning with its formula."""

    letter: str
    name: str
    meaning: str


@dataclass(frozen=True)
class Scaling:
    """How controls go with the large parameter, for conjectures: ``{"samples": "a + 1"}`` says samples = large**(a + 1).

    Parameters
    ----------
    exponents : Mapping[str, str]
        For every control that moves in the plane of the phase diagram, the exponent of the large parameter in it, affine in
        the plane's symbols; of each symbol one control.
    words : Mapping[str, Mapping[str, int]]
        For controls that are words, the numbers that stand for them in regions.
    large : str
        The large parameter; that of the phase diagram, here so that a file can be read without deriving anything.
    held : tuple[str, ...]
        Controls that the laws hold at the value that follows from the others only: a conjecture cannot set them.
    """

    exponents: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    large: str = ""
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class Theory:
    """Everything scalecheck knows of one theory.

    Parameters
    ----------
    name, title : str
        As on the command line; a line for people.
    kind : str
        The key under which `name` stands in JSON, ``"network"`` for networks.
    controls : tuple[Control, ...]
        With their domains.
    observables : Mapping[str, str]
        Name and meaning of what can be asked for.
    derive : callable
        Returns the derivations of the symbolic witness, in order.
    claims : callable
        Returns the ledger.
    references : tuple[str, ...]
        BibTeX keys.
    solve, simulate : callable, optional
        The numeric witness at one point: ``solve(**point) -> Solution``, ``simulate(runs=, seed=, **point)``.
    solve_many : callable, optional
        ``solve_many(points) -> list of Solution``: what `solve` says at each, where several points cost less together.
    phases, phase_map : callable, optional
        ``phases(**parameters) -> Diagram`` from the symbolic witness, parameters as exact text or left out;
        ``phase_map(dim, **parameters) -> MapData``, numeric local exponents below it. It and `simulate` may take a keyword
        `executor`, to whose `map` they give independent pieces of their work: then it runs on every core, or on a cluster.
    phase_parameters : Mapping[str, str]
        Parameters of the diagram that may be given a value, with the value the map takes if none is given.
    spectrum : callable, optional
        ``spectrum(**point) -> Spectrum`` of what was learned at one point.
    certify : callable, optional
        ``certify(**point) -> dict``: a certificate of one point, its controls as numbers or exact text.
    figures : callable, optional
        Returns plans of figures for the report.
    check_point : callable, optional
        Raises `InputError` where a combination of controls is not covered (such as p < d).
    bibliography : Mapping[str, str]
        BibTeX entries by key, for what the house's bibliography does not hold.
    command : str
        The command that solves at one point, ``"solve"`` unless the theory has one of its own.
    scaling : Scaling
        How controls go with the large parameter of the phase diagram; without it none can lie on a path.
    families : tuple[str, ...]
        With what the ids of its claims begin, such as ``"N7.diagonal"``; the claims of a theory that names them are made
        only where one of these is asked for.
    located_by : tuple[str, ...]
        What a point of the diagram is located by, the parameters among them that may be given a value before: `phases`
        with a point refuses one without these before anything is derived.
    phase_names : callable, optional
        The labels of the phases, without deriving them; without it a wrong one is told after the derivation.
    """

    name: str
    title: str
    controls: tuple[Control, ...]
    observables: Mapping[str, str]
    conventions: tuple[Convention, ...]
    derive: Callable[[], Sequence[Any]]
    claims: Callable[[], Sequence[Claim]]
    references: tuple[str, ...]
    kind: str = "network"
    solve: Callable[..., Any] | None = None
    solve_many: Callable[[Sequence[Point]], Sequence[Any]] | None = None
    simulate: Callable[..., Any] | None = None
    phases: Callable[..., Diagram] | None = None
    phase_map: Callable[..., MapData] | None = None
    phase_parameters: Mapping[str, str] = field(default_factory=dict)
    spectrum: Callable[..., Spectrum] | None = None
    certify: Callable[..., dict[str, Any]] | None = None
    figures: Callable[[], Sequence[FigurePlan]] | None = None
    check_point: Callable[[Point], None] | None = None
    bibliography: Mapping[str, str] = field(default_factory=dict)
    command: str = "solve"
    scaling: Scaling = field(default_factory=Scaling)
    families: tuple[str, ...] = ()
    located_by: tuple[str, ...] = ()
    phase_names: Callable[[], Sequence[str]] | None = None

    def point(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Check `given` against the domains and fill in defaults.

        Raises
        ------
        InputError
            For an unknown name, a missing one, or a value outside its domain.
        """
        known = {control.name: control for control in self.controls}
        for name, value in given.items():
            if name not in known:
                raise InputError(name, value, f"a control of {self.name}: {', '.join(known)}" + nearest(name, known))
        point: dict[str, Value] = {}
        for name, control in known.items():
            value = given.get(name)
            if value is None and control.follows is not None:
                value = control.follows(point)
            if value is None and control.default is None:
                raise InputError(name, None, f"{control.domain.describe()} (required by {self.name})")
            point[name] = control.domain.parse(name, control.default if value is None else value)
        if self.check_point is not None:
            self.check_point(point)
        return point
