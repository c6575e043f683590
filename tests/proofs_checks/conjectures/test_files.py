"""Conjecture files: every fault is named, nothing that a file can hold crashes or hangs."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.files import MAX_BYTES, FileError, read_bytes, read_document, read_file
from scalecheck.proofs_checks.conjectures.grammar import FormulaError, parse_formula

GOOD = """
[[conjecture]]
id = "bulk"
theory = "diagonal"
observable = "risk"
path = { samples = "dim**2", weight_decay = "1/dim" }
exponent = "-1"
where = { decay = "1 < decay < 3" }
"""

SYSTEM = """
[[system]]
id = "s"
large = "n"
positive = ["x"]
parameters = { alpha = "alpha > 1" }
controls = { ridge = "ridge > 0" }
equations = ["x*n = ridge + powersum(k**(-alpha)*x/(k**(-alpha) + x))"]
"""


def test_a_good_file_is_read():
    statements = read_bytes((GOOD + SYSTEM).encode())
    assert [c.id for c in statements.conjectures] == ["bulk"]
    assert statements.systems["s"].positive == ("x",)
    assert statements.conjectures[0].describe() == (
        "observable/(large**(-1)) tends to a constant in (0, oo) for all 1 < decay, decay < 3"
    )


CHANGES = {  # what replaces what, and what the message must say
    ('id = "bulk"', "id = 3"): "conjecture 1: id: got 3",
    ('id = "bulk"', 'id = "a b"'): "letters, digits",
    ('theory = "diagonal"', 'theory = "cubic"'): "theory: got 'cubic', allowed is one of",
    ('theory = "diagonal"', 'theory = "asymptotics"'): "theory: got 'asymptotics'",
    ('theory = "diagonal"', 'theory = "system:none"'): "theory: got 'system:none'",
    ('theory = "diagonal"', "theory = 7"): "theory: got 7",
    ('observable = "risk"', 'observable = "loss"'): "observable: got 'loss', allowed is one of risk",
    ('observable = "risk"', 'observabel = "risk"'): "got 'observabel', allowed is one of the keys id,",
    ('exponent = "-1"', ""): "claim: got nothing, allowed is one of exponent",
    ('exponent = "-1"', 'exponent = "-1 +"'): "line 1, column 5, the formula ends too early",
    ('exponent = "-1"', 'exponent = "9**9**9"'): "the power is too large",
    ('exponent = "-1"', 'exponent = "dim"'): "no name 'dim' here",
    ('exponent = "-1"', 'exponent = "samples"'): "no name 'samples' here",
    ('exponent = "-1"', "exponent = [1]"): "exponent: got [1], allowed is a formula in quotes",
    ('exponent = "-1"', "exponent = true"): "exponent: got True",
    ('exponent = "-1"', 'exponent = "-1"\nlog = "yes"'): "log: got 'yes', allowed is true or false",
    ('exponent = "-1"', 'exponent = "-1"\nlog = true\nconstant = "1"'): "log: got True",
    ('exponent = "-1"', 'exponent = "-1"\nmonotone = { parameter = "decay", direction = "up" }'): "claim: got",
    ('exponent = "-1"', 'monotone = { parameter = "dim", direction = "up" }'): "monotone.direction: got 'up'",
    ('exponent = "-1"', 'boundary = { between = "II" }'): "boundary.between: got 'II'",
    ('exponent = "-1"', 'than = { theory = "ridge" }\nrelation = "<"'): "relation: got '<'",
    ('samples = "dim**2", ', ""): "path.samples: got nothing, allowed is how samples goes with dim",
    ("samples =", "width ="): "path.width: got 'width', allowed is a control of diagonal",
    ("samples =", "dim ="): "dim is what grows",
    ('"dim**2"', '"dim**noise + 1"'): "a constant times a power of dim",
    ('"dim**2"', '"samples"'): "no name 'samples'",
    ('"1/dim"', '"0*dim/(noise - noise)"'): "no finite value",
    ('"1 < decay < 3"', '"1 < decoy < 3"'): "no name 'decoy'",
    ('"1 < decay < 3"', '"1 < 2"'): "relations in which decay occurs",
    ('"1 < decay < 3"', '"decay"'): "a relation is wanted",
    ('decay = "1 < decay < 3"', 'samples = "samples > 1"'): "where.samples: got 'samples'",
    ('decay = "1 < decay < 3"', 'dim = "dim > 1"'): "where.dim: got 'dim'",
    ("where = {", 'controls = { samples = "2" }\nwhere = {'): "controls.samples: got 'samples'",
    ("[[conjecture]]", "[conjecture]"): "tables, written [[conjecture]]",
    ("[[conjecture]]", "[[conjectures]]"): "the tables conjecture and system",
    ("[[conjecture]]", "[[conjecture]"): "not TOML",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda pair: pair[1][:40])
def test_faults_are_named(change):
    assert change[0] in GOOD
    with pytest.raises(FileError) as caught:
        read_bytes(GOOD.replace(*change).encode())
    assert CHANGES[change] in str(caught.value)
    assert "\n" not in str(caught.value)


NEWCOMERS = {  # as it would be written elsewhere, and what the message must say
    ('"dim**2"', '"dim^2"'): "no formula holds ^: a power is written **",
    ('"dim**2"', "dim**2"): "formulas and words stand in quotes",
    ('"1/dim"', '"1/d"'): "no name 'd' here (there are decay, dim, noise, samples); did you mean 'dim'?",
    ('"-1"', '"\u22121"'): "a minus is written -",
    ('"1 < decay < 3"', '"1 < \u03b3 < 3"'): "column 5, no plain (ASCII) character: names are spelled out",
    ('decay = "1 <', '\u03b3 = "1 <'): "keys are plain names",
    ('"1 < decay < 3"', '"1 < decay and decay < 3"'): "relations are written with a comma between them",
    ('"1 < decay < 3"', "[1, 3]"): 'a range as a relation: name = "1 < name < 3"',
    ('"1 < decay < 3"', '"1 \u2264 decay"'): "written <=",
    ('"1 < decay < 3"', '"decay == 2"'): "an equality is written with one =",
    ('"1 < decay < 3"', '"decay != 2"'): "an exclusion is written as two ranges",
    ('"diagonal"', '"Diagonal"'): "did you mean 'diagonal'?",
    ('"risk"', '"Risk"'): "did you mean 'risk'?",
    ("weight_decay =", "lambda ="): "did you mean 'weight_decay'?",
    ("weight_decay =", "weight_deacy ="): "did you mean 'weight_decay'?",
    ('"-1"', '"2(decay - 1)"'): "a product is written with *",
    ('"-1"', '"ln(decay)"'): "did you mean 'log'?",
    ('"-1"', '"-1,5"'): "decimals are written with a point",
    ("exponent =", "exponents ="): "did you mean 'exponent'?",
    ('exponent = "-1"', 'monotone = "decreasing in decay"'): "a table, monotone = {",
    ('exponent = "-1"', 'boundary = ["II", "III"]'): "a table, boundary = {",
    ('exponent = "-1"', 'than = { observable = "risk" }\nrelation = ">"'): "did you mean 'greater'?",
}


@pytest.mark.parametrize("change", NEWCOMERS, ids=lambda pair: ascii(pair[1][:40]))
def test_newcomers_are_told_what_to_write(change):
    assert change[0] in GOOD
    with pytest.raises(FileError) as caught:
        read_bytes(GOOD.replace(*change).encode())
    assert NEWCOMERS[change] in str(caught.value)


@pytest.mark.parametrize(
    "change", [('"dim**2"', '"dim^2"'), ('{ samples = "dim**2", weight_decay = "1/dim" }', '"dim"')]
)
def test_what_cannot_be_read_is_not_missing_as_well(change):
    with pytest.raises(FileError) as caught:
        read_bytes(GOOD.replace(*change).encode())
    assert len(caught.value.faults) == 1


SYSTEM_CHANGES = {
    ('large = "n"', 'large = "k"'): "large: got 'k'",
    ('positive = ["x"]', "positive = []"): "a list of one to 8 names",
    ('positive = ["x"]', 'positive = ["x", "y"]'): "a list of 2 equations",
    ('positive = ["x"]', 'positive = ["n"]'): "names: got 'n', allowed is a name that is used once",
    ("x*n = ridge", "x*n < ridge"): "one equation, left = right",
    ("x*n = ridge", "x*m = ridge"): "no name 'm'",
    ("x*n = ridge", "x*n == ridge"): "an equality is written with one =",
    ("+ powersum(", "+ sum("): "did you mean 'powersum'?",
    ("powersum(k**", "powersum(j**"): "the index of a powersum is k",
    ("k**(-alpha)*x", "powersum(k)*x"): "a powersum inside a powersum",
    ('"alpha > 1"', '"alpha > q"'): "no name 'q'",
}


@pytest.mark.parametrize("change", SYSTEM_CHANGES, ids=lambda pair: pair[1][:40])
def test_faults_of_systems_are_named(change):
    assert change[0] in SYSTEM
    with pytest.raises(FileError) as caught:
        read_bytes((GOOD + SYSTEM.replace(*change)).encode())
    assert SYSTEM_CHANGES[change] in str(caught.value)


def test_every_fault_is_named_at_once():
    text = GOOD.replace('"risk"', '"rsk"').replace('"-1"', '"-1*"') + GOOD.replace("bulk", "other").replace(
        "1 <", "1 <<"
    )
    with pytest.raises(FileError) as caught:
        read_bytes(text.encode())
    assert len(caught.value.faults) == 3


def test_an_id_is_used_once():
    with pytest.raises(FileError, match="an id that no other has"):
        read_bytes((GOOD + GOOD).encode())


def test_what_cannot_be_read(tmp_path):
    for name in ("missing.toml", "", "\x00"):
        with pytest.raises(FileError):
            read_file(tmp_path / name if name != "\x00" else name)
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(FileError, match="bytes, allowed are"):
        read_file(huge)
    with pytest.raises(FileError, match="a directory or device"):
        read_file("/dev/zero")


HOSTILE = {
    "not UTF-8": b"\xff\xfe",
    "empty": b"",
    "deep": b"a=" + b"[" * 100_000,
    "deep tables": b"a={" * 5000,
    "dotted": b"a." * 200_000 + b"a=1",
    "digits": b"x=" + b"9" * 5000,
    "many": b"[[conjecture]]\n" * 20_000,
    "null": b"\x00" * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_fast(name):
    start = time.perf_counter()
    with pytest.raises(FileError):
        read_bytes(HOSTILE[name])
    assert time.perf_counter() - start < 10  # the dotted one took all memory before; this is no benchmark


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
keys = st.sampled_from(
    ["id", "theory", "observable", "path", "controls", "where", "exponent", "log", "than", "monotone", "boundary", "x"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(keys, values | st.sampled_from(["diagonal", "risk", "-1"])), max_size=3), values)
def test_any_document_is_read_or_refused(tables, other):
    for document in ({"conjecture": tables, "system": other}, {"conjecture": other, "system": tables}):
        try:
            read_document(document)
        except FileError as error:
            assert "\n" not in str(error)  # noqa: PT017


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(GOOD + SYSTEM)), st.text(max_size=5), st.integers(0, 5))
def test_any_edit_is_read_or_refused(place, inserted, removed):
    text = GOOD + SYSTEM
    try:
        read_bytes((text[:place] + inserted + text[place + removed :]).encode("utf-8", "surrogatepass"))
    except FileError as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_a_system_at_fault_is_one_fault():
    """The conjecture about it names a system that is there."""
    text = """
[[conjecture]]
id = "a"
theory = "system:s"
observable = "x"
exponent = "1"
[[system]]
id = "s"
large = "n"
positive = ["x"]
equations = ["x**2 + x = n +"]
"""
    with pytest.raises(FileError) as told:
        read_bytes(text.encode(), "f")
    assert "equation 1" in str(told.value)
    assert "theory" not in str(told.value)


def test_sines_stand_in_constants_and_not_in_equations():
    assert parse_formula("pi/sin(pi/x)", names=["x"]).text()
    for text in ("n + sin(n)", "n + uppergamma(1, n)"):
        with pytest.raises(FormulaError, match="belongs into exponents and constants"):
            parse_formula(text, sums=True)


@pytest.mark.parametrize(
    "text",
    ["uppergamma(1)", "uppergamma(1/2, 0 - 2)", "lowergamma(1/2, 0 - 2)", "lowergamma(0, 1)", "uppergamma(1000, 2)"],
)
def test_incomplete_gamma_functions_without_a_value_are_refused(text):
    with pytest.raises(FormulaError, match=r"arguments|no finite real value|too large"):
        parse_formula(text)


def test_a_system_without_an_id_is_refused_with_every_other_fault():
    system = {"large": "n", "positive": ["x"], "equations": ["x = n"]}
    for table in (system, {**system, "id": 3}):
        with pytest.raises(FileError, match="system 1: id"):
            read_document({"conjecture": [], "system": [table]})


def test_several_faults_are_one_line_that_can_be_read():
    """Each table named once, each fault numbered, what is allowed said once; nothing that a fault alone would say is lost."""
    table = {
        "theory": "diagonal",
        "observable": "risk",
        "path": {"samples": "dim", "weight_decay": "1"},
        "exponent": "1",
    }
    wrong = [
        {**table, "id": "one", "exponant": "1", "relaton": 1},
        {**table, "id": "two", "expo": 2, "exponent": "1 +"},
    ]
    with pytest.raises(FileError) as caught:
        read_document({"conjecture": wrong}, "mine.toml")
    line = str(caught.value)
    assert line.startswith("mine.toml: 4 faults: conjecture 'one': (1) ")
    assert "\n" not in line
    assert [line.count(f"({number}) ") for number in (2, 3, 4)] == [1, 1, 1]
    assert line.count("conjecture 'one'") == line.count("conjecture 'two'") == 1
    assert line.count("one of the keys") == 1
    assert "(2) got 'relaton', allowed is what (1) says; did you mean 'relation'?" in line
    for fault in caught.value.faults:
        assert fault.partition(", allowed is ")[0].split(": ", 1)[1] in line
    assert len(line) < sum(map(len, caught.value.faults))


def test_one_fault_is_told_as_it_is():
    with pytest.raises(FileError) as caught:
        read_document({"conjecture": [], "other": 1}, "mine.toml")
    assert str(caught.value) == f"mine.toml: {caught.value.faults[0]}"
