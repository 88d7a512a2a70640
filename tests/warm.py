"""Programs of tests as processes of their own that need not load everything again: a nursery has, and splits itself.

`Program` is a `subprocess.Popen` for `[sys.executable, "-m", …]` or `[sys.executable, "-c", …]`. What it starts is a real
process with its own environment, streams, signals and end, to be killed like any other; only that its libraries stand in
memory already, in place of a second and more of processor for each start. Other programs, and those that are told a
`PYTHON…` variable (which the interpreter reads as it starts), are started as ever, and so are all with `--cold`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# What any of the programs loads sooner or later, but for what is heavy and rare (pandas, statsmodels, plotly).
LOADED = (
    "app.cli",
    "app.commands.ingest_now",
    "app.web",
    "app.worker",
    "app.scheduler",
    "app.dispatching",
    "docx",
    "xlsxwriter",
    "waitress",
)
READ_AT_THE_START = {"PYTHONUNBUFFERED"}  # of the interpreter's own variables, those that a warm start heeds
GREETING = b"!"

_nursery: list["Nursery"] = []
_chosen: list[bool] = []


def start_cold() -> None:
    """Let every program of this run begin with nothing loaded."""
    _chosen.append(True)


class Program(subprocess.Popen[Any]):
    """A process of the tests: warm where it can be, and otherwise as it always was."""

    _status: socket.socket | None = None

    def _execute_child(self, args: Sequence[Any], *rest: Any) -> None:  # type: ignore[override]
        # As the standard library calls it: executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo,
        # creationflags, shell, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, …
        cwd, env, ends = rest[4], rest[5], rest[9:15]
        words, variables = [str(word) for word in args], {**(os.environ if env is None else env)}
        if not _can_be_warm(words, variables):
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        streams = [ends[0], ends[3], ends[5]]
        self._status, self.pid = _warm_one().start(words[1:], cwd or os.getcwd(), variables, streams)
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Its own parent tells how it ended: that is the nursery's."""
        if self._status is None:
            return super()._try_wait(wait_flags)  # type: ignore[misc,no-any-return]
        self._status.setblocking(not wait_flags & os.WNOHANG)
        try:
            told = self._status.recv(16)
        except BlockingIOError:
            return 0, 0
        self._status.close()
        assert told, "the nursery has gone"
        return self.pid, int(told)

    def _internal_poll(self, *_more: Any, **_named: Any) -> int | None:
        if self._status is None:
            return super()._internal_poll(*_more, **_named)  # type: ignore[misc,no-any-return]
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):  # type: ignore[attr-defined]
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid:
                        self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode


def _can_be_warm(words: Sequence[str], variables: Mapping[str, str]) -> bool:
    told_the_interpreter = {
        name
        for name, value in variables.items()
        if name.startswith("PYTHON") and value and os.environ.get(name) != value
    }
    is_python = len(words) > 2 and words[0] == sys.executable and words[1] in ("-m", "-c")
    return not _chosen and is_python and told_the_interpreter <= READ_AT_THE_START


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """A program run to its end, with what it said."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Program(command, **pipes, **options) as process:
        out, err = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


# ---------------------------------------------------------------- the side of the tests


class Nursery:
    """The process that splits itself; it ends with the process that asked for it."""

    def __init__(self) -> None:
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", __name__, str(its.fileno())]
        self._process = subprocess.Popen(
            command, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
        )
        its.close()
        self._asking = mine
        assert mine.recv(1) == GREETING

    def start(
        self, words: Sequence[str], folder: Any, variables: Mapping[str, str], streams: Sequence[int]
    ) -> tuple[socket.socket, int]:
        """One more process: where its end will be told, and its number."""
        told = json.dumps([list(words), str(folder), dict(variables)]).encode()
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        letter = os.memfd_create("start")
        os.write(letter, told)
        handed = [its.fileno(), letter, *(each if each != -1 else at for at, each in enumerate(streams))]
        socket.send_fds(self._asking, [b"."], handed)
        its.close()
        os.close(letter)
        return mine, int(mine.recv(16))

    def close(self) -> None:
        """It sees the end of what it reads, and goes."""
        self._asking.close()
        self._process.wait()


def _warm_one() -> Nursery:
    if not _nursery:
        _nursery.append(Nursery())
    return _nursery[0]


def close() -> None:
    """End the nursery, where one was needed."""
    while _nursery:
        _nursery.pop().close()


# ---------------------------------------------------------------- the side of the nursery


def _nurse(asked: socket.socket) -> tuple[list[str], str, dict[str, str]] | None:
    """Split for each start that is asked for; told to the new process: what to be. None: nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked.send(GREETING)
    while True:
        word, handed, _, _ = socket.recv_fds(asked, 1, 5)
        if not word:
            return None
        if os.fork() == 0:
            asked.close()
            return _parent(handed)
        for each in handed:
            os.close(each)
        with suppress(ChildProcessError):  # those that have ended since the last start
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _parent(handed: Sequence[int]) -> tuple[list[str], str, dict[str, str]]:
    """The new process's own parent, which does nothing but tell its number and its end; returns in the new one alone."""
    telling, letter, *streams = handed
    number = os.fork()
    if number == 0:
        os.close(telling)
        return _become(letter, streams)
    for each in (letter, *streams, 0, 1, 2):
        os.close(each)
    os.write(telling, str(number).encode())
    _, status = os.waitpid(number, 0)
    with suppress(BrokenPipeError):  # nobody wants to know
        os.write(telling, str(status).encode())
    os._exit(0)


def _become(letter: int, streams: Sequence[int]) -> tuple[list[str], str, dict[str, str]]:
    """The streams of the one who asked, and the keyboard's signal heeded again."""
    os.lseek(letter, 0, os.SEEK_SET)
    with os.fdopen(letter, "rb") as told:
        words, folder, variables = json.loads(told.read())
    for number, each in enumerate(streams):
        os.dup2(each, number, inheritable=True)
    for each in streams:
        if each > 2:
            os.close(each)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return words, folder, variables


def _load() -> None:
    for name in LOADED:
        import_module(name)
    from app.commands import MODULES

    for name in sorted(set(MODULES.values())):
        import_module(f"app.commands.{name}")


def _main(number: int) -> None:
    import gc
    import time

    _load()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=number) as asked:
        told = _nurse(asked)
    if told is None:
        return
    words, folder, variables = told
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    os.chdir(folder)
    _open_streams(unbuffered=bool(variables.get("PYTHONUNBUFFERED")))
    _run(words)


def _open_streams(*, unbuffered: bool) -> None:
    """Standard streams as the interpreter opens them."""
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)
    for name, at, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        stream = os.fdopen(at, "w", encoding="utf-8", errors=errors, closefd=False)
        stream.reconfigure(line_buffering=at == 2, write_through=unbuffered)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run(words: Sequence[str]) -> None:
    """As `python -m MODULE …` or `python -c CODE …` would."""
    import __main__

    how, what, *more = words
    sys.path[0] = os.getcwd() if how == "-m" else ""
    if how == "-c":
        sys.argv = ["-c", *more]
        own = vars(__main__)
        own.update(__name__="__main__", __spec__=None)
        exec(compile(what, "<string>", "exec"), own)
        return
    import runpy

    sys.argv = ["-m", *more]
    sys.modules.pop(what, None)  # it is run, not imported
    runpy._run_module_as_main(what)  # type: ignore[attr-defined]


if __name__ == "__main__":
    _main(int(sys.argv[1]))
