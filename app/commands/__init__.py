"""The commands, one module a topic; each exports its commands in `COMMANDS`."""

import click

from app.commands import (
    audit_command,
    calendar_commands,
    code_command,
    data_commands,
    demo_command,
    figure_commands,
    generate_command,
    intake_command,
    jobs_command,
    letters_command,
    list_commands,
    outbox_command,
    proof_command,
    scheduler_command,
    serve_command,
    time_commands,
    user_command,
    worker_command,
)

COMMANDS: list[click.Command] = [
    *data_commands.COMMANDS,
    *code_command.COMMANDS,
    *generate_command.COMMANDS,
    *list_commands.COMMANDS,
    *intake_command.COMMANDS,
    *proof_command.COMMANDS,
    *letters_command.COMMANDS,
    *figure_commands.COMMANDS,
    *time_commands.COMMANDS,
    *calendar_commands.COMMANDS,
    *user_command.COMMANDS,
    *serve_command.COMMANDS,
    *worker_command.COMMANDS,
    *scheduler_command.COMMANDS,
    *jobs_command.COMMANDS,
    *audit_command.COMMANDS,
    *outbox_command.COMMANDS,
    *demo_command.COMMANDS,
]
