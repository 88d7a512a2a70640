"""The commands, one module a topic; each exports its commands in `COMMANDS`, and is imported when one of them is called.

So a command does not wait for the libraries of others, such as those of the web.
"""

from importlib import import_module

import click

from app.many_imports import much_at_once

MODULES = {
    "db": "db_commands",
    "ingest": "data_commands",
    "rejections": "mending_command",
    "replay": "mending_command",
    "codes": "code_command",
    "pull": "pull_command",
    "generate": "generate_command",
    "overdue": "list_commands",
    "dossier": "list_commands",
    "intake": "intake_command",
    "proof": "proof_command",
    "letters": "letters_command",
    "alerts": "alerts_command",
    "rates": "figure_commands",
    "score": "figure_commands",
    "budget": "budget_command",
    "simulate": "simulate_command",
    "forecast": "forecast_command",
    "report": "report_command",
    "eventlog": "event_log_command",
    "remedies": "remedy_command",
    "snapshots": "snapshot_command",
    "search": "search_command",
    "summaries": "summary_command",
    "workdays": "time_commands",
    "deadline": "time_commands",
    "calendar": "calendar_commands",
    "procedures": "catalogue_commands",
    "units": "catalogue_commands",
    "user": "user_command",
    "serve": "serve_command",
    "source": "source_command",
    "worker": "worker_command",
    "work": "worker_command",
    "scheduler": "scheduler_command",
    "watchdog": "scheduler_command",
    "jobs": "jobs_command",
    "audit": "audit_command",
    "outbox": "outbox_command",
    "api": "api_command",
    "reconcile": "reconcile_command",
    "demo": "demo_command",
    "doctor": "doctor_command",
    "backup": "backup_command",
    "restore": "backup_command",
    "privacy": "privacy_command",
}


class Commands(click.Group):
    """The group of all commands; which module has one, says `MODULES`."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Their names."""
        return sorted(MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a name."""
        return command(name) if name in MODULES else None


def command(name: str) -> click.Command:
    """One of `MODULES`."""
    with much_at_once():
        module = import_module(f"app.commands.{MODULES[name]}")
    return next(one for one in module.COMMANDS if one.name == name)
