"""Requests to the issuer, by the standard library alone.

Redirects are not followed: they would carry a secret to somebody else. No error has a token, a
secret or what the issuer said in it.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

LARGEST_ANSWER = 128 * 1024 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# What somebody has to mend, by what is asked and what is answered.
_MISTAKES = {
    ("/oauth2/token", 400): ": has the client the scope revocations:read?",
    ("/oauth2/token", 401): ": are the client and its secret right?",
    ("/oauth2/introspect", 401): ": are the client and its secret right?",
    ("/oauth2/introspect", 403): ": has the client the scope tokens:introspect?",
}


class HttpError(Exception):
    """No answer, or none that could be used."""


class Issuer:
    """An issuer, and the client that we are to it."""

    def __init__(self, url: str, client_id: str, client_secret: str, allow_plain_http: bool):
        if not client_id or not client_secret:
            raise ValueError("the client and its secret are missing")
        parts = urlsplit(url)
        is_plain = parts.scheme == "http" and (allow_plain_http or parts.hostname in _LOOPBACK)
        if not parts.hostname or not (parts.scheme == "https" or is_plain):
            raise ValueError(f"{url} is neither https nor this machine")
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self._parts = parts
        self._path = parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._token: tuple[str, float] | None = None  # our own, and when to renew it

    def own_token(self, timeout: float) -> str:
        """An access token to read the feed with."""
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        form = {"grant_type": "client_credentials", "scope": "revocations:read"}
        answer = self.post("/oauth2/token", form, timeout)
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise HttpError("no access token was given")
        life = life if isinstance(life, int) else 60
        self._token = token, time.monotonic() + life * 2 / 3
        return token

    def get(self, path: str, timeout: float) -> Any:
        """JSON that we may see."""
        headers = {"Authorization": f"Bearer {self.own_token(timeout)}"}
        with self._request("GET", path, headers, None, timeout) as response:
            return _json(response)

    def post(self, path: str, form: dict[str, str], timeout: float) -> dict[str, Any]:
        """A form, by our name and secret; a JSON object comes back."""
        headers = {
            "Authorization": self._basic, "Content-Type": "application/x-www-form-urlencoded",
        }
        with self._request("POST", path, headers, urlencode(form), timeout) as response:
            answer = _json(response)
        if not isinstance(answer, dict):
            raise HttpError(f"{path} answered something else")
        return answer

    @contextmanager
    def stream(self, path: str, silence: float) -> Iterator[Iterator[bytes]]:
        """What comes, as it comes; an `HttpError` after so many seconds of nothing."""
        headers = {"Authorization": f"Bearer {self.own_token(silence)}"}
        accept = "text/event-stream"
        with self._request("GET", path, headers, None, silence, accept) as response:
            yield iter(lambda: response.read1(64 * 1024), b"")

    @contextmanager
    def _request(
        self, method: str, path: str, headers: dict[str, str], body: str | None, timeout: float,
        accept: str = "application/json",
    ) -> Iterator[http.client.HTTPResponse]:
        connection = self._connect(timeout)
        try:
            headers = {**headers, "Accept": accept}
            connection.request(method, self._path + path, body, headers)
            response = connection.getresponse()
            if response.status == 401:
                self._token = None
            is_expected = response.headers.get_content_type() == accept
            if response.status != 200 or not is_expected:
                route = path.partition("?")[0]
                mistake = _MISTAKES.get((route, response.status), "")
                raise HttpError(f"{route} answered {response.status}{mistake}")
            yield response
        except TimeoutError as error:
            raise HttpError("no answer in time") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            # Not the words of the error: they may quote what it is about.
            raise HttpError(f"no connection: {type(error).__name__}") from error
        finally:
            connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._tls is None:
            return http.client.HTTPConnection(host, port, timeout=timeout)
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=self._tls)


def _json(response: http.client.HTTPResponse) -> Any:
    text = response.read(LARGEST_ANSWER + 1)
    if len(text) > LARGEST_ANSWER:
        raise HttpError("an answer is too large")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise HttpError("an answer is not JSON") from None
