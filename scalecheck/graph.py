"""The graph of claims as an SVG in the manner of a blueprint: who rests on whom, how it is known, how firm it is."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Mapping, Sequence

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
    below = _foundations(hearings)
    depth: dict[str, int] = {}

    def visit(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            raise ValueError(f"claims rest on each other in a circle: {' -> '.join([*path, name])}")
        if name not in depth:
            depth[name] = 1 + max((visit(other, (*path, name)) for other in below[name]), default=-1)
        return depth[name]

    for name in below:
        visit(name, ())
    return depth


def claim_graph(hearings: Sequence[Hearing], groups: Mapping[str, str] | None = None) -> str:
    """An SVG element: a block a group, in it a column a layer; every box links to the claim's section of the page.

    Parameters
    ----------
    groups : Mapping[str, str], optional
        Name of the group, the theory, by claim id; one group without a name by default.
    """
    known, edges = standings(hearings), direct(_foundations(hearings))
    layers(hearings)  # refuses circles
    named = groups or {}
    place, titles = _places(hearings, named, edges)
    width = max((x for x, _ in place.values()), default=0) + WIDTH + 2
    height = max((y for _, y in place.values()), default=0) + HEIGHT + 2
    lines = [_edge(place, other, name, named) for name, others in edges.items() for other in others]
    boxes = [_box(hearing, known[hearing.claim.id], *place[hearing.claim.id]) for hearing in hearings]
    heads = [f'<text class="group" x="1" y="{y}">{html.escape(title)}</text>' for title, y in titles]
    head = f'<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="graph of claims">'
    return "\n".join([head, HATCH, *lines, *heads, *boxes, "</svg>"])


def _foundations(hearings: Sequence[Hearing]) -> dict[str, tuple[str, ...]]:
    heard = {hearing.claim.id for hearing in hearings}
    return {item.claim.id: tuple(name for name in item.claim.rests_on if name in heard) for item in hearings}


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
    hearings: Sequence[Hearing], groups: Mapping[str, str], edges: Mapping[str, Sequence[str]]
) -> tuple[Places, list[tuple[str, int]]]:
    """Corners of the boxes, block under block, and the titles of the blocks with their heights."""
    blocks: dict[str, list[Hearing]] = defaultdict(list)
    for hearing in hearings:
        blocks[groups.get(hearing.claim.id, "")].append(hearing)
    place: Places = {}
    titles, top = [], 1
    for title, members in blocks.items():
        if title:
            titles.append((title, top + 14))
            top += TITLE
        place |= _block(layers(members), edges, place, top)
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
    name = html.escape(hearing.claim.id)
    title = html.escape(f"{hearing.claim.title}: {standing.describe()}")
    kinds = f"known-{standing.known} by-{standing.evidence}" + (" whole" if standing.whole else "")
    box = f'x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"'
    hatch = f'<rect class="taint" {box}/>' if standing.tainted_by else ""
    squeezed = f' textLength="{WIDTH - 10}" lengthAdjust="spacingAndGlyphs"' if len(name) > LONG else ""
    return (
        f'<a href="#{name}"><g class="box {kinds}{" tainted" if standing.tainted_by else ""}"><title>{title}</title>'
        f'<rect class="face" {box}/>{hatch}'
        f'<text x="{x + WIDTH / 2}" y="{y + HEIGHT / 2 + 4}" text-anchor="middle"{squeezed}>{name}</text></g></a>'
    )


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
    ]
    parts = []
    for index, (kinds, told) in enumerate(signs):
        x, y = 1 + index % 5 * 196, 1 + index // 5 * 28
        hatch = f'<rect class="taint" x="{x}" y="{y}" width="28" height="18" rx="4"/>' if kinds == "tainted" else ""
        face = f'<rect class="face" x="{x}" y="{y}" width="28" height="18" rx="4"/>'
        parts.append(f'<g class="box {kinds}">{face}{hatch}<text x="{x + 36}" y="{y + 13}">{told}</text></g>')
    return f'<svg class="graph" viewBox="0 0 990 58" width="990" role="img" aria-label="legend">{HATCH}{"".join(parts)}</svg>'
