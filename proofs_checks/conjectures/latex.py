"""A conjecture in LaTeX, as its author wrote it: nothing is simplified, so what is cited is what was heard.

Statements are prose with $mathematics$ in it, like those of the ledger, equations as $$displays$$; they need amsmath and
amssymb only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp
from sympy.printing.latex import greek_letters_set

from scalecheck.theory.symbols import LATEX_NAMES

from .nodes import INDEX, PI, POWER_SUM, Node, Relation
from .statements import BelowPowers, Boundary, Conjecture, Law, Minimum, Monotone, Ordering, Place, UserSystem
from .subjects import SYSTEM

FUNCTIONS_TOO = frozenset({"zeta", "Gamma", "Beta"})
"""Greek names that would be read as functions."""
GREEK = frozenset(
    name for name in greek_letters_set if sp.latex(sp.Symbol(name)) == f"\\{name}" and name not in FUNCTIONS_TOO
)
"""Names that are written as the letter that they say, and no two of them alike (lamda is no second lambda)."""
NUMBERS_TOO = frozenset({"e"})
"""Letters that would be read as numbers."""
LETTERS = {symbol.name: letter for symbol, letter in LATEX_NAMES.items()}
"""Letters of the papers, for the controls of the theories of the house."""
TAKEN = frozenset(LETTERS.values())
SUM, PRODUCT, POWER, ATOM = range(4)
"""How tightly a formula holds together."""
NAMED = {
    "exp": r"\exp",
    "log": r"\log",
    "erf": r"\operatorname{erf}",
    "erfc": r"\operatorname{erfc}",
    "gamma": r"\Gamma",
    "zeta": r"\zeta",
    "beta": r"\mathrm{B}",
    "uppergamma": r"\Gamma",
    "lowergamma": r"\gamma",
    "sin": r"\sin",
    "cos": r"\cos",
    "tan": r"\tan",
    "min": r"\min",
    "max": r"\max",
}
SIGNS = {"<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq", "=": "="}
SPACE, DOT = r"\,", r"\cdot"
"""What stands beside each other is multiplied."""
Letter = Callable[[str], str]


def own_letter(name: str) -> str:
    """A name of the user's own: Greek by its name, one letter as it is, a word upright.

    Examples
    --------
    >>> own_letter("kappa"), own_letter("n"), own_letter("x_1"), own_letter("test_loss")
    ('\\\\kappa', 'n', 'x_{1}', '\\\\mathrm{test\\\\_loss}')
    """
    head, line, tail = name.partition("_")
    if name in NUMBERS_TOO:
        return rf"\mathsf{{{name}}}"
    if (len(head) == 1 or head in GREEK) and (tail.isalnum() or not line):
        return str(sp.latex(sp.Symbol(name))) if not line else f"{sp.latex(sp.Symbol(head))}_{{{tail}}}"
    return r"\mathrm{" + name.replace("_", r"\_") + "}"


def letter_of(place: Place) -> Letter:
    """How the names of a place are written: controls of a theory in the letters of the papers."""
    if place.theory.startswith(SYSTEM):
        return own_letter
    return _of_the_papers


def _of_the_papers(name: str) -> str:
    """A control in the letter of the papers; a name of the user's own never in one of these."""
    own = own_letter(name)
    return LETTERS.get(name) or (rf"\mathsf{{{name}}}" if own in TAKEN else own)


def formula(node: Node, letter: Letter = own_letter) -> str:
    """LaTeX of a formula.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
    >>> print(formula(parse_formula("-1/4 + 1/(8*decay)"), lambda name: LETTERS.get(name, name)))
    -\\frac{1}{4} + \\frac{1}{8 \\, \\gamma}
    >>> print(formula(parse_formula("(1 + x)**-2*(3 - (y - 1))")))
    \\left(1 + x\\right)^{-2} \\, \\left(3 - \\left(y - 1\\right)\\right)
    """
    return _told(node, letter)[0]


def _told(node: Node, letter: Letter) -> tuple[str, int]:
    """The text of a formula, and how tightly it holds together."""
    if node.kind in ("number", "name", PI):
        return _leaf(node, letter)
    if node.kind == "neg":
        return "-" + _within(node.args[0], PRODUCT, letter), SUM
    if node.kind in ("+", "-"):
        right = _within(node.args[1], PRODUCT if node.kind == "-" else SUM, letter)
        right = _bracketed(right) if right.startswith("-") else right
        return f"{_within(node.args[0], SUM, letter)} {node.kind} {right}", SUM
    if node.kind == "*":
        return _product(node, letter)
    if node.kind == "/":
        return _quotient(node, letter)
    if node.kind == "**":
        return f"{_within(node.args[0], ATOM, letter)}^{{{_told(node.args[1], letter)[0]}}}", POWER
    return _applied(node, letter)


def _product(node: Node, letter: Letter) -> tuple[str, int]:
    """A minus in front of a product needs no brackets; what stands in a sum at the end of its left side does."""
    left, right = node.args
    one, level = _told(left, letter)
    signed = left.kind in ("neg", "*", "/") and one.startswith("-")
    if (level < PRODUCT and not signed) or _ends_open(left):
        one, signed = _bracketed(one), False
    two = _within(right, PRODUCT, letter)
    # Beside each other figures would be one number, a number and a fraction a mixed one.
    apart = two[0].isdigit() or (one[-1].isdigit() and two.startswith(r"\frac"))
    return f"{one} {DOT if apart else SPACE} {two}", SUM if signed else PRODUCT


def _quotient(node: Node, letter: Letter) -> tuple[str, int]:
    """A minus in front of what is above stands in front of the whole."""
    above, below = node.args
    under = _told(below, letter)[0]
    if above.kind == "neg":
        return rf"-\frac{{{_told(above.args[0], letter)[0]}}}{{{under}}}", SUM
    return rf"\frac{{{_told(above, letter)[0]}}}{{{under}}}", POWER


def _leaf(node: Node, letter: Letter) -> tuple[str, int]:
    if node.kind == PI:
        return r"\pi", ATOM
    if node.kind == "name":
        return (INDEX if node.value == INDEX else letter(str(node.value))), ATOM
    top, bottom = node.value.as_integer_ratio()  # type: ignore[union-attr]
    return (str(top), ATOM) if bottom == 1 else (rf"\frac{{{top}}}{{{bottom}}}", POWER)


def _applied(node: Node, letter: Letter) -> tuple[str, int]:
    if node.kind == POWER_SUM:
        end = formula(node.args[1], letter) if len(node.args) > 1 else r"\infty"
        return rf"\sum_{{{INDEX}=1}}^{{{end}}} {_within(node.args[0], PRODUCT, letter)}", PRODUCT
    told = ", ".join(formula(arg, letter) for arg in node.args)
    if node.kind == "sqrt":
        return rf"\sqrt{{{told}}}", ATOM
    if node.kind == "abs":
        return rf"\left|{told}\right|", ATOM
    return NAMED[node.kind] + _bracketed(told), POWER


def _within(node: Node, least: int, letter: Letter) -> str:
    """A part of a formula, in brackets where it would fall apart."""
    text, level = _told(node, letter)
    return text if level >= least else _bracketed(text)


def _ends_open(node: Node) -> bool:
    """Whether what follows a product would be read as part of the sum at its end."""
    return node.kind == POWER_SUM or (node.kind == "*" and _ends_open(node.args[1]))


def _bracketed(text: str) -> str:
    return rf"\left({text}\right)"


def relation(link: Relation, letter: Letter = own_letter) -> str:
    """LaTeX of one relation.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_relations
    >>> [relation(link) for link in parse_relations("1 < alpha <= 2")]
    ['1 < \\\\alpha', '\\\\alpha \\\\leq 2']
    """
    return f"{formula(link.left, letter)} {SIGNS[link.sign]} {formula(link.right, letter)}"


def statement(conjecture: Conjecture, large: str, systems: Mapping[str, UserSystem] | None = None) -> str:
    """What a conjecture claims, as prose with $LaTeX$; its range is not in it.

    Parameters
    ----------
    conjecture : Conjecture
        As it was read.
    large : str
        The large parameter of its theory.
    systems : Mapping[str, UserSystem], optional
        The user's own equations by id: those that it is about become part of the statement.
    """
    place = conjecture.place
    system = system_of(place, systems or {})
    opening = _equations(system) if system is not None else f"For the theory {place.theory}"
    along = _along(place)
    comma = "," if system is None or along else ""
    claimed = _claimed(conjecture, letter_of(place)(large), systems or {})
    return f"{opening}{along}{comma} {claimed}" + ("" if claimed.endswith("$$") else ".")


def claim_formula(conjecture: Conjecture, large: str) -> str:
    """What a conjecture claims as one formula, for a cell of a table; empty where it takes words.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.files import read_document
    >>> path = {"samples": "dim**(3/2)", "weight_decay": "1/dim"}
    >>> law = {"id": "bulk", "theory": "diagonal", "observable": "risk", "path": path, "exponent": "-1/2"}
    >>> print(claim_formula(read_document({"conjecture": [law]}).conjectures[0], "dim"))
    \\lim_{d \\to \\infty} \\frac{\\mathrm{risk}}{d^{-\\frac{1}{2}}} \\in (0, \\infty)
    """
    claim, letter = conjecture.claim, letter_of(conjecture.place)
    seen, grown = letter(conjecture.place.observable), letter(large)
    if isinstance(claim, Law):
        return _law(claim, seen, grown, letter)
    if isinstance(claim, Minimum):
        at = rf"{letter(claim.over)} = {formula(claim.at, letter)}"
        return rf"\text{{least at }} {at},\ {_law(claim.law, seen, grown, letter)}"
    return _below(seen, grown) if isinstance(claim, BelowPowers) else ""


def _below(seen: str, large: str) -> str:
    return rf"\lim_{{{large} \to \infty}} {large}^{{p}} \, {seen} = 0 \quad \text{{for every }} p"


def system_of(place: Place, systems: Mapping[str, UserSystem]) -> UserSystem | None:
    """The user's own equations that a place is about."""
    return systems.get(place.theory.removeprefix(SYSTEM)) if place.theory.startswith(SYSTEM) else None


def _equations(system: UserSystem) -> str:
    unknowns = ", ".join(f"{own_letter(name)} > 0" for name in system.positive)
    told = "".join(f"$${relation(link)}$$" for link in system.equations)
    return f"Where ${unknowns}$ solve {told}"


def _along(place: Place) -> str:
    letter = letter_of(place)
    told = [f"${letter(name)} = {formula(node, letter)}$" for name, node in place.path.items()]
    for name, value in place.controls.items():
        told.append(f"${letter(name)} = {formula(value, letter)}$" if isinstance(value, Node) else f"{name} {value}")
    return f" with {', '.join(told)}" if told else ""


def _claimed(conjecture: Conjecture, large: str, systems: Mapping[str, UserSystem]) -> str:
    place, claim = conjecture.place, conjecture.claim
    letter = letter_of(place)
    seen = letter(place.observable)
    if isinstance(claim, Law):
        return f"$${_law(claim, seen, large, letter)}$$"
    if isinstance(claim, Minimum):
        kind = "of a smaller order than at any other" if claim.unique else "of no larger order than at any other"
        at = f"{letter(claim.over)} = {formula(claim.at, letter)}"
        return (
            f"${seen}$ at ${at}$ is {kind} ${letter(claim.over)}$, and there ${_law(claim.law, seen, large, letter)}$"
        )
    if isinstance(claim, BelowPowers):
        return f"$${_below(seen, large)}$$"
    if isinstance(claim, Monotone):
        strictly = "" if claim.direction == "constant" else "strictly "
        return f"the exponent of ${large}$ in ${seen}$ is {strictly}{claim.direction} in ${letter(claim.parameter)}$"
    if isinstance(claim, Boundary):
        kind_ = {None: "", True: ", and the exponent jumps there", False: ", and the exponent is continuous there"}
        return f"the phases {claim.between[0]} and {claim.between[1]} of ${seen}$ meet{kind_[claim.jumps]}"
    return _ordered(claim, place, large, systems)


def _law(law: Law, seen: str, large: str, letter: Letter) -> str:
    limit = rf"\lim_{{{large} \to \infty}}"
    exponent = formula(law.exponent, letter)
    if law.log:
        return rf"{limit} \frac{{\log {seen}}}{{\log {large}}} = {exponent}"
    logs = "" if law.log_power is None else rf" \, (\log {large})^{{{formula(law.log_power, letter)}}}"
    value = r"\in (0, \infty)" if law.constant is None else f"= {formula(law.constant, letter)}"
    return rf"{limit} \frac{{{seen}}}{{{large}^{{{exponent}}}{logs}}} {value}"


def _ordered(claim: Ordering, place: Place, large: str, systems: Mapping[str, UserSystem]) -> str:
    seen = letter_of(place)(place.observable)
    other = letter_of(claim.other)(claim.other.observable)
    limits = {"less": "= 0", "greater": r"= \infty", "same": r"\in (0, \infty)", "equal": "= 1"}
    system = system_of(claim.other, systems)
    if system is None:
        what = f"that of {claim.other.theory}"
    elif claim.other.theory == place.theory:
        what = "that of the same equations"
    else:
        what = "that of other equations. " + _equations(system).replace("Where", "Here", 1)
    ratio = rf"\lim_{{{large} \to \infty}} {seen}/{other}' {limits[claim.relation]}"
    return f"${ratio}$, where ${other}'$ is {what}{_along(claim.other)}"


def hypotheses(conjecture: Conjecture, systems: Mapping[str, UserSystem] | None = None) -> list[Relation]:
    """The range, and the domains of the names of the user's own equations; each once."""
    links: list[Relation] = list(conjecture.where)
    places = [conjecture.place, *([conjecture.claim.other] if isinstance(conjecture.claim, Ordering) else [])]
    for place in places:
        system = system_of(place, systems or {})
        if system is not None:
            domains = (*system.parameters.values(), *system.controls.values())
            links += [link for several in domains for link in several]
    return list(dict.fromkeys(links))
