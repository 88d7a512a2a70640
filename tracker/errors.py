"""The errors that a person sees, in one tree; a bad row is no error but a `tracker.types.Rejection`.

TrackerError            everything below; `exit_status` is what the command line ends with
|-- ConfigurationError  config.toml or the environment is wrong; all faults at once            (2)
|-- UsageError          an option or argument that cannot be                                   (2)
|-- WorkFailed          the work could not be done; nothing half-done was left                 (3)
|   |-- MachineFault    disk, database or system refuse: the same works again when they are well (3)
|   |   `-- DiskFull    nothing can be written until somebody makes room                      (3)
|   |-- BeingCounted    figures that a worker counts anew just now: ask again soon           (3)
|   |-- OutdatedProgram the database was migrated while this process ran: it has to end       (3)
|   |-- UnusableFile    a file that cannot be read at all: file, place, reason                 (3)
|   `-- SourceFailed    another system could not be asked for its dossiers: which, why         (3)
|       `-- SourceRefused   it does not let us in: asking again would fail again               (3)
`-- CalendarError       a date outside the loaded years of the calendar                        (3)
"""


class TrackerError(Exception):
    """Base of all errors that are told to the user in their own words."""

    exit_status = 3
    code = "ERROR"


class ConfigurationError(TrackerError):
    """The configuration is wrong; `faults` holds every fault found, one sentence each."""

    exit_status = 2
    code = "CONFIGURATION"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Cấu hình sai:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


class UsageError(TrackerError):
    """An option or argument that cannot be used; nothing was changed."""

    exit_status = 2
    code = "USAGE"


class WorkFailed(TrackerError):
    """The work failed as a whole; the store is as it was."""

    code = "FAILED"


class MachineFault(WorkFailed):
    """The machine refused, not what was asked for: a database away or busy, a disk that cannot be written to."""

    code = "MACHINE"


class DiskFull(MachineFault):
    """No room on a disk; nothing half-done was left, and all goes on when there is room again."""

    code = "DISK_FULL"


class BeingCounted(WorkFailed):
    """Figures that somebody waits for are being counted anew, of so many dossiers that the answer takes longer than that."""

    code = "BEING_COUNTED"


class OutdatedProgram(WorkFailed):
    """The database is of another revision than when this process began: whatever it would write might be wrong by now."""

    code = "OUTDATED_PROGRAM"


class UnusableFile(WorkFailed):
    """A file that cannot be used at all; the message names the file, the place in it and the reason."""

    code = "FILE_UNUSABLE"

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"Không dùng được tệp {file}: {reason}")
        self.file = file
        self.reason = reason


class SourceFailed(WorkFailed):
    """Another system could not be asked, or answers something else; what was loaded before stays."""

    code = "SOURCE_FAILED"

    def __init__(self, connector: str, reason: str) -> None:
        super().__init__(f"Hệ thống nguồn {connector}: {reason}.")
        self.connector = connector
        self.reason = reason


class SourceRefused(SourceFailed):
    """It does not let us in: asking again with the same credentials would fail again."""

    code = "SOURCE_REFUSED"


class CalendarError(TrackerError):
    """A date outside the years that the calendar holds: it refuses, since a guess would be a wrong date."""

    code = "CALENDAR_OUT_OF_RANGE"
