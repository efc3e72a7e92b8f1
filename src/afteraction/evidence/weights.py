"""What each piece of evidence about a change or an outside cause is worth, in points (natural log-odds).

The values were set by hand from what a reviewer would say, in steps of a half, and never fitted to a case: how little
any of them decides is measured by leaving one case, one rule and one value out at a time (`bench/evidence_leave_one_out.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Points per rule: positive speaks for a candidate, negative against it, 0 switches the rule off."""

    # When a change went live.
    came_later: float = -8.0
    undeployed: float = -1.5
    lag: float = -0.35
    """Per natural logarithm of the quarter hours between the change and the symptoms."""
    # Where it went.
    at_origin: float = 2.0
    among_first: float = 2.0
    below_origin: float = 0.5
    only_caller: float = -0.5
    calls_more: float = 2.0
    """It went to a caller that calls the origin more often since, and it changes how often one calls."""
    nothing_wrong: float = -2.5
    # What it does.
    inert: float = -4.0
    fits: float = 1.0
    fits_share: float = 1.8
    """On top of `fits`, times the share of the symptoms that its mechanism explains."""
    fits_nothing: float = -1.0
    restructured: float = -1.5
    dependency: float = -1.0
    loosened: float = -1.0
    """It only raises limits and waits, none of them more than two and a half times."""
    bounded: float = -2.0
    # What it shares with the symptoms.
    stack_frame: float = 3.0
    shared_words: float = 0.8
    same_value: float = 3.0
    said_value: float = 2.0
    """The symptoms say its new number beside a word of the changed line."""
    said_version: float = 2.5
    """Another service's failing lines name the version that brought it."""
    said_literal: float = 1.5
    """The symptoms hold a name, path or address that only one side of its diff has."""
    restated: float = 0.4
    """What a stack frame or shared words are worth where the code was only restated."""
    # What moved when it went live.
    moved_with_it: float = 2.5
    moved_traffic: float = 0.4
    """What that is worth where what moved is the traffic that came in: a service hardly decides who calls it."""
    moved_anywhere: float = 0.5
    """What it is worth where nobody knows to which service the change went."""
    moved_before_it: float = -2.0
    quiet_until_later: float = -2.0
    # What the world did.
    expired: float = 3.0
    expired_at_onset: float = 1.5
    countdown: float = 2.5
    provider: float = 1.0
    provider_named: float = 1.0
    provider_shared: float = 1.0
    provider_called: float = 1.0
    """Calls to what it runs are seen to fail."""
    surge: float = 0.8
    surge_not_above: float = -2.0
    surge_said: float = 1.0
    surge_from_entry: float = 1.0
    bad_record: float = 2.0
    bad_record_alone: float = 1.0
    """Nearly all failing lines are about this one record."""
    world_said: float = 2.3
    world_measured: float = 1.0
    """On top of `world_said`, where both the logs and a metric say so."""
    peer: float = 1.0
    peer_shared: float = 0.7
    # When it is enough.
    even: float = 3.0
    """Points at which a change or an outside cause is as likely right as wrong."""
    accused: float = 1.5
    """Points from which a change is named at all."""
    margin: float = 0.5
    """Points by which a change must lead an outside cause: the world needs no deploy to fail."""
    unspecific: float = 1.0
    """The most that a change is worth whose content nothing ties to the symptoms: place and time alone prove little."""
    outside_at_least: float = 1.5
    """Points that an outside cause needs of its own."""


WEIGHTS = Weights()
