"""From events to a timeline: order, merge, phases, milestones, contradictions."""
