"""A headless Chromium for tests, driven over the two pipes that it offers (Chrome DevTools protocol): no port, no driver."""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import missing

AXE = Path(__file__).parent / "axe" / "axe.min.js"
"""axe-core 4.14.1 as published on npm, with its licence beside it."""
TALLEST = 8000
"""Pixels of a screenshot: a longer page is cut off."""


class Page:
    """One tab; each question waits for its answer."""

    def __init__(self, to: Any, back: Any) -> None:
        self._to, self._back = to, back
        self._number = 0
        self._session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self._axe = AXE.read_text(encoding="utf-8")

    def ask(self, method: str, **params: Any) -> Any:
        """The result of this command; what else the browser says meanwhile is let go."""
        self._number += 1
        said = {"id": self._number, "method": method, "params": params}
        self._to.write(json.dumps(said | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        self._to.flush()
        return self._until(lambda heard: heard.get("id") == self._number)["result"]

    def _until(self, wanted: Any) -> Any:
        while True:
            heard = json.loads(_message(self._back))
            if "error" in heard:
                raise RuntimeError(heard["error"]["message"])
            if wanted(heard):
                return heard

    def open(self, file: Path, *, width: int) -> None:
        """Show this page in a window of that many CSS pixels wide.

        Not as a phone: that zooms out until a page that is too wide fits, and hides it.
        """
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url=file.resolve().as_uri())
        self.value("new Promise(done => document.readyState == 'complete' ? done(1) : addEventListener('load', done))")

    def value(self, expression: str) -> Any:
        """What this JavaScript comes to."""
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def faults(self) -> list[str]:
        """What axe-core finds wrong (WCAG 2.2 AA and best practice): rule, and the first elements."""
        self.ask("Runtime.evaluate", expression=self._axe)
        found = self.value("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        # What stands behind the words of a drawing it cannot tell: test_figures_page reckons that.
        unsure = [
            one
            for one in found["incomplete"]
            if one["id"] == "color-contrast" and not all(node["html"].startswith("<text") for node in one["nodes"])
        ]
        return [
            f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
            for one in [*found["violations"], *unsure]
        ]

    def too_wide(self) -> list[str]:
        """The elements that stick out of the page or of their own box; empty when nothing must be scrolled sideways."""
        return list(
            self.value(
                """(() => {
                const wide = innerWidth, out = [];
                for (const one of document.querySelectorAll('body *')) {
                    const box = one.getBoundingClientRect();
                    if (box.width && (box.right > wide + 1 || box.left < -1)) out.push(one.outerHTML.slice(0, 160));
                }
                if (document.documentElement.scrollWidth > wide) out.push('the page: ' + document.documentElement.scrollWidth);
                return out; })()"""
            )
        )

    def screenshot(self, file: Path) -> None:
        """The whole page as a PNG."""
        width, height = self.value("[innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST), "scale": 1}
        shot = self.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))


def _message(back: Any) -> bytes:
    """The next message, which ends with a zero byte."""
    parts = []
    while True:
        ahead, ended, _ = back.peek(1).partition(b"\0")
        if not ahead and not ended:
            raise RuntimeError("Chromium stopped")
        parts.append(ahead)
        back.read(len(ahead) + len(ended))
        if ended:
            return b"".join(parts)


@contextlib.contextmanager
def chromium() -> Iterator[Page]:
    """A tab of a browser of its own; skips where Chromium is not there."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or ""
    if not program:
        missing("Chromium is not installed")
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        browser = subprocess.Popen(
            [
                *("/bin/bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash"),
                *(program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={home}"),
                *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
                *("--no-first-run", "--disable-background-networking", "--disable-extensions", "--mute-audio"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            with os.fdopen(ours_out, "wb") as to, os.fdopen(ours_in, "rb") as back:
                yield Page(to, back)
        finally:
            browser.terminate()
            browser.wait(timeout=30)


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    """One tab for all tests of a process: each opens its own page in it."""
    with chromium() as tab:
        yield tab
