"""An encrypted backup is opened by its key alone, and whatever was done to the file is seen."""

import io
import itertools
import stat
import sys
from pathlib import Path

import pytest

from tracker.errors import UnusableFile, UsageError
from tracker.store.backup import encryption, keys
from tracker.store.backup.encryption import (
    CHUNK,
    HEADER,
    TAG_BYTES,
    decrypt,
    encrypt,
    is_encrypted,
    require_whole,
)

KEY = keys.key_of(bytes(range(32)))
OTHER = keys.key_of(bytes(32))
SEALED = CHUNK + TAG_BYTES


def locked(path: Path, body: bytes, key: keys.BackupKey = KEY) -> Path:
    with path.open("wb") as out:
        encrypt(io.BytesIO(body), out, key)
    return path


def opened(path: Path, key: keys.BackupKey = KEY) -> bytes:
    out = io.BytesIO()
    decrypt(path, out, key)
    return out.getvalue()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Three chunks, the last one short: what was written, and the encrypted file."""
    body = bytes(itertools.islice(itertools.cycle(range(251)), 2 * CHUNK + 5))
    return body, locked(tmp_path_factory.mktemp("enc") / "a.enc", body).read_bytes()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_what_was_encrypted_is_what_comes_back(tmp_path: Path, size: int):
    body = bytes(size)
    path = locked(tmp_path / "a.enc", body)
    assert is_encrypted(path)
    assert opened(path) == body
    assert path.stat().st_size == HEADER.size + size + TAG_BYTES * max(1, -(-size // CHUNK))


def test_nothing_of_it_can_be_read_and_no_two_files_are_alike(tmp_path: Path):
    body = "Nguyễn Văn Bịa, 0912345678".encode() * 100
    first, second = locked(tmp_path / "a", body), locked(tmp_path / "b", body)
    assert b"0912345678" not in first.read_bytes()
    assert first.read_bytes()[HEADER.size :] != second.read_bytes()[HEADER.size :]


def test_another_key_is_told_by_its_mark_and_opens_nothing(tmp_path: Path):
    path = locked(tmp_path / "a.enc", b"body")
    with pytest.raises(
        UnusableFile, match=f"khóa không đúng.*{keys.grouped(KEY.mark)}.*{keys.grouped(OTHER.mark)}"
    ):
        opened(path, OTHER)
    # Also one that says it were the right one.
    liar = keys.BackupKey(OTHER.secret, KEY.mark)
    with pytest.raises(UnusableFile, match="đã hỏng"):
        opened(path, liar)


def refused(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    with pytest.raises(UnusableFile):
        require_whole(path, KEY)


def test_a_byte_changed_anywhere_is_refused(tmp_path: Path):
    body = locked(tmp_path / "a.enc", b"Ho so" * 9).read_bytes()
    for place in range(len(encryption.MAGIC), len(body)):
        refused(tmp_path / "b.enc", body[:place] + bytes([body[place] ^ 0x10]) + body[place + 1 :])


def test_a_byte_changed_in_any_chunk_is_refused(tmp_path: Path, three: tuple[bytes, bytes]):
    _plain, body = three
    for number in range(3):
        place = HEADER.size + number * SEALED + 3
        refused(tmp_path / "b.enc", body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])


def chunks_of(body: bytes) -> tuple[bytes, list[bytes]]:
    head, rest = body[: HEADER.size], body[HEADER.size :]
    return head, [rest[at : at + SEALED] for at in range(0, len(rest), SEALED)]


@pytest.mark.parametrize(
    "order",
    [(0,), (0, 1), (1, 2), (1, 0, 2), (0, 2), (0, 1, 1, 2), (0, 1, 2, 2), (2, 1, 0), (0, 0, 2), ()],
    ids=str,
)
def test_chunks_that_were_dropped_doubled_or_swapped_are_refused(
    tmp_path: Path, three: tuple[bytes, bytes], order: tuple[int, ...]
):
    head, chunks = chunks_of(three[1])
    refused(tmp_path / "b.enc", head + b"".join(chunks[number] for number in order))


@pytest.mark.parametrize("cut", [1, TAG_BYTES, 5 + TAG_BYTES, 5 + TAG_BYTES + 1, SEALED, 2 * SEALED + 21])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, three: tuple[bytes, bytes], cut: int):
    refused(tmp_path / "b.enc", three[1][:-cut])


@pytest.mark.parametrize("more", [b"x", bytes(TAG_BYTES), bytes(SEALED)], ids=len)
def test_bytes_that_were_appended_are_refused(tmp_path: Path, three: tuple[bytes, bytes], more: bytes):
    refused(tmp_path / "b.enc", three[1] + more)


def test_a_chunk_of_another_file_of_the_same_key_is_refused(tmp_path: Path, three: tuple[bytes, bytes]):
    other = locked(tmp_path / "o.enc", three[0]).read_bytes()
    head, chunks = chunks_of(three[1])
    refused(tmp_path / "b.enc", head + chunks[0] + chunks_of(other)[1][1] + chunks[2])


def test_a_later_form_is_refused_in_plain_words(tmp_path: Path):
    path = locked(tmp_path / "a.enc", b"body")
    body = bytearray(path.read_bytes())
    body[len(encryption.MAGIC)] = 2
    path.write_bytes(body)
    with pytest.raises(UnusableFile, match="cập nhật chương trình"):
        opened(path)


# ---------------------------------------------------------------- the key


def test_a_new_key_is_its_owners_alone_and_is_read_back(tmp_path: Path):
    made = keys.new_key(tmp_path / "k")
    assert keys.read_key(tmp_path / "k") == made
    assert len(made.secret) == 32
    assert keys.new_key(tmp_path / "l") != made
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600


def test_a_key_is_never_written_over_and_does_not_show_itself(tmp_path: Path):
    made = keys.new_key(tmp_path / "k")
    with pytest.raises(UsageError, match="không bao giờ bị ghi đè"):
        keys.new_key(tmp_path / "k")
    assert made.secret.hex() not in repr(made)
    assert str(made.secret) not in repr(made)


@pytest.mark.skipif(sys.platform == "win32", reason="there the folder's own rights decide")
@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o666])
def test_a_key_that_others_may_read_or_change_is_refused_but_for_opening(tmp_path: Path, mode: int):
    made = keys.new_key(tmp_path / "k")
    (tmp_path / "k").chmod(mode)
    with pytest.raises(UsageError, match="chmod 600"):
        keys.read_key(tmp_path / "k")
    assert keys.read_key(tmp_path / "k", may_be_open=True) == made


@pytest.mark.parametrize(
    "body", [b"", b"\xff" * 40, b"dunghen-backup-key-1:00", b"-----BEGIN PRIVATE KEY-----"]
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, body: bytes):
    keys.new_key(tmp_path / "k")
    (tmp_path / "k").write_bytes(body)
    with pytest.raises(UsageError, match="không phải khóa"):
        keys.read_key(tmp_path / "k")
    with pytest.raises(UsageError, match="không đọc được"):
        keys.read_key(tmp_path / "none")


def test_a_key_in_the_data_folder_is_refused_by_whatever_way(tmp_path: Path):
    (tmp_path / "var").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "var")
    folders = {"thư mục dữ liệu": tmp_path / "var"}
    for path in (
        tmp_path / "var" / "k",
        tmp_path / "link" / "deep" / "k",
        tmp_path / "x" / ".." / "var" / "k",
    ):
        with pytest.raises(UsageError, match="thư mục dữ liệu"):
            keys.require_outside(path, folders)
    keys.require_outside(tmp_path / "k", folders)
