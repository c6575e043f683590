"""Hostile files at the door: an input error in one line or a verdict, in a stated time; nothing is written, nothing runs."""

import contextlib
import json
import os
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scalecheck.against import SCHEMA, compare, read_verdicts
from scalecheck.cli import main
from scalecheck.measurement import measure_file
from scalecheck.numerics.errors import DomainError
from scalecheck.parallel import keep_memory
from scalecheck.proofs_checks.certificates.files import check_file
from scalecheck.proofs_checks.conjectures.files import read_bytes
from scalecheck.proofs_checks.errors import InputError

SECONDS = 5.0
"""Of processor time for one file; honest ones take a hundredth."""
PAYLOADS = (
    "__import__('os').system('touch canary')",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% include '/etc/passwd' %}",
    "!!python/object/apply:os.system ['touch canary']",
    "cos\nsystem\n(S'touch canary'\ntR.",
    "$(touch canary)`touch canary`;touch canary",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "\x1b]0;owned\x07",
    "\x00",
    "lambda: open('canary', 'w')",
)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "os.remove", "os.rename", "os.mkdir",
             "shutil.rmtree", "socket.connect", "pickle.find_class", "ctypes.dlopen")  # fmt: skip
SEEN: list[str] = []
WATCHING = [False]


def _hook(event, args):
    if not WATCHING[0]:
        return
    if event in FORBIDDEN:
        SEEN.append(f"{event} {args}")
    elif event == "open" and isinstance(args[2], int) and args[2] & WRITES and "__pycache__" not in str(args[0]):
        SEEN.append(f"open {args}")


@pytest.fixture(scope="module", autouse=True)
def _audit():
    keep_memory()  # once a process, whatever the command is given: what opens a library after it is seen
    sys.addaudithook(_hook)  # cannot be taken away again: it listens only while `watched`


@contextlib.contextmanager
def watched():
    """Nothing is opened for writing and nothing is run meanwhile, and it takes no longer than `SECONDS`."""
    SEEN.clear()
    WATCHING[0] = True
    start = time.process_time()
    try:
        yield
    finally:
        WATCHING[0] = False
    assert time.process_time() - start < SECONDS
    assert SEEN == []


def refused_or(result):
    """What a call returns, or None where it refuses with one line."""
    try:
        return result()
    except (InputError, DomainError) as error:
        assert "\n" not in str(error)  # noqa: PT017
        return None


def test_the_watch_sees_what_it_should(tmp_path):
    with pytest.raises(AssertionError), watched():
        (tmp_path / "canary").write_text("")
    with pytest.raises(AssertionError), watched():
        os.system("true")


cells = (
    st.sampled_from(
        ["1", "2", "1e308", "-1", "0", "nan", "inf", "1e-320", "", '"', "1_0", "0x1", "١", "9" * 400, *PAYLOADS]
    )
    | st.floats().map(str)
    | st.text(max_size=8)
)
tables = st.lists(st.lists(cells, max_size=4).map(",".join), max_size=20).map("\n".join)


@given(
    header=st.sampled_from(["n,risk", "a,a", "a", "", "a,b,a", "\ufeffn,risk", '"n', "1,2", ",", *PAYLOADS]),
    body=tables,
)
@example(header="a,a", body="1,2\n2,3")
@example(header="a", body="1\n2")
def test_curves(tmp_path, header, body):
    place = tmp_path / "curve.csv"
    place.write_bytes(f"{header}\n{body}".encode("utf-8", "surrogatepass"))
    for x in (None, "a", "n", header[:20]):
        with watched():
            found = refused_or(lambda x=x: measure_file(place, x, None, None))
            if found is not None:
                json.dumps(found.to_json())
                assert repr(found)


@given(content=st.binary(max_size=200))
def test_curves_of_bytes(tmp_path, content):
    place = tmp_path / "curve.csv"
    place.write_bytes(content)
    with watched():
        refused_or(lambda: measure_file(place, None, None, -1.0))


points = st.lists(st.tuples(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300)), min_size=1, max_size=12)


@given(points=points)
def test_curves_of_any_positive_numbers(tmp_path, points):
    place = tmp_path / "curve.csv"
    place.write_text("n,risk\n" + "\n".join(f"{x!r},{y!r}" for x, y in points))
    with watched():
        refused_or(lambda: measure_file(place, None, None, None))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(PAYLOADS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
verdicts = st.fixed_dictionaries(
    {"schema": st.sampled_from([SCHEMA, 0, None, "1"]) | json_values},
    optional={
        "claims": json_values
        | st.lists(
            st.fixed_dictionaries({}, optional={"id": json_values, "verdict": json_values, "statement": json_values}),
            max_size=4,
        )
    },
)


@given(document=json_values | verdicts)
@example(document={"schema": SCHEMA, "claims": [{"id": "N1\n\x1b[2J", "verdict": "proved"}]})
@example(document={"schema": SCHEMA, "claims": [{"id": "N1", "verdict": {"no": "verdict"}}]})
def test_earlier_verdicts(tmp_path, document):
    place = tmp_path / "verdicts.json"
    place.write_text(json.dumps(document))
    with watched():
        earlier = refused_or(lambda: read_verdicts(place))
        if earlier is not None:
            lines, _ = compare(earlier, ())
            assert all(line.isprintable() for line in lines)


@given(
    content=st.binary(max_size=100) | st.sampled_from([b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b"\xff", b""])
)
def test_bytes_where_json_is_wanted(tmp_path, content):
    place = tmp_path / "document.json"
    place.write_bytes(content)
    for read in (read_verdicts, check_file):
        with watched():
            refused_or(lambda read=read: read(place))


READERS = {
    "measure": lambda place: measure_file(place, None, None, None),
    "against": read_verdicts,
    "certificate": check_file,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["device", "folder", "missing", "pipe", "link to a device", "name with a null"])
def test_what_is_no_file_is_not_read(tmp_path, name, kind):
    """A device or a pipe would be read for ever."""
    from pathlib import Path

    place = {"device": Path("/dev/zero"), "folder": tmp_path, "missing": tmp_path / "none", "name with a null": Path("a\x00b"),
             "pipe": tmp_path / "pipe", "link to a device": tmp_path / "link"}[kind]  # fmt: skip
    if kind == "pipe":
        os.mkfifo(place)
    if kind == "link to a device":
        place.symlink_to("/dev/zero")
    with watched(), pytest.raises(InputError):
        READERS[name](place)


GOOD = {"id": "q", "theory": "diagonal", "observable": "risk", "exponent": "-1",
        "path": {"samples": "dim**2", "weight_decay": "1/dim"}, "where": {"decay": "1 < decay < 3"}}  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("key", [*GOOD, "note", "where.decay", "path.samples"])
def test_payloads_in_conjectures_run_nowhere(payload, key):
    outer, _, inner = key.partition(".")
    table = {**GOOD, outer: {**GOOD[outer], inner: payload} if inner else payload}
    text = "[[conjecture]]\n" + "\n".join(
        f"{name} = " + (_inline(value) if isinstance(value, dict) else json.dumps(value))
        for name, value in table.items()
    )
    with watched():
        assert refused_or(lambda: read_bytes(text.encode())) is None or key == "note"


def _inline(value):
    return "{ " + ", ".join(f"{key} = {json.dumps(item)}" for key, item in value.items()) + " }"


@pytest.mark.parametrize("command", [["check"], ["check", "--certificate"], ["measure"], ["census", "--file"]])
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 50_000, b"a,a\n1,2", PAYLOADS[0].encode(), PAYLOADS[4].encode()]
)
def test_the_command_line_says_one_line_and_exits_with_2(tmp_path, monkeypatch, capfd, command, content):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "input"
    place.write_bytes(content)
    with watched():
        status = main([*command, str(place)])
    told = capfd.readouterr().err
    assert status == 2, told
    assert len(told.strip().splitlines()) == 1, told
    assert sorted(item.name for item in tmp_path.iterdir()) == ["input"]
