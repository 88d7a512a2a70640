"""How the guards of encrypted backups and of personal data are taken out; a part of `scripts/guard_removals.py`."""

from scripts.removal import Removal

PRIVACY_REMOVALS = [
    Removal(
        "a cut or lengthened backup is refused", "tracker/store/backup/encryption.py",
        "return NONCE.pack(self.prefix, number, is_last)", "return NONCE.pack(self.prefix, number, False)",
    ),
    Removal(
        "chunks of a backup stay in their places", "tracker/store/backup/encryption.py",
        "return NONCE.pack(self.prefix, number, is_last)", "return NONCE.pack(self.prefix, 0, is_last)",
    ),
    Removal(
        "another key opens no backup and is named", "tracker/store/backup/encryption.py",
        "    if header.mark != key.mark:\n", "    if False:\n",
    ),
    Removal(
        "a backup's key lies outside data and backups", "tracker/store/backup/keys.py",
        "    if inside := folder_of(path, folders):\n", "    if inside := folder_of(path, {}):\n",
    ),
    Removal(
        "a configured key lies outside data and backups", "tracker/config_sense.py", "return faults + _key_beside(given, path)", "return faults",
    ),
    Removal("others cannot read a backup's key", "tracker/store/backup/keys.py", "mode & FORBIDDEN and not may_be_open", "False"),
    Removal("a key is never written over", "tracker/store/backup/keys.py", "os.O_WRONLY | os.O_CREAT | os.O_EXCL", "os.O_WRONLY | os.O_CREAT | os.O_TRUNC"),
    Removal(
        "beside the target nothing lies in the clear", "tracker/store/backup/writing.py",
        "place = beside if plan.key is None else stack.enter_context(workplace(plan.data_dir))", "place = beside",
    ),
    Removal("no open dossier is erased", "tracker/pipeline/erasing.py", "    if open_ones:\n", "    if False:\n"),
    Removal(
        "no dossier is erased before its time unless it is said", "tracker/pipeline/erasing.py",
        "if not is_early and (young :=", "if False and (young :=",
    ),
    Removal("the reason of an erasure names nobody", "tracker/pipeline/erasing.py", "    if everybody.in_text(reason):\n", "    if False:\n"),
    Removal(
        "erased people leave no trace in free pages", "tracker/store/privacy/leftovers.py",
        '            own.execute("VACUUM")\n',
    ),
    Removal(
        "erased people leave no raw row", "tracker/pipeline/erasing.py",
        "            _blocks(store, blocks[start : start + BLOCKS], Sought(codes, called.places, everybody)),\n",
        "            0,\n",
    ),
    Removal("erased people leave no search key", "tracker/store/privacy/emptying.py", "    remove_keys(session, gone)\n"),
    Removal(
        "what is told about a person is logged without her name", "app/commands/privacy_command.py",
        '{"by": asked, "ids"', '{"by": [name], "ids"',
    ),
]  # fmt: skip
