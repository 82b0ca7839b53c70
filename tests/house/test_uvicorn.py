"""What is taken from uvicorn, so that an upgrade which changes it is noticed here first."""

import ast
import asyncio
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from backoffice.config import CHECKOUT
from backoffice.web.server import protocol

ADAPTER = Path(protocol.__file__)
METHODS = {
    "connection_made", "connection_lost", "data_received", "pause_writing", "resume_writing",
    "on_message_begin", "on_headers_complete", "on_body", "on_message_complete",
    "on_response_complete", "shutdown", "timeout_keep_alive_handler",
    "_unset_keepalive_if_required",
}  # fmt: skip
ATTRIBUTES = {
    "loop", "transport", "parser", "flow", "cycle", "scope", "url", "headers", "client",
    "server_state", "timeout_keep_alive", "timeout_keep_alive_task",
}  # fmt: skip
OF_A_REQUEST = {
    "disconnected", "keep_alive", "message_event", "response_complete", "response_started",
}  # fmt: skip


def test_the_protocols_methods_and_attributes_are_there() -> None:
    assert set(dir(HttpToolsProtocol)) >= METHODS
    state, config = ServerState(), uvicorn.Config(Starlette(), http=HttpToolsProtocol)
    loop = asyncio.new_event_loop()
    connection = HttpToolsProtocol(config, state, {}, _loop=loop)
    connection.on_message_begin()
    loop.close()
    assert set(vars(connection)) >= ATTRIBUTES
    assert isinstance(state.default_headers, list)
    assert {"pause_reading", "resume_reading"} <= set(dir(FlowControl))
    made = inspect.getsource(RequestResponseCycle.__init__)
    assert set(re.findall(r"self\.(\w+)", made)) >= OF_A_REQUEST


def test_the_server_hands_a_protocol_what_ours_takes() -> None:
    ours, theirs = (
        list(inspect.signature(one.__init__).parameters)
        for one in (protocol.BoundedProtocol, HttpToolsProtocol)
    )
    assert ours == theirs
    assert "http_protocol_class(" in inspect.getsource(uvicorn.Server.startup)


@pytest.mark.parametrize(
    ("method", "what"),
    [
        # Called at the end of each answer, when the connection may be closing already.
        (RequestResponseCycle.send, "self.on_response()"),
        # Says nothing more to a client that is told to be gone, and tells the application so.
        (RequestResponseCycle.send, "if self.disconnected:\n            return"),
        (RequestResponseCycle.receive, "if self.disconnected or self.response_complete:"),
        # One request at a time; another parsed before its end would be put in line.
        (HttpToolsProtocol.on_headers_complete, "self.cycle = RequestResponseCycle("),
    ],
)  # fmt: skip
def test_what_ours_relies_on_is_done_there(method: Callable[..., Any], what: str) -> None:
    assert what in inspect.getsource(method)


def test_everything_the_adapter_reaches_for_is_named_here() -> None:
    tree = ast.parse(ADAPTER.read_text())
    reached = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    instance = inspect.getsource(protocol.BoundedProtocol)
    own = set(re.findall(r"self\.(_\w+)(?:: [^=\n]+)? = ", instance)) | set(
        re.findall(r"def (\w+)", instance)
    )
    assert reached - own - {"limits", "refusal_log", "connections_open"} <= METHODS | ATTRIBUTES


def test_no_other_module_knows_how_uvicorn_is_made() -> None:
    importing = {
        path.relative_to(CHECKOUT / "backoffice").as_posix()
        for path in (CHECKOUT / "backoffice").rglob("*.py")
        if re.search(r"^\s*(?:from|import) uvicorn\.", path.read_text(), re.MULTILINE)
    }
    assert importing == {"web/server/protocol.py"}
