"""Server-sent events out of a stream of bytes, however it is cut.

See https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

LARGEST = 16 * 1024 * 1024  # characters of one event
_END = re.compile(r"\r\n|\n|\r")


class EventParser:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line: list[str] = []  # the pieces of the line that has not ended yet
        self._size = 0  # of the event so far
        self._event = ""
        self._data: list[str] = []
        self._after_return = False

    def push(self, piece: bytes) -> Iterator[tuple[str, str]]:
        """The events that end in this piece: name and data. `ValueError` if one is too large."""
        text = self._decoder.decode(piece)
        if not text:
            return
        # CR LF is one end of a line, even if the next piece begins with the LF.
        lines = _END.split(text.removeprefix("\n") if self._after_return else text)
        self._after_return = text.endswith("\r")
        for i, part in enumerate(lines):
            self._size += len(part)
            if self._size > LARGEST:
                raise ValueError("an event is too large")
            self._line.append(part)
            if i < len(lines) - 1:
                line = "".join(self._line)
                self._line = []
                yield from self._take(line)

    def _take(self, line: str) -> Iterator[tuple[str, str]]:
        if not line:
            if self._data:
                yield self._event or "message", "\n".join(self._data)
            self._event, self._data, self._size = "", [], 0
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        # Nothing else means anything here; a line that begins with a colon is a comment.
