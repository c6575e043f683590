"""The explorer in a real browser: a slider is moved, a point clicked, the learned spectrum seen; then Ctrl-C.

Runs where the extra, selenium and Chromium with its driver are installed; says why where they are not.
"""

import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from urllib.request import urlopen

import pytest

PATIENCE = 180
"""Seconds for a page, a derivation and a spectrum on a machine that has other things to do."""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1366,900",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PLANE = 'const models = [...Bokeh.documents[0].all_models]; const plane = models.find(m => m.tags.includes("plane"));'
TEXT = """
const told = node => (node.shadowRoot ? told(node.shadowRoot) : "") + [...node.childNodes].map(part =>
  part.nodeType == 3 ? part.textContent : ["STYLE", "SCRIPT"].includes(part.nodeName) ? "" : told(part)).join(" ");
return told(document.body).replace(/\\s+/g, " ");
"""


def missing():
    for name, extra in (("panel", "'scalecheck[explorer]'"), ("selenium", "selenium")):
        if find_spec(name) is None:
            return f"{name} is not installed: pip install {extra}"
    for name in ("chromium", "chromedriver"):
        if shutil.which(name) is None:
            return f"no {name} on the path (Debian packages chromium and chromium-driver)"
    return ""


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]


@pytest.fixture
def served():
    command = [sys.executable, "-m", "scalecheck", "explore", "diagonal", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().split(" at ")[1].split(" ")[0]
        wait(lambda: answered(address))
        yield process, address
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def browser(tmp_path):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


def answered(address):
    try:
        return urlopen(address, timeout=5).status == 200
    except OSError:
        return False


def wait(condition):
    from selenium.common.exceptions import JavascriptException

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except JavascriptException:  # the page is not there yet
            pass
        time.sleep(0.3)
    raise TimeoutError


def click(browser, x, y):
    from selenium.webdriver import ActionChains

    script = (
        PLANE
        + """
    const view = Bokeh.index.find_one(plane), box = view.el.getBoundingClientRect();
    return [box.left + view.frame.x_scale.compute(arguments[0]), box.top + view.frame.y_scale.compute(arguments[1])];
    """
    )
    left, top = browser.execute_script(script, x, y)
    chain = ActionChains(browser)
    chain.w3c_actions.pointer_action.move_to_location(int(left), int(top))
    chain.w3c_actions.pointer_action.click()
    chain.perform()


def end_of_window(browser):
    """The largest coordinate in sight: it follows the corners of the diagram."""
    return browser.execute_script(PLANE + "return plane.x_range.end")


def slide(browser):
    """Move the first slider by its keys, as a person without a mouse would."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    script = """
    const deep = node => [...(node.shadowRoot ? deep(node.shadowRoot) : []), ...[...node.children].flatMap(
      part => part.classList.contains("noUi-handle") ? [part] : deep(part))];
    return deep(document.body)[0];
    """
    handle = browser.execute_script(script)
    ActionChains(browser).move_to_element(handle).click().perform()
    for _ in range(4):
        handle.send_keys(Keys.ARROW_RIGHT)


def test_slide_click_see(served, browser):
    process, address = served
    browser.get(address)
    assert "deriving the phase diagram" in wait(
        lambda: "deriving" in browser.execute_script(TEXT) and browser.execute_script(TEXT)
    )
    before = wait(lambda: end_of_window(browser) > 1 and end_of_window(browser))
    wait(lambda: "VIb" in browser.execute_script(TEXT))

    slide(browser)
    wait(lambda: end_of_window(browser) > before)  # VIb moved away with γ, and the window with it
    wait(lambda: "decay γ: 1.2" in browser.execute_script(TEXT))

    click(browser, 1.0, 0.25)
    seen = wait(lambda: "terminal" in (told := browser.execute_script(TEXT)) and "zero mass" in told and told)
    for part in ("risk by the law", "risk, solved", "Converged", "decomposition"):
        assert part in seen
    assert "scalecheck solve diagonal --dim 100000000 --samples" in seen
    assert "scalecheck spectrum diagonal" in seen
    drawn = "return [...Bokeh.documents[0].all_models].filter(m => m.type == 'Legend').flatMap(m => m.items.map(i => i.label.value))"
    labels = wait(lambda: len(found := browser.execute_script(drawn)) >= 4 and found)
    assert any("learned weights" in label for label in labels)
    assert any("derived tail" in label for label in labels)

    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    requests = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent" in entry["message"]]
    elsewhere = [line for line in requests if '"url":"http' in line and f'"url":"{address}' not in line]
    assert elsewhere == []  # nothing is fetched from any other machine

    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in complaints


def test_a_page_closed_while_the_plane_is_derived_leaves_no_trace(served, browser):
    """The answer comes when nobody looks any more; the next page finds it ready."""
    process, address = served
    browser.get(address)
    wait(lambda: "deriving" in browser.execute_script(TEXT))
    browser.get("about:blank")
    time.sleep(2)
    browser.get(address)
    wait(lambda: "VIb" in browser.execute_script(TEXT))
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in complaints
