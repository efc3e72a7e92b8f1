"""A language model behind the `Wording` port: any provider that pydantic-ai knows, or an OpenAI-compatible endpoint.

What is sent are ledger entries whose secrets are masked. A model that fails or does not answer in time is
`ModelUnavailable`; nothing is tried twice beyond what the provider's own client does.
"""

from __future__ import annotations

import asyncio

from pydantic_ai import Agent
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from afteraction.errors import ModelUnavailable

SECONDS = 60.0
"""How long one answer may take."""


class LanguageModel:
    """Asks `name` (`provider:model`, or a model of the OpenAI-compatible endpoint at `url`)."""

    def __init__(self, name: str, *, url: str = "", key: str = "", seconds: float = SECONDS) -> None:
        self.name = name
        self._seconds = seconds
        model: Model | str = name
        if url:
            model = OpenAIChatModel(name, provider=OpenAIProvider(base_url=url, api_key=key or "none"))
        self._model = model

    def __call__(self, instructions: str, evidence: str, /) -> str:
        """Return the model's answer. Raises ModelUnavailable."""
        try:
            agent = Agent(self._model, instructions=instructions, output_type=str, model_settings={"temperature": 0.0})
            return asyncio.run(self._asked(agent, evidence))
        except TimeoutError as error:
            raise ModelUnavailable(f"{self.name} gave no answer within {self._seconds:.0f} s") from error
        except (AgentRunError, UserError) as error:
            raise ModelUnavailable(f"{self.name} cannot be asked: {str(error)[:300]}") from error

    async def _asked(self, agent: Agent[object, str], evidence: str) -> str:
        async with asyncio.timeout(self._seconds):
            return (await agent.run(evidence)).output
