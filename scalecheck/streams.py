"""Standard output and signals of a command: readers that go away, terminals without Greek letters, being asked to stop."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading


def hush() -> None:
    """The reader went away (`| head`): nothing is left to be told, and Python must not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def aside(line: str) -> None:
    """A line on standard error about how far a run is: that nobody reads it is no reason to end the run.

    Ended by the first line that found no reader, `verify 2>&1 | head` said that everything held, and had heard nothing.
    """
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def prepare_streams() -> None:
    """Greek letters on a terminal that knows none are spelled out; being asked to stop is the same as Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, frame: object) -> None:
    """The same as Ctrl-C, once: asked again while workers are being ended, there is nothing more to do."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
