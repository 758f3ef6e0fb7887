"""`%load_ext rpy2.ipython`: the magics of this package, with objects as rpy2's API has them."""

from __future__ import annotations

from .rmagic import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
