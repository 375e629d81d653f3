"""What the tests in a browser share: Chromium, and a page opened with the network cut."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def offline(chromium: Browser) -> Callable[[Path], AbstractContextManager[Page]]:
    """Return how to open a file with the network cut; on leaving, nothing was asked and nothing complained."""

    @contextmanager
    def opened(file: Path) -> Iterator[Page]:
        context = chromium.new_context(offline=True, viewport={"width": 1400, "height": 900})
        asked: list[str] = []
        complaints: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        yield page
        context.close()
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert complaints == []

    return opened
