"""The graph of claims as an SVG in the manner of a blueprint: who rests on whom, how it is known, how firm it is."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from scalecheck.proofs_checks.court import Hearing

from .standing import Standing, standings

WIDTH, HEIGHT, GAP_X, GAP_Y = 200, 24, 44, 7
LONG = 28
"""Letters of an id that fit into a box; longer ones are squeezed."""
TITLE = 26
"""Height of the title of a block."""
ROWS = 30
"""Boxes in a column: a layer with more is broken."""
HATCH = (
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>'
)

Places = dict[str, tuple[int, int]]


def layers(hearings: Sequence[Hearing]) -> dict[str, int]:
    """Depth of every claim: one more than the deepest claim it rests on; claims that were not heard do not count.

    Raises
    ------
    ValueError
        If claims rest on each other in a circle.
    """
    return _depths(_foundations(hearings), {hearing.claim.id for hearing in hearings})


def _depths(below: Mapping[str, Sequence[str]], members: Collection[str]) -> dict[str, int]:
    """Depth of every member; what is not a member does not count."""
    depth: dict[str, int] = {}

    def visit(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            raise ValueError(f"claims rest on each other in a circle: {' -> '.join([*path, name])}")
        if name not in depth:
            under = (visit(other, (*path, name)) for other in below[name] if other in members)
            depth[name] = 1 + max(under, default=-1)
        return depth[name]

    for name in below:
        if name in members:
            visit(name, ())
    return depth


def claim_graph(hearings: Sequence[Hearing], groups: Mapping[str, str] | None = None) -> str:
    """An SVG element: a block a group, in it a column a layer; every box links to the claim's section of the page.

    What a claim rests on and this run did not hear has no section: it is an empty box without a link.

    Parameters
    ----------
    groups : Mapping[str, str], optional
        Name of the group, the theory, by claim id; one group without a name by default.
    """
    known, below = standings(hearings), _foundations(hearings)
    edges = direct(below)
    _depths(below, below)  # refuses circles
    named = groups or {}
    place, titles = _places(below, named, edges)
    width = max((x for x, _ in place.values()), default=0) + WIDTH + 2
    height = max((y for _, y in place.values()), default=0) + HEIGHT + 2
    lines = [_edge(place, other, name, named) for name, others in edges.items() for other in others]
    boxes = [_box(hearing, known[hearing.claim.id], *place[hearing.claim.id]) for hearing in hearings]
    boxes += [_outside(name, *place[name]) for name in below if name not in known]
    heads = [f'<text class="group" x="1" y="{y}">{html.escape(title)}</text>' for title, y in titles]
    head = f'<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="graph of claims">'
    return "\n".join([head, HATCH, *lines, *heads, *boxes, "</svg>"])


def _foundations(hearings: Sequence[Hearing]) -> dict[str, tuple[str, ...]]:
    """What every claim rests on; what was not heard stands first, on nothing."""
    heard = {hearing.claim.id: hearing.claim.rests_on for hearing in hearings}
    outside = dict.fromkeys(name for under in heard.values() for name in under if name not in heard)
    return {name: () for name in outside} | heard


def direct(below: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Without the edges that a longer way already shows.

    Examples
    --------
    >>> direct({"a": (), "b": ("a",), "c": ("a", "b")})
    {'a': (), 'b': ('a',), 'c': ('b',)}
    """
    reach: dict[str, set[str]] = {}

    def under(name: str) -> set[str]:
        if name not in reach:
            reach[name] = set(below[name]).union(*(under(other) for other in below[name]))
        return reach[name]

    def longer(name: str, other: str) -> bool:
        return any(other in under(between) for between in below[name])

    return {name: tuple(other for other in others if not longer(name, other)) for name, others in below.items()}


def _places(
    below: Mapping[str, Sequence[str]], groups: Mapping[str, str], edges: Mapping[str, Sequence[str]]
) -> tuple[Places, list[tuple[str, int]]]:
    """Corners of the boxes, block under block, and the titles of the blocks with their heights."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for name in below:
        blocks[groups.get(name, "")].append(name)
    place: Places = {}
    titles, top = [], 1
    for title, members in blocks.items():
        if title:
            titles.append((title, top + 14))
            top += TITLE
        place |= _block(_depths(below, set(members)), edges, place, top)
        top = max(y for _, y in place.values()) + HEIGHT + 3 * GAP_Y
    return place, titles


def _block(depth: Mapping[str, int], edges: Mapping[str, Sequence[str]], above: Places, top: int) -> Places:
    """One block: a column a layer, in the order of what the claims rest on, so that few edges cross.

    A layer of many claims is broken into columns of at most `ROWS`.
    """
    columns: dict[int, list[str]] = defaultdict(list)
    for name, level in depth.items():
        columns[level].append(name)
    place: Places = {}
    column = 0
    for level in sorted(columns):
        known = above | place
        heights = {name: [known[other][1] for other in edges[name] if other in known] for name in columns[level]}
        ordered = sorted(columns[level], key=lambda name: sum(heights[name]) / max(1, len(heights[name])))
        needed = -(-len(ordered) // ROWS)
        rows = -(-len(ordered) // needed)
        for index, name in enumerate(ordered):
            x = 1 + (column + index // rows) * (WIDTH + GAP_X)
            place[name] = x, top + index % rows * (HEIGHT + GAP_Y)
        column += needed
    return place


def _edge(place: Places, start: str, end: str, groups: Mapping[str, str]) -> str:
    (x1, y1), (x2, y2) = place[start], place[end]
    left, right = x1 + WIDTH, x2
    first, last = y1 + HEIGHT / 2, y2 + HEIGHT / 2
    middle = (left + right) / 2 if right > left else left + GAP_X
    kind = "edge" if groups.get(start) == groups.get(end) else "edge across"
    return f'<path class="{kind}" d="M{left},{first} C{middle},{first} {min(middle, right - GAP_X / 2)},{last} {right},{last}"/>'


def _box(hearing: Hearing, standing: Standing, x: int, y: int) -> str:
    """Border: how the statement is known. Fill: the evidence, darker if whole, hatched if something below is not sound."""
    title = html.escape(f"{hearing.claim.title}: {standing.describe()}")
    kinds = f"known-{standing.known} by-{standing.evidence}" + (" whole" if standing.whole else "")
    hatch = f'<rect class="taint" {_frame(x, y)}/>' if standing.tainted_by else ""
    tainted = " tainted" if standing.tainted_by else ""
    face = f'<g class="box {kinds}{tainted}"><title>{title}</title><rect class="face" {_frame(x, y)}/>{hatch}'
    return f'<a href="#{html.escape(hearing.claim.id)}">{face}{_name(hearing.claim.id, x, y)}</g></a>'


def _outside(name: str, x: int, y: int) -> str:
    """A claim that was not heard: nothing is known of it here, and there is nothing to go to."""
    face = f'<g class="box outside"><title>not in this run</title><rect class="face" {_frame(x, y)}/>'
    return f"{face}{_name(name, x, y)}</g>"


def _frame(x: int, y: int) -> str:
    return f'x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"'


def _name(name: str, x: int, y: int) -> str:
    squeezed = f' textLength="{WIDTH - 10}" lengthAdjust="spacingAndGlyphs"' if len(name) > LONG else ""
    middle = f'x="{x + WIDTH / 2}" y="{y + HEIGHT / 2 + 4}"'
    return f'<text {middle} text-anchor="middle"{squeezed}>{html.escape(name)}</text>'


def legend() -> str:
    """The signs of the graph, as boxes of its own making."""
    signs = [
        ("known-literature", "stated in the literature"),
        ("known-derived", "derived here"),
        ("known-conjectured", "conjectured"),
        ("by-numerical", "numerical"),
        ("by-certified", "certified"),
        ("by-exact", "exact"),
        ("by-exact whole", "darker: all below as firm"),
        ("by-refuted", "refuted"),
        ("by-undecided", "undecided"),
        ("tainted", "rests on such a claim"),
        ("outside", "not in this run"),
    ]
    parts = []
    for index, (kinds, told) in enumerate(signs):
        x, y = 1 + index % 5 * 196, 1 + index // 5 * 28
        hatch = f'<rect class="taint" x="{x}" y="{y}" width="28" height="18" rx="4"/>' if kinds == "tainted" else ""
        face = f'<rect class="face" x="{x}" y="{y}" width="28" height="18" rx="4"/>'
        parts.append(f'<g class="box {kinds}">{face}{hatch}<text x="{x + 36}" y="{y + 13}">{told}</text></g>')
    return f'<svg class="graph" viewBox="0 0 990 86" width="990" role="img" aria-label="legend">{HATCH}{"".join(parts)}</svg>'
