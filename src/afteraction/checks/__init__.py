"""Rules over a parsed post-mortem, each with an id, a page in the docs and a suggestion."""

from afteraction.checks.registry import RULES, check, follows_template
from afteraction.checks.remark import Remark, Rule, Severity

__all__ = ["RULES", "Remark", "Rule", "Severity", "check", "follows_template"]
