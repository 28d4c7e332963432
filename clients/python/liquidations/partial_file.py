"""A file that is being downloaded: checked before it bears its name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Mapping

from .errors import IntegrityError
from .messages import Request


class PartialFile:
    """Takes the parts of a download. It continues where it was cut, and gets its name once its hash fits.

    :param target: the path that it gets
    :param described: what it has to be: its `bytes` and its `sha256`
    """

    def __init__(self, target: Path, described: Mapping[str, Any]) -> None:
        self._target = target
        self._described = described
        self._part = target.with_name(f"{target.name}.part")
        self._hash = hashlib.sha256()
        self._size = 0
        self._furthest = 0
        self._failures = 0
        target.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = self._part.open("wb")

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    @property
    def is_complete(self) -> bool:
        return bool(self._size >= self._described["bytes"])

    def request(self, path: str) -> Request:
        """The request for what is missing. A file never changes under its name, so parts of two responses fit together."""
        return Request("GET", path, {"Range": f"bytes={self._size}-"} if self._size else {})

    def begin(self, status: int) -> None:
        """A response begins: with 200 it has the whole file, whatever was asked for."""
        if status == 200 and self._size:
            self._file.seek(0)
            self._file.truncate()
            self._hash, self._size = hashlib.sha256(), 0

    def write(self, part: bytes) -> None:
        self._file.write(part)
        self._hash.update(part)
        self._size += len(part)

    def count_failure(self) -> int:
        """:returns: how many attempts in a row, with the one that failed now, brought the file no further"""
        self._failures = 1 if self._size > self._furthest else self._failures + 1
        self._furthest = max(self._furthest, self._size)
        return self._failures

    def finish(self) -> Path:
        """Gives the file its name.

        :raises IntegrityError: where the hash is another one
        """
        expected = self._described["sha256"]
        if self._hash.hexdigest() != expected:
            raise IntegrityError(f"{self._target.name} has {self._size} bytes with the SHA-256 {self._hash.hexdigest()}, but should have {expected}")
        self._file.close()
        self._part.replace(self._target)
        return self._target


def is_downloaded(path: Path, described: Mapping[str, Any]) -> bool:
    """Whether a file is there already, with the bytes and the hash of its description."""
    if not path.is_file() or path.stat().st_size != described["bytes"]:
        return False
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            hashed.update(part)
    return bool(hashed.hexdigest() == described["sha256"])
