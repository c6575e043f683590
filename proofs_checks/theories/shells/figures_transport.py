"""Energy in shells against time with the derived frontier, and maps of local exponents with the derived walls between regimes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from scalecheck.numerics.shells.exponent_map import exponent_map
from scalecheck.numerics.shells.transport import transport
from scalecheck.theory.shells.cases import Case
from scalecheck.theory.shells.exponents import regimes
from scalecheck.theory.shells.laws import Law
from scalecheck.theory.shells.letters import Direction, power, rate, source, time, time_power
from scalecheck.theory.shells.self_similarity import frontier

from ...figures import MapData, PanelData

Array = NDArray[np.float64]
Line = tuple[list[float], list[float]]

FAINTEST = 1e-12
"""Energy densities below this are left white."""
MAP_TIME, MAP_SIZE = 1e6, 14
"""t and points a side of the maps of exponents."""
LETTERS = {source: sp.Symbol("a"), power: sp.Symbol("b"), time_power: sp.Symbol("m"), rate: sp.Symbol("c")}


def energy_maps() -> PanelData:
    """Energy density over (t, λ) on both sides of a = 2x*, the frontier over it."""
    titles = {"4": "c = 4: a > 2x*, energy piles up at the frontier", "1/4": "c = 1/4: a < 2x*, it dissipates before"}
    return PanelData(tuple((title, _energy(sp.Rational(c))) for c, title in titles.items()))


def _energy(size: sp.Rational) -> MapData:
    """b = 2, m = 0, a = 1."""
    times = np.geomspace(0.1, 1e4, 31)
    found = transport(source=1.0, power=2.0, rate=float(size), times=times, shells=260).value
    edges = found.log_edges
    density = found.mass[1:] / np.diff(edges)
    place = frontier().subs({power: 2, rate: size})
    line = [float(place.subs(time, t)) for t in times]
    shown = (line > np.exp(edges[0])) & (np.array(line) < 1.0)
    middle = np.exp(0.5 * (edges[1:] + edges[:-1]))
    levels = np.full(density.shape, np.nan)
    levels[density > FAINTEST] = np.log10(density[density > FAINTEST])
    seen = middle > 1e-7
    return MapData(
        "time t", "eigenvalue λ", list(times), list(middle[seen]), levels.T[seen], "log₁₀ of the energy a unit of log λ",
        [(list(times[shown]), list(np.array(line)[shown]))], x_scale="log", y_scale="log", z_range=(-7.0, 0.0),
    )  # fmt: skip


def phase_map(
    direction: Direction,
    size: sp.Expr = sp.S.One,
    speed: sp.Expr = sp.S.One,
    moment: float = MAP_TIME,
    executor: Executor | None = None,
) -> MapData:
    """Numeric local exponents over (b, m) at one time, with the derived walls and the laws' names on top."""
    b = np.linspace(-1.6, 3.2, MAP_SIZE)
    m = np.linspace(-3.6, 2.6, MAP_SIZE)
    way = direction.name.lower()
    found = exponent_map(
        source=float(size), rate=float(speed), direction=way, time=moment, power=b, time_power=m, executor=executor
    ).value
    values = np.maximum(found.exponent, -99.0).T
    frame = [np.concatenate([[2 * v[0] - v[1]], v, [2 * v[-1] - v[-2]]]) for v in (b, m)]
    frame = [np.linspace(0.5 * (v[0] + v[1]), 0.5 * (v[-1] + v[-2]), MAP_SIZE) for v in frame]
    lines, labels = walls(direction, frame[0], frame[1], size, speed)
    title = f"local exponent of the loss at $t = 10^{{{np.log10(moment):.3g}}}$"
    return MapData(
        "power b of the drift  $v = \\sigma c \\lambda^b t^m$", "time-power m", list(b), list(m), values, title, lines, labels, z_range=(-2.5 * max(1.0, float(size)), 0.0)
    )  # fmt: skip


down_map, up_map = (partial(phase_map, direction) for direction in (Direction.DOWN, Direction.UP))


def walls(
    direction: Direction, b: Array, m: Array, source_value: sp.Expr = sp.S.One, rate_value: sp.Expr = sp.S.One
) -> tuple[list[Line], list[tuple[float, float, str]]]:
    """Degenerate regimes as lines, open ones as labels, at one a and c."""
    told = {source: source_value, rate: rate_value}
    lines: list[Line] = []
    labels: list[tuple[float, float, str]] = []
    for leaf in regimes(direction):
        equations = [fact.expression.subs(told) for fact in leaf.case.facts if fact.sign == 0]
        tests = _tests(leaf.case, told)
        if not equations:
            place = _middle(tests, b, m)
            if place is not None:
                labels.append((*place, _name(leaf.outcome)))
        elif len(equations) == 1 and equations[0].free_symbols:
            points = [p for p in _along(equations[0], b, m) if all(test(*p) for test in tests)]
            if len(points) > 1:
                lines.append(([x for x, _ in points], [y for _, y in points]))
    return lines, labels


def _tests(case: Case, told: dict[sp.Symbol, sp.Expr]) -> list[Callable[[float, float], bool]]:
    """The strict inequalities of a case as questions to a point of the plane."""
    plane = (power, time_power)
    return [_test(sp.lambdify(plane, f.expression.subs(told)), f.sign) for f in case.facts if f.sign]


def _test(value: Callable[[float, float], float], sign: int) -> Callable[[float, float], bool]:
    return lambda x, y: float(value(x, y)) * sign > 0


def _middle(tests: list[Callable[[float, float], bool]], b: Array, m: Array) -> tuple[float, float] | None:
    """The place in a region that is farthest from its walls and from the frame, heights counted double as names are wide."""
    x, y = np.linspace(b[0], b[-1], 60), np.linspace(m[0], m[-1], 60)
    inside = np.zeros((62, 62), dtype=bool)
    inside[1:-1, 1:-1] = [[all(test(u, v) for test in tests) for v in y] for u in x]
    if not inside.any():
        return None
    depth = distance_transform_edt(inside, sampling=(1.0, 2.0))
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return float(x[row - 1]), float(y[column - 1])


def _along(equation: sp.Expr, b: Array, m: Array) -> list[tuple[float, float]]:
    """Points on a wall, which is b = constant or affine in m, inside the window."""
    if not equation.has(time_power):
        (place,) = sp.solve(equation, power)
        return [(float(place), float(y)) for y in np.linspace(m[0], m[-1], 200)]
    height = sp.lambdify(power, -equation.subs(time_power, 0) / sp.diff(equation, time_power))
    grid = np.linspace(b[0], b[-1], 401)
    points = [(float(x), float(height(x))) for x in grid if x]
    return [(x, y) for x, y in points if m[0] <= y <= m[-1]]


def _name(law: Law) -> str:
    """Name and exponent as they are derived; only the letters are changed."""
    told = {"power": f"$t^{{{sp.latex(law.exponent.subs(LETTERS))}}}$", "plateau": "plateau"}
    words = law.name.replace(" below", "\nbelow").replace(" in ", "\nin ").replace(" to", "\nto")
    return words + "\n" + told.get(law.kind, law.kind)
