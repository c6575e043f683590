"""The explorer in a real browser: a slider is moved, a point clicked, the learned spectrum seen; then Ctrl-C. The same in JupyterLab.

Runs where the extra, selenium and Chromium with its driver are installed; says why where they are not.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec

import numpy as np
import pytest

from .explorer_pages import PATIENCE, PLACE, PLANE, TEXT, answered, serving, wait

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1366,900",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


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
    with serving() as found:
        yield found


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


def click(browser, x, y, frame=None):
    """A click of the mouse on the plane; from outside the frame it is in, since Chromium's driver loses the place inside one."""
    from selenium.webdriver import ActionChains

    left, top = browser.execute_script(PLACE, x, y)
    if frame is not None:
        browser.switch_to.default_content()
        corner = "const box = arguments[0].getBoundingClientRect(); return [box.left, box.top]"
        left, top = np.add((left, top), browser.execute_script(corner, frame))
    chain = ActionChains(browser)
    chain.w3c_actions.pointer_action.move_to_location(int(left), int(top))
    chain.w3c_actions.pointer_action.click()
    chain.perform()
    if frame is not None:
        browser.switch_to.frame(frame)


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


CELL = {
    "cell_type": "code", "id": "cell-0", "metadata": {}, "execution_count": None, "outputs": [],
    "source": "import scalecheck\nscalecheck.explore('diagonal')",
}  # fmt: skip
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOTEBOOK = {"cells": [CELL], "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def laboratory(tmp_path):
    """The address of a notebook of one cell in JupyterLab, which keeps to a folder of its own."""
    if find_spec("jupyterlab") is None:
        pytest.skip("jupyterlab is not installed: pip install jupyterlab")
    (tmp_path / "try.ipynb").write_text(json.dumps(NOTEBOOK))
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=", "--LabApp.news_url=",
    ]  # fmt: skip
    own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    with (tmp_path / "log").open("w") as log:
        homes = {name: str(tmp_path / name) for name in own}
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **homes})
    try:
        address = f"http://127.0.0.1:{port}/lab/tree/try.ipynb"
        wait(lambda: answered(address))
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)


def shown(browser, selector):
    """The first element of those that a person sees, or None."""
    from selenium.webdriver.common.by import By

    return next((item for item in browser.find_elements(By.CSS_SELECTOR, selector) if item.is_displayed()), None)


def run_cell(browser):
    """Shift and Enter in the first cell; again while its number has no star, since a page that still loads loses keys."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    prompt, cell = (shown(browser, f".jp-CodeCell {part}") for part in (".jp-InputPrompt", ".cm-content"))
    if prompt is None or cell is None:
        return False
    if prompt.text.strip() in ("[*]:", "[1]:"):
        return True
    cell.click()
    ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
    time.sleep(3)
    return False


def test_a_click_in_a_notebook_is_answered(laboratory, browser):
    """The frame was drawn before the server listened: JupyterLab showed a broken page, and nothing asked again."""
    browser.get(laboratory)
    wait(lambda: run_cell(browser))
    frame = wait(lambda: shown(browser, ".jp-OutputArea iframe"))
    browser.switch_to.frame(frame)
    wait(lambda: "VIb" in browser.execute_script(TEXT))
    click(browser, 1.0, 0.25, frame)
    seen = wait(lambda: "zero mass" in (told := browser.execute_script(TEXT)) and told)
    assert "scalecheck solve diagonal --dim 100000000 --samples" in seen
