"""`rpy2.rinterface_lib.openrlib`: a lock around R. Calls of a session wait for each other anyway."""

from __future__ import annotations

import threading

__all__ = ["rlock"]

rlock = threading.RLock()
