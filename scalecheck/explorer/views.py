"""The explorer's words: what a person reads about the phases and about a point, as HTML with MathML, everything else escaped.

MathML is drawn by the browser itself: no script, no font, no network.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.markup import mathml

from ..drawing import PALETTE
from .model import Chart, numbers
from .regions import symbols_of, values_for

if TYPE_CHECKING:
    from scalecheck.proofs_checks.diagrams import PhaseRow
    from scalecheck.proofs_checks.theory_record import Theory

    from .model import Values
    from .points import Law, Learned, Place, Solved

LONG = 260
"""Characters of LaTeX beyond which a formula says nothing at a glance; its value stands beside it."""
LENGTHY, INTEGRAL = "a long formula", "an integral"
WITHHELD = (LENGTHY, INTEGRAL)
"""What stands where a formula is not shown."""
NEAR = 0.15
"""A boundary closer than this in the exponent still shows in the numbers at the sizes that can be reached."""


def letters(record: Theory) -> dict[str, str]:
    """The field's letters for the names in formulas, from the controls: ``decay`` is γ."""
    return {control.name: control.letter for control in record.controls}


def formula(value: Any, names: Mapping[str, str]) -> str:
    """A SymPy object as MathML in the field's letters, or a dash."""
    import sympy as sp

    if value is None:
        return "–"
    if value.has(sp.Integral):
        return INTEGRAL  # SymPy may take for ever over its value
    told = {s: names[s.name] for found in symbols_of([value]).values() for s in found if s.name in names}
    latex = sp.latex(value, symbol_names=told)
    return mathml(latex) if len(latex) <= LONG else LENGTHY


def leading(record: Theory, chart: Chart, row: PhaseRow) -> str:
    """observable ~ constant · large^exponent · log^power, for symbolic parameters."""
    import sympy as sp

    diagram, names = chart.diagram, letters(record)
    large = sp.Symbol(diagram.large, positive=True)
    if row.law is not None and not row.exponent.is_finite:
        return f"{html.escape(diagram.observable)} ~ {formula(row.law, names)}"
    power = formula(large**row.exponent * sp.log(large) ** row.log, names)
    constant = "" if row.constant is None or row.constant == 1 else formula(row.constant, names)
    shown = "constant" if constant in WITHHELD else constant
    return f"{html.escape(diagram.observable)} ~ {shown} {'' if power == formula(sp.S.One, names) and shown else power}"


def at_values(record: Theory, values: Values, expression: Any) -> str:
    """An expression at the values of the knobs: a short number where it is one, else a formula in what is left."""
    if expression is None:
        return "–"
    placed = expression.subs(values_for([expression], numbers(record, values)))
    if placed.is_number and placed.is_finite:
        return html.escape(f"{float(placed):.5g}")
    if placed.is_number:
        return "−∞" if placed.is_negative else "–"
    return formula(placed, letters(record))


def tip(record: Theory, chart: Chart, values: Values, row: PhaseRow) -> str:
    """What hovers over a region: its name, its law, and its numbers at the chosen parameters."""
    rows = [("exponent", at_values(record, values, row.exponent)), ("constant", _constant(record, values, row))]
    if row.log != 0:
        rows.append(("power of the logarithm", at_values(record, values, row.log)))
    body = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    head = f"<b>{html.escape(row.name)}</b> &nbsp; {leading(record, chart, row)}"
    return f'<div style="font-size:14px;max-width:380px">{head}<table>{body}</table></div>'


def _constant(record: Theory, values: Values, row: PhaseRow) -> str:
    """The constant as a number; an integral that has no closed form is left to the click, which has all controls."""
    if row.constant is not None and formula(row.constant, {}) in WITHHELD:
        return "depends on the point"
    return at_values(record, values, row.constant)


def legend(record: Theory, chart: Chart, values: Values) -> str:
    """The table of phases in the window, with the colours of the picture."""
    names = letters(record)
    body = []
    for region in chart.regions:
        row = region.row
        cells = [
            _swatch(region.colour) + html.escape(row.name),
            formula(row.exponent, names),
            formula(row.constant, names),
            formula(row.log, names),
        ]
        body.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    diagram = chart.diagram
    power = f"{diagram.observable} ~ constant · {diagram.large}^exponent · (log {diagram.large})^log"
    head = "".join(f"<th>{name}</th>" for name in ("phase", "exponent", "constant", "log"))
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in diagram.notes)
    more = f"<details><summary>notes</summary><ul>{notes}</ul></details>" if notes else ""
    return (
        f'<div class="sc-legend"><p>{html.escape(power)}</p><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>{more}</div>"
    )


def _swatch(colour: int) -> str:
    shade = PALETTE[colour % len(PALETTE)]
    dashed = "border:2px dashed #222;" if colour >= len(PALETTE) else ""
    return f'<span class="sc-swatch" style="background:{shade};{dashed}"></span>'


def notice(text: str) -> str:
    """One line that says what cannot be told."""
    return f'<p class="sc-notice" role="status">{html.escape(text)}</p>' if text else ""


def rows(pairs: Sequence[tuple[str, str]], caption: str) -> str:
    """A small table of names and values; values are HTML already."""
    body = "".join(f"<tr><th>{html.escape(name)}</th><td>{value}</td></tr>" for name, value in pairs)
    return f'<table class="sc-rows"><caption>{html.escape(caption)}</caption><tbody>{body}</tbody></table>'


def number(value: float | None) -> str:
    """A number with six digits, or a dash."""
    return "–" if value is None else f"{value:.6g}"


def place_view(at: Place) -> str:
    """Where the point is, and every control there."""
    where = ", ".join(f"{name} = {text}" for name, text in at.where.items())
    told = ", ".join(f"{name} = {_short(str(value))}" for name, value in at.controls.items())
    return f"<h3>{html.escape(where)}</h3>" + (notice(at.trouble) or f"<p>{html.escape(told)}</p>")


def law_view(record: Theory, found: Law, solved: Solved, name: str) -> str:
    """The law at the point and the numeric witness beside it."""
    pairs: list[tuple[str, str]] = []
    if found.local is not None:
        names, local = letters(record), found.local
        pairs += [("phase", html.escape(local.name)), ("exponent", formula(local.exponent, names))]
        pairs += [("log", formula(local.log, names))] if local.log is not None and local.log != 0 else []
        pairs += [("constant", _value_of(local.constant, names)), (f"{name} by the law", number(found.value))]
    if solved.point is not None:
        solution = solved.point.solution
        pairs += [(f"{name}, solved", number(solved.observable)), ("ratio", number(solved.ratio))]
        if solution.error is not None:
            pairs.append(("relative error", f"{solution.error:.2g} ({solution.error_kind.value})"))
        pairs.append(("status", html.escape(solution.status.value)))
    close = _close(found) if solved.point is not None else ""
    return rows(pairs, "the law beside the numeric witness") + notice(found.trouble) + notice(solved.trouble) + close


def _value_of(constant: Any, names: Mapping[str, str]) -> str:
    """A constant at the point, with its digits where it is a number at once."""
    if constant is None:
        return "–"
    text = formula(constant, names)
    if text in WITHHELD or constant.free_symbols or constant.is_Rational:
        return text
    return f"{text} = {float(constant):.6g}"


def solved_view(found: Solved, name: str) -> str:
    """Everything else that was solved."""
    if found.point is None:
        return ""
    left_out = {"status", "error", "error_kind", name, "value", found.point.kind}
    pairs = [(key, html.escape(_short(value))) for key, value in found.point.rows() if key not in left_out]
    return rows(pairs, "all that was solved")


def _short(text: str) -> str:
    """Six digits of a number, all of a word; None is a dash."""
    try:
        return f"{float(text):.6g}"
    except ValueError:
        return "–" if text == "None" else text if len(text) <= LONG else LENGTHY


def _close(law: Law) -> str:
    """Why law and numbers may differ at a finite size: the nearest boundary."""
    if law.local is None or not law.local.sides:
        return ""
    nearest = min(law.local.sides, key=lambda side: abs(float(side.distance)))
    if abs(float(nearest.distance)) > NEAR:
        return ""
    return notice(f"near a boundary, where a finite size has not chosen its phase yet: {nearest}")


def learned_view(found: Learned) -> str:
    """Zero mass, bulk, outliers and tail of what was learned."""
    spectrum = found.spectrum
    if spectrum is None:
        return notice(found.trouble)
    pairs = [("zero mass", number(spectrum.zero_mass))]
    pairs += [(f"bulk {name}", number(value)) for name, value in spectrum.bulk.items() if value is not None]
    for item in spectrum.outliers[:3]:
        pairs.append((f"largest, rank {item['rank']:.0f}", f"{item['value']:.6g} (teacher {item['teacher']:.6g})"))
    tail = spectrum.tail
    if tail.exponent is not None and tail.lower is not None and tail.upper is not None:
        told = f"density ~ x^({tail.exponent:.4g}) for {tail.lower:.3g} &lt; x &lt; {tail.upper:.3g}"
        pairs.append(("tail", told + f", carried by {number(tail.carriers)}"))
    else:
        pairs.append(("tail", "none: " + html.escape(tail.reason)))
    return rows(pairs, "the learned spectrum")


def command_view(commands: Sequence[str]) -> str:
    """The lines that reproduce the point in a terminal."""
    body = html.escape("\n".join(commands))
    return f'<p class="sc-say">the same point in a terminal</p><pre class="sc-command">{body}</pre>' if body else ""
