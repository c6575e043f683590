"""What the tests of the explorer in browsers share: the served page, what it says, and where a point of the plane is."""

import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

PATIENCE = 180
"""Seconds for a page, a derivation and a spectrum on a machine that has other things to do."""
PLANE = 'const models = [...Bokeh.documents[0].all_models]; const plane = models.find(m => m.tags.includes("plane"));'
TEXT = """
const told = node => (node.shadowRoot ? told(node.shadowRoot) : "") + [...node.childNodes].map(part =>
  part.nodeType == 3 ? part.textContent : ["STYLE", "SCRIPT"].includes(part.nodeName) ? "" : told(part)).join(" ");
return told(document.body).replace(/\\s+/g, " ");
"""
PLACE = (
    PLANE
    + """
const view = Bokeh.index.find_one(plane), box = view.el.getBoundingClientRect();
return [box.left + view.frame.x_scale.compute(arguments[0]), box.top + view.frame.y_scale.compute(arguments[1])];
"""
)


def answered(address):
    try:
        return urlopen(address, timeout=5).status == 200
    except OSError:
        return False


def wait(condition):
    """What the condition is once it is true; a script of it may fail before, while the page is not there."""
    from selenium.common.exceptions import JavascriptException

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except JavascriptException:
            pass
        time.sleep(0.3)
    raise TimeoutError


@contextmanager
def serving():
    """The explorer in a process of its own, and its address."""
    command = [sys.executable, "-m", "scalecheck", "explore", "diagonal", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().split(" at ")[1].split(" ")[0]
        wait(lambda: answered(address))
        yield process, address
    finally:
        process.kill()
        process.communicate()
