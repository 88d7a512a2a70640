"""Alerts to the people who can still act: rules, digest, outbox, channels.

Nothing is sent yet: the engine of work and dispatch comes first (see docs/progress.md). The package stands here so
that the import rules of the house hold from the first day.
"""
