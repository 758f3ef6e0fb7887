"""Packages by name, what repositories offer, what is installed in; what to install, in which order, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..errors import RPackageError
from .index import BASE, Entry, Need

__all__ = ["Offers", "resolve"]

_R_ITSELF = BASE - {"webr"} | {"R"}  # webr has a version of its own
_ALWAYS_THERE = BASE | {"R", "reticulate"}


class Offers(Protocol):
    """A repository, as far as it matters here."""

    @property
    def address(self) -> str:
        """Where it is."""

    def offered(self) -> Mapping[str, Entry]:
        """Return what it has, by name; `RPackageError`: that cannot be known."""


def resolve(
    wanted: Sequence[Need],
    repositories: Sequence[Offers],
    installed: Mapping[str, str],
    r_version: str,
    *,
    again: bool = False,
) -> list[Entry]:
    """Find all that must be installed for the wanted packages to run, each after what it needs itself.

    Parameters
    ----------
    wanted
        The packages asked for.
    repositories
        In order: the first that has a package in a version that will do is taken. The next one is asked only
        when that is needed.
    installed
        Versions by name. What is there in a version that will do is left alone, and so is a wanted package in
        the version that is offered.
    r_version
        Of the R that is to run them.
    again
        Install the wanted packages whatever is installed.

    Raises
    ------
    RPackageError
        A package is offered nowhere, or only in versions that will not do, or needs another R.
    """
    chosen: dict[str, Entry] = {}
    order: list[Entry] = []

    def add(need: Need, chain: tuple[Entry, ...]) -> None:
        name = need.package
        if name in _ALWAYS_THERE:
            if name in _R_ITSELF and not need.met_by(r_version):
                raise _unmet(need, chain, f"this is R {r_version}")
            return
        if name in chosen:
            if not need.met_by(chosen[name].version):
                raise _unmet(need, chain, f"{chosen[name]} is to be installed")
            return
        if chain and name in installed and need.met_by(installed[name]):
            return
        entry = _offered(need, repositories, chain)
        if not chain and not again and installed.get(name) == entry.version:
            return
        chosen[name] = entry
        for inner in entry.needs:
            add(inner, (*chain, entry))
        order.append(entry)

    for need in wanted:
        add(need, ())
    return order


def _offered(need: Need, repositories: Sequence[Offers], chain: tuple[Entry, ...]) -> Entry:
    problems: list[RPackageError] = []
    others: list[Entry] = []
    similar: set[str] = set()
    for repository in repositories:
        try:
            offered = repository.offered()
        except RPackageError as error:
            problems.append(error)  # the next one may have it
            continue
        entry = offered.get(need.package)
        if entry is not None and need.met_by(entry.version):
            return entry
        if entry is not None:
            others.append(entry)
        similar.update(name for name in offered if name.lower() == need.package.lower())
    if problems and len(problems) == len(repositories):
        raise problems[0]
    if others:
        raise _unmet(
            need, chain, "there is only " + ", ".join(f"{e.version} in {e.repository}" for e in others)
        )
    looked = ", ".join(repository.address for repository in repositories) or "no repository is set"
    failed = "".join(f"\n{str(problem).partition(chr(10))[0]}" for problem in problems)
    raise RPackageError(
        f"there is no R package {need.package!r}{_because(chain)} built for WebAssembly here "
        f"(looked in: {looked}){failed}",
        package=need.package,
        hint=f"names are case-sensitive: did you mean {', '.join(sorted(similar))}?"
        if similar
        else "if it is pure R, it can be installed from its source: %Rinstall ./folder or ./file.tar.gz",
    )


def _because(chain: tuple[Entry, ...]) -> str:
    return f" (needed by {', needed by '.join(map(str, reversed(chain)))})" if chain else ""


def _unmet(need: Need, chain: tuple[Entry, ...], but: str) -> RPackageError:
    who = f"{chain[-1]} needs {need}" if chain else f"{need} is wanted"
    return RPackageError(
        f"{who}, but {but}",
        package=chain[-1].package if chain else need.package,
        hint="packages of one day of one repository fit together: install all of them anew, or put "
        "a set into the site (jupyter lite build --r-packages=...)",
    )
