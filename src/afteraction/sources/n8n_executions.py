"""Executions of n8n workflows, as the editor and the API give them with their data: what its agents' tools did.

In comes an execution; out goes an event for each run of a node that an agent called as a tool, with input, output, duration
and failure. Other nodes are the workflow's own plumbing and are left out. The format has no field for an approval, so
that stays unknown. The shape of tool runs was taken from the program's types (n8n 1.x), not from a captured run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.agent_calls import AgentCall
from afteraction.formats.agent_sessions import Session, items_of, session_reading
from afteraction.formats.agent_shapes import AgentShape, is_n8n, run_data
from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of
from afteraction.formats.json_origins import origin_of, safe_stamp, unwrap
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import agent_file
from afteraction.formats.tool_results import compact
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading


class N8nExecutions:
    """The source."""

    name = "n8n"
    summary = "n8n executions (JSON with data): the calls of agents' tools, results, failures, durations."

    def claims(self, raw: RawInput) -> bool:
        """Claim executions with the data of their runs."""
        return agent_file(raw.head) is AgentShape.N8N

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all runs of tool nodes, in the order in which they ran."""
        problems = ProblemList(raw.name)
        records = items_of(raw, problems)
        session = Session(agent="n8n")
        for record in records:
            for execution, path, _ in unwrap(record.value, is_n8n):
                origin = origin_of(raw.name, record, path)
                agent = text_of(execution, "workflowData.name", "workflowName") or "n8n workflow"
                for found in _calls(execution, agent, origin, path, context.zone):
                    session.add(found)
        return session_reading(session, raw, problems, source=self.name, lines=len(records))


def _calls(execution: Mapping[str, Any], agent: str, origin: Origin, path: str, zone: str) -> list[AgentCall]:
    found: list[tuple[float, AgentCall]] = []
    kinds = {
        text_of(node, "name"): text_of(node, "type").rpartition(".")[2]
        for node in list_of(value_of(execution, "workflowData.nodes"))
    }
    for node, runs in mapping_of(run_data(execution)).items():
        for number, run in enumerate(list_of(runs)):
            told = mapping_of(run)
            given = _first(value_of(told, "inputOverride.ai_tool"))
            gave = _first(value_of(told, "data.ai_tool"))
            if given is None and gave is None:
                continue
            start, took = told.get("startTime"), told.get("executionTime")
            stamp = safe_stamp(start, zone) if isinstance(start, int | float) and not isinstance(start, bool) else None
            error = told.get("error")
            server = str(node) if "mcp" in kinds.get(str(node), "").lower() else ""
            arguments = mapping_of(given)
            execution_id = text_of(execution, "id")
            inside = replace(origin, record=f"{path + '.' if path else ''}runData.{node}[{number}]")
            call = AgentCall(
                tool=(text_of(arguments, "tool", "toolName") if server else "") or str(node),
                server=server,
                arguments=mapping_of(arguments.get("query")) or arguments or given,
                result=text_of(error, "message", "description") or text_of(gave, "response", "output") or compact(gave),
                failed=error is not None or text_of(told, "executionStatus") in {"error", "crashed", "canceled"},
                seconds=took / 1000 if isinstance(took, int | float) and 0 <= took < 1e12 else None,
                origin=inside,
                stamp=stamp,
                agent=agent,
                # An execution may be exported more than once; its number, node and run tell a call apart.
                call_id=f"n8n {execution_id} {node} {number}" if execution_id else "",
            )
            found.append((stamp.at.timestamp() if stamp else 0.0, call))
    return [call for _, call in sorted(found, key=lambda pair: pair[0])]


def _first(branches: Any) -> Any:
    """Return the first item's JSON of the first branch; n8n keeps lists of lists of items."""
    for branch in list_of(branches):
        for item in list_of(branch):
            return mapping_of(item).get("json")
    return None
