"""A true server beside the test, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_SECONDS = 20


@contextmanager
def answering(app: Any) -> Iterator[str]:
    """Address of a server on a free loopback port; it ends with its streams, whatever happens."""
    import uvicorn

    config = uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        app.state.closing.set()
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), "the server did not end"
