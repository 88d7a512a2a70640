"""Alerts: who can still act is told once, before it is late, and calmly.

    rules       dated data by scope (unit, field, procedure) -> the rungs of one dossier              pure
    rungs       a verdict and its moment -> how things stand -> the rungs that are reached            pure
    directory   accounts, units, leave -> who is told as what                                         pure
    deciding    reached, claimed before, acknowledged, loaded in bulk -> what is claimed now          pure
    evaluating  gather all that is open, decide, claim in one transaction                             shell
    composing   what waits for a person -> one digest in the outbox, by each way out                  shell
    acting      take a dossier on, assign it, be on leave, choose                                     shell

A claim is a row that is unique by subject, rung and version, so nothing is told twice whoever runs how often. What a
claim tells whom is a row of its own that knows the message which carries it.
"""
