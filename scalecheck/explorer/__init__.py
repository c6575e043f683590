"""The explorer's door: a phase diagram to turn and click, in a notebook or in a browser of its own.

Panel and Bokeh are an extra, imported here and only when they are used.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from importlib.util import find_spec

from scalecheck.proofs_checks.errors import InputError, MissingExtra
from scalecheck.proofs_checks.registry import theories

from .model import chosen

HOST = "localhost"
TITLE = "scalecheck: phase diagrams"
PATIENCE = 60.0
"""Seconds that a server in the notebook's kernel is given to listen: importing Panel takes some of them."""


def _need_panel() -> None:
    """Say what is missing in one line before anything is derived."""
    if any(find_spec(name) is None for name in ("panel", "bokeh")):
        raise MissingExtra("explore", "Panel", "explorer")


@dataclass(frozen=True)
class Page:
    """A served explorer: a notebook shows it in a frame, and `address` opens it in a browser of its own.

    Panel's own way into a notebook (1.9.4, in JupyterLab) loses clicks on the plane; a frame is the page itself.
    """

    address: str

    def _repr_html_(self) -> str:
        return f'<iframe src="{self.address}" style="width:100%;height:900px;border:0"></iframe>'


def in_notebook(theory: str | None) -> Page:
    """Serve the explorer beside the notebook's own work, for as long as its kernel lives."""
    record = chosen(theories(), theory)
    _need_panel()
    number = _free(0)
    _serve(record.name, number, show=False, threaded=True)
    _await(number)
    return Page(f"http://{HOST}:{number}/")


def _await(number: int) -> None:
    """Wait until the server's thread listens: a frame that is drawn before shows a broken page, and does not ask again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise InputError("port", number, "a port of this machine on which a server may be reached") from None
            time.sleep(0.05)


def _serve(name: str, number: int, show: bool, threaded: bool) -> None:
    import panel

    from .app import Explorer

    panel.serve(
        lambda: Explorer(name).view, port=number, address="127.0.0.1", show=show, title=TITLE, verbose=False,
        threaded=threaded, websocket_origin=[f"{HOST}:{number}", f"127.0.0.1:{number}"],
    )  # fmt: skip


def serve(theory: str | None, port: int, show: bool) -> None:
    """Serve the explorer on this machine alone until Ctrl-C; every page has a state of its own.

    Raises
    ------
    InputError
        For a theory that cannot be explored, a missing extra, or a port that is taken.
    KeyboardInterrupt
        In the end.
    """
    record = chosen(theories(), theory)
    _need_panel()
    number = _free(port)
    from .app import pn

    pn()  # importing Panel takes seconds: whoever reads the address is to find it answered

    print(f"scalecheck: exploring {record.name} at http://{HOST}:{number}/ (Ctrl-C ends it)", flush=True)  # noqa: T201
    _serve(record.name, number, show, threaded=False)
    raise KeyboardInterrupt  # Panel's own handler of Ctrl-C ended the server; for a command of the house that is 130


def _free(port: int) -> int:
    """The port itself if it is free, any free one for 0."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise InputError("port", port, "a free port from 1024 to 65535, or 0 for any free one") from None
        return int(trial.getsockname()[1])
