"""
Children to be killed: forked from a process that has everything imported already.

A program takes two seconds to start and a tenth of one to build or to serve a small index; killing
it thousands of times is about the tenth. Forking needs a parent without threads, so these rows run
as commands of their own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path


def fork(work: Callable[[], object], log: Path) -> int:
    """Do *work* in a child that ends with it; its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(written, 1)
        os.dup2(written, 2)
        work()
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def kill_after(pid: int, seconds: float) -> bool:
    """SIGKILL a child after *seconds*; False where it had ended by itself before."""
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)
