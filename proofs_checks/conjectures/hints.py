"""What a newcomer probably meant: near names, and how other languages write what formulas here write otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

SYNONYMS = {
    "n": "samples", "d": "dim", "p": "width", "lambda": "weight_decay", "lam": "weight_decay", "wd": "weight_decay",
    "gamma": "decay", "delta": "noise", "ln": "log", "sum": "powersum", "Sum": "powersum", "t": "time",
    "<": "less", ">": "greater", "==": "equal", "=": "equal", "~": "same",
}  # fmt: skip
"""Other words for names of controls, functions and relations; told only where the name itself is allowed."""

CHARACTERS = {
    "^": "a power is written **",
    ".": "names have no dots, and a range is written 1 < name < 3",
    ";": "several relations are written with a comma between them",
    "!": "an exclusion is written as two ranges, each a conjecture of its own",
    "[": "brackets are round; a range is written 1 < name < 3, its ends included with <=",
    "{": "brackets are round",
    "\u2212": "a minus is written -",
    "\u00d7": "a product is written *",
    "\u00b7": "a product is written *",
    "\u2264": "written <=",
    "\u2265": "written >=",
    "\u221e": "a range without an end leaves it out: name > 1",
    "\u00bd": "a fraction is written 1/2",
    "\u00b2": "a power is written **",
}


def nearest(given: object, options: Iterable[str]) -> str:
    """The end of a message that names the nearest option; empty if none is near.

    Examples
    --------
    >>> nearest("weight_deacy", ["samples", "weight_decay"]), nearest("n", ["samples", "weight_decay"])
    ("; did you mean 'weight_decay'?", "; did you mean 'samples'?")
    >>> nearest("theta", ["samples"])
    ''
    """
    known = list(dict.fromkeys(options))
    if not isinstance(given, str):
        return ""
    meant = SYNONYMS.get(given)
    if meant not in known:
        lower = {option.lower(): option for option in known}
        close = get_close_matches(given.lower(), list(lower), n=1, cutoff=0.7)
        meant = lower[close[0]] if close else next((o for o in known if o.partition(":")[2] == given and given), None)
    return f"; did you mean {meant!r}?" if meant is not None else ""


def of_character(character: str) -> str:
    """What to write instead of a character that formulas do not have.

    Examples
    --------
    >>> of_character("^"), of_character("\u03b3")
    ('no formula holds ^: a power is written **', 'no plain (ASCII) character: names are spelled out, as gamma or decay')
    """
    told = CHARACTERS.get(character)
    if told is not None:
        return f"no formula holds {character}: {told}"
    if character.isalpha():
        return "no plain (ASCII) character: names are spelled out, as gamma or decay"
    return "no plain (ASCII) character" if ord(character) > 126 else f"no formula holds {character!r}"


def of_token(token: str, before: str) -> str:
    """What to write instead of a token that does not belong there."""
    if token == "=" and before.rstrip().endswith("="):
        return "an equality is written with one ="
    if token in ("and", "or", "in", "for", "if"):
        return f"{token!r} is not expected here: relations are written with a comma between them"
    if token == "," and re.search(r"\d$", before):
        return "',' is not expected here: decimals are written with a point"
    if re.search(r"[\w)]\s*$", before) and re.match(r"[A-Za-z(]", token):
        return f"{token[:20]!r} is not expected here: a product is written with *"
    return f"{token[:20]!r} is not expected here"


def of_toml(message: str) -> str:
    """What a fault of TOML probably is."""
    if "Invalid value" in message or "Expected newline" in message or "Unclosed inline" in message:
        return f'{message}; formulas and words stand in quotes: exponent = "-1/2"'
    if "for integer string conversion" in message:  # the rest is advice for whoever wrote the program
        return "an integer of thousands of digits"
    if "key part" in message:
        return f"{message}; keys are plain names, as decay"
    return message
