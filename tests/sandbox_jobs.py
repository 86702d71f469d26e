"""Jobs that behave badly, for tests/test_sandbox.py (a worker imports them)."""

import os
import signal
import subprocess
import time
from pathlib import Path


def double(x: int) -> int:
    return 2 * x


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def eat(megabytes: int) -> int:
    blocks = []
    for _ in range(megabytes):
        blocks.append(bytearray(os.urandom(1024)) * 1024)
        time.sleep(0.0005)
    return len(blocks)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def fail() -> None:
    raise ValueError("quy hoạch")


def leave_child(pid_file: str) -> None:
    child = subprocess.Popen(["sleep", "300"])
    Path(pid_file).write_text(str(child.pid), encoding="ascii")
    time.sleep(300)


def first_time_kills_all(seen: str, n: int) -> int:
    """Kills the worker's parent too (the worker of a cluster), but once only."""
    try:
        Path(seen).touch(exist_ok=False)
    except FileExistsError:
        return n
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    return n
