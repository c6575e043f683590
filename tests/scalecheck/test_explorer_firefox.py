"""The explorer in Firefox, by its own protocol (WebDriver BiDi), which needs no driver beside it."""

import itertools
import json
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec

import pytest

from .explorer_pages import PATIENCE, PLACE, TEXT, serving, wait

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")


def missing():
    for name, extra in (
        ("panel", "'scalecheck[explorer]'"),
        ("selenium", "selenium"),
        ("websocket", "websocket-client"),
    ):
        if find_spec(name) is None:
            return f"{name} is not installed: pip install {extra}"
    return "" if FIREFOX else "no Firefox on the path (Debian package firefox-esr)"


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]


class Firefox:
    """One window, told what to do in commands of WebDriver BiDi."""

    def __init__(self, port):
        self.socket = wait(lambda: connected(port))
        self.numbers = itertools.count(1)
        self.ask("session.new", capabilities={})
        self.window = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass  # an event
        assert answer["type"] == "success", answer
        return answer["result"]

    def run(self, script, *arguments):
        """What the body of a function returns; None while the page is not there."""
        called = f"JSON.stringify((function() {{{script}}}).apply(null, {json.dumps(arguments)}) ?? null)"
        found = self.ask("script.evaluate", expression=called, target={"context": self.window}, awaitPromise=False)
        return json.loads(found["result"]["value"]) if found["type"] == "success" else None

    def click(self, x, y):
        steps = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.ask(
            "input.performActions", context=self.window, actions=[{"type": "pointer", "id": "m", "actions": steps}]
        )


def connected(port):
    import websocket

    try:
        return websocket.create_connection(f"ws://127.0.0.1:{port}/session", timeout=PATIENCE, suppress_origin=True)
    except (OSError, websocket.WebSocketException):  # it has not started yet
        return None


@pytest.fixture
def firefox(tmp_path):
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(tmp_path), f"--remote-debugging-port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        found = Firefox(port)
        yield found
        found.socket.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)


def settled(firefox, x, y):
    """Where the point is once the page does not move any more."""
    place = firefox.run(PLACE, x, y)
    time.sleep(0.5)
    return place if place is not None and place == firefox.run(PLACE, x, y) else None


def test_a_click_is_answered_where_it_was_made(firefox):
    with serving() as (_, address):
        firefox.ask("browsingContext.setViewport", context=firefox.window, viewport={"width": 1366, "height": 860})
        firefox.ask("browsingContext.navigate", context=firefox.window, url=address, wait="complete")
        wait(lambda: "VIb" in (firefox.run(TEXT) or ""))
        firefox.click(*wait(lambda: settled(firefox, 1.5, 0.5)))
        seen = wait(lambda: "zero mass" in (told := firefox.run(TEXT)) and told)
    assert (
        "scalecheck solve diagonal --dim 100000000 --samples 1000000000000 " in seen
    )  # 1e8^(3/2): to a hundredth of an exponent
