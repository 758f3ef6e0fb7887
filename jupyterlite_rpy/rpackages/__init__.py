"""R packages: their names in; files of packages for a library of R, or for a site, out.

Layers, each knowing those above it: `index` (what a repository offers), `archive` (the files of one package),
`resolve` (what a package needs), `repository` (how both are fetched), `wanted` (what a user names),
`r_library` (a running R's packages), `installer` (from the one to the other). What a site takes along is
`bundle`'s, with `lock` and `download`; a browser does not import these.
"""

from __future__ import annotations

from .installer import Installed, Installer

__all__ = ["Installed", "Installer"]
