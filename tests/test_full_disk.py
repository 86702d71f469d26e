"""A disk that is full or cannot be written: a clear message, nothing half-written, and the next build goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_build import ROOT, digest, kehoach, plan

ENTER = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]


def inside(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A shell script with a disk of its own, of one megabyte, on `folder`; nobody else sees it and it goes with the script."""
    mount = f'mount -t tmpfs -o size=1m tmpfs {folder} && cd {ROOT} && kehoach() {{ {sys.executable} -m pipeline "$@" --lang en; }}\n'
    return subprocess.run([*ENTER, "sh", "-c", mount + script], capture_output=True, text=True, env=os.environ | {"LANG": "C.UTF-8"})


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_full_disk_and_one_that_cannot_be_written_lose_nothing(tmp_path: Path) -> None:
    disk, raw, kept = tmp_path / "disk", tmp_path / "raw", tmp_path / "kept"
    for folder in (disk, raw):
        folder.mkdir()
    if inside(disk, "true").returncode:
        pytest.skip("no mount namespaces here")
    for n in (3, 4):
        (raw / f"kh{n}.txt").write_bytes(plan(n))
    assert kehoach("build", raw, tmp_path / "out", "--jobs", 1).returncode == 0
    build = f"kehoach build {raw} {disk}/out --jobs 1"
    left = f"find {disk} -name '.tmp-*' -o -name '.tables.tmp' -o -name running"
    full = inside(
        disk,
        f"""
        for size in 60k 400k 700k; do  # full while plans are read, while tables are written
          rm -rf {disk}/*; mount -o remount,size=$size {disk}; {build}; echo "rc $?"; {left}
        done
        mount -o remount,size=16m {disk}; {build}; echo "rc $?"; cp -r {disk}/out {kept}
        mount -o remount,ro {disk}; cp {raw}/kh4.txt {raw}/kh5.txt; echo x >> {raw}/kh5.txt; {build}; echo "rc $?"; {left}
        diff -r {disk}/out {kept} && kehoach status {disk}/out && kehoach search "hộ tịch" --corpus-dir {disk}/out
        echo "rc $?"
        """,
    )
    said = [line for line in full.stdout.splitlines() if line.startswith(("rc ", str(disk)))]
    assert said == ["rc 2"] * 3 + ["rc 0", "rc 2", "rc 0"], full.stdout + full.stderr
    assert full.stderr.count("Nothing can be written to") == 4 and "Traceback" not in full.stderr
    assert "Read-only file system" in full.stderr and "Free some space" in full.stderr
    assert digest(kept) == digest(tmp_path / "out")
