"""`dunghen`: the command line. Each command is a thin shell around the functions that the pages call too."""

import os
import sys
from pathlib import Path

import click

from app.commands import Commands
from app.context import AppContext
from app.oplog import faults
from app.options import common_options
from tracker.errors import TrackerError
from tracker.machine import machine_fault

CONFIG_VARIABLE = "DUNGHEN_CONFIG"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@common_options
@click.version_option(package_name="dunghen", prog_name="dunghen")
def cli() -> None:
    """Đúng Hẹn: theo dõi ngày hẹn trả kết quả, thư xin lỗi và tiêu chí 3.4.1."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with the contract's exit status."""
    _speak_utf8()
    context = AppContext(_config_path(), is_alone=True)
    try:
        cli.main(arguments, prog_name="dunghen", obj=context, standalone_mode=False)
    except TrackerError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Đã dừng.", err=True)
        sys.exit(3)
    except OSError as error:
        sys.exit(_told_by_the_machine(error))
    except Exception as error:
        # The outermost edge: whatever went wrong inside, transactions have been rolled back and status 3 says so.
        sys.exit(_unexpected(error))


def _told_by_the_machine(error: OSError) -> int:
    """A full disk, missing rights; the exit status."""
    fault = machine_fault(error)
    if fault is None:
        return _unexpected(error)
    click.echo(str(fault), err=True)
    return fault.exit_status


def _unexpected(error: Exception) -> int:
    """By class and place: what the error says may repeat what was read or typed, and a service keeps what is printed here."""
    found = faults.told(error)
    click.echo("\n".join(f"    {place}" for place in found["trace"]), err=True)
    told = f"{found['error']} ({found['reason']}) tại {found['place']}"
    click.echo(f"Lỗi không ngờ, không có gì được ghi dở dang: {told}", err=True)
    return 3


def _config_path() -> Path:
    """DUNGHEN_CONFIG, else config.toml here, else the one beside the program (a checkout run from elsewhere)."""
    named = os.environ.get(CONFIG_VARIABLE)
    here, shipped = Path("config.toml"), Path(__file__).parents[1] / "config.toml"
    return Path(named) if named else here if here.exists() or not shipped.exists() else shipped


def _speak_utf8() -> None:
    # A Windows console or a pipe may be set to a code page that has no Vietnamese letters.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
