"""Sphinx configuration."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import generated  # noqa: E402

from scalecheck import __version__  # noqa: E402

generated.write(HERE / "_generated")

project = "scalecheck"
author = "The scalecheck authors"
copyright = "2026, The scalecheck authors"
release = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True  # a tutorial that fails is an error, not a page with a traceback
nb_execution_timeout = 300
nb_mime_priority_overrides = [("html", "text/html", 0)]
myst_enable_extensions = ["dollarmath"]
numpydoc_show_class_members = False
html_theme = "alabaster"
exclude_patterns = ["_build", "jupyter_execute"]
