"""The service: a REST API over the record, the webhooks that feed it, and what a team needs to run it."""
