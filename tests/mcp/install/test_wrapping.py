"""The recorder is put before every stdio server, and taken away again character by character."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.errors import BadConfiguration
from afteraction.mcp.install.wrapping import unwrapped, wrapped

RECORDER = ["/usr/bin/afteraction"]
MODULE = ["/usr/bin/python3", "-m", "afteraction"]

CLAUDE = """{
  // the team's servers
  "mcpServers": {
    "kubernetes": {"command": "npx", "args": ["-y", "kubernetes-mcp-server"], "env": {"KUBECONFIG": "/k"}},
    "bare": { "command": "\\u0067it-server" },
    "empty": {"args": [], "command": "x"},
    "remote": {"type": "http", "url": "https://mcp.example.com/mcp"}, /* trailing comma */
  },
  "theme": "dark"
}
"""
CODEX = """model = "o5"  # mine

[mcp_servers.git]
command = 'mcp-server-git'   # no arguments
startup_timeout_sec = 20

[mcp_servers."prom etheus"]
args = [
  "-m",   # a module
  "prometheus_mcp_server",
]
command = "python3"
env = { PROMETHEUS_URL = "http://127.0.0.1:9090" }

[mcp_servers]
inline = { command = "a", args = ["b"] }
"""


def test_servers_are_wrapped_and_all_else_stays_as_it_is() -> None:
    change = wrapped(CLAUDE, "json", RECORDER, ["--incident=INC-7"])
    assert change.changed == ("kubernetes", "bare", "empty")
    assert dict(change.left) == {
        "remote": "is reached at https://mcp.example.com/mcp: run `afteraction record --url` before it"
    }
    assert '"args": ["record", "--incident=INC-7", "--", "npx", "-y", "kubernetes-mcp-server"]' in change.text
    assert (
        '"command": "/usr/bin/afteraction", "args": ["record", "--incident=INC-7", "--no-args", "--", "\\u0067it-server"]'
        in change.text
    )
    assert "// the team's servers" in change.text
    assert '"env": {"KUBECONFIG": "/k"}' in change.text


def test_toml_is_wrapped_and_still_toml() -> None:
    change = wrapped(CODEX, "toml", MODULE)
    servers = tomllib.loads(change.text)["mcp_servers"]
    assert change.changed == ("git", "prom etheus", "inline")
    assert servers["git"]["args"] == ["-m", "afteraction", "record", "--no-args", "--", "mcp-server-git"]
    assert servers["prom etheus"]["args"][2:] == ["record", "--", "python3", "-m", "prometheus_mcp_server"]
    assert servers["inline"] == {"command": MODULE[0], "args": ["-m", "afteraction", "record", "--", "a", "b"]}
    assert servers["git"]["startup_timeout_sec"] == 20


@pytest.mark.parametrize(("text", "kind"), [(CLAUDE, "json"), (CODEX, "toml")])
@pytest.mark.parametrize("recorder", [RECORDER, MODULE])
def test_unwrapping_gives_back_the_text(text: str, kind: str, recorder: list[str]) -> None:
    assert unwrapped(wrapped(text, kind, recorder).text, kind).text == text


def test_wrapping_twice_is_wrapping_once() -> None:
    once = wrapped(CLAUDE, "json", RECORDER)
    twice = wrapped(once.text, "json", RECORDER)
    assert (twice.text, twice.changed) == (once.text, ())
    assert ("kubernetes", "is recorded already") in twice.left


def test_what_was_edited_in_between_stays_edited() -> None:
    edited = wrapped(CLAUDE, "json", RECORDER).text.replace('"dark"', '"light"').replace('"/k"', '"/other"')
    assert unwrapped(edited, "json").text == CLAUDE.replace('"dark"', '"light"').replace('"/k"', '"/other"')


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ('{"servers": {"a": {"type": "stdio", "command": "x"}}, "inputs": []}', "a"),
        ('{"mcp": {"servers": {"a": {"command": "x", "args": ["y"]}}}}', "a"),
        ('{"projects": {"/home/me/shop": {"mcpServers": {"a": {"command": "x", "args": []}}}}}', "/home/me/shop: a"),
    ],
)
def test_the_shapes_of_all_clients_are_known(text: str, server: str) -> None:
    change = wrapped(text, "json", RECORDER)
    assert change.changed == (server,)
    assert unwrapped(change.text, "json").text == text


@pytest.mark.parametrize("text", ["", "{", '{"mcpServers": {"a": {"command": "x" "args": []}}}', '{"a": }', "[1,"])
def test_what_cannot_be_read_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadConfiguration, match="line 1"):
        wrapped(text, "json", RECORDER)


def test_toml_that_is_none_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="not TOML"):
        wrapped("[a\n", "toml", RECORDER)


@pytest.mark.parametrize(
    "text", ["{}", "[]", '"x"', '{"mcpServers": []}', '{"mcpServers": {"a": null, "b": {"args": 3}}}']
)
def test_a_configuration_without_servers_is_left(text: str) -> None:
    assert wrapped(text, "json", RECORDER).text == text


NAMES = st.text(min_size=1, max_size=8)
SERVERS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries(
        {"command": NAMES},
        optional={"args": st.lists(st.text(max_size=8), max_size=3), "env": st.dictionaries(NAMES, NAMES)},
    ),
    max_size=4,
)


@given(servers=SERVERS, indent=st.sampled_from([None, 1, "\t"]), escaped=st.booleans())
def test_any_json_is_wrapped_rightly_and_given_back(servers: dict[str, Any], indent: int | None, escaped: bool) -> None:
    text = json.dumps({"mcpServers": servers, "x": [1, {"y": None}]}, indent=indent, ensure_ascii=escaped)
    change = wrapped(text, "json", RECORDER)
    parsed = json.loads(change.text)["mcpServers"]
    fresh = {name for name in servers if name in change.changed}
    for name in fresh:
        server, now = servers[name], parsed[name]
        assert now["command"] == RECORDER[0]
        assert now["args"][now["args"].index("--") + 1 :] == [server["command"], *server.get("args", [])]
    assert unwrapped(change.text, "json").text == text


def test_a_mark_of_the_byte_order_stays_where_it_is() -> None:
    text = '\ufeff{\r\n  "mcpServers": {"git": {"command": "git-server"}}\r\n}\r\n'
    changed = wrapped(text, "json", RECORDER)
    assert changed.changed == ("git",)
    assert changed.text.startswith("\ufeff{\r\n")
    assert unwrapped(changed.text, "json").text == text
