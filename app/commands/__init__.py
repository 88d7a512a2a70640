"""The commands, one module a topic; each exports its commands in `COMMANDS`."""

import click

from app.commands import (
    calendar_commands,
    data_commands,
    demo_command,
    figure_commands,
    generate_command,
    intake_command,
    letters_command,
    list_commands,
    proof_command,
    serve_command,
    time_commands,
    user_command,
)

COMMANDS: list[click.Command] = [
    *data_commands.COMMANDS,
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
    *demo_command.COMMANDS,
]
