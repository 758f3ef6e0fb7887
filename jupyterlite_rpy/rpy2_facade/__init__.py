"""A small `rpy2` of our own: notebooks written for rpy2 in, the same calls on R in WebAssembly out.

Importing this package makes `import rpy2` and `%load_ext rpy2.ipython` find it wherever the real rpy2 is not
installed. Its modules have rpy2's names; docs/from-rpy2.md says what is the same, what is better, and what is
not there. No code of rpy2 is in it.
"""

from __future__ import annotations

from .._version import __version__ as _own_version
from .finder import install

__all__ = ["__version__", "install"]

__version_vector__ = ((3, 6, 4), "jupyterlite_rpy")
__version__ = f"3.6.4+jupyterlite_rpy.{_own_version}"
"""The rpy2 whose API this follows, and, as a local label, whose code it is."""

install()
