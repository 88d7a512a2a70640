"""A workbook says in its properties when it was made: put there what it tells of, so that the same report is the same file."""

import re
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

PROPERTIES = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
COPIED_AT_ONCE = 1024 * 1024


def settle(workbook: Path, moment: datetime) -> None:
    """Write the workbook again with `moment` for the moment of its making; its parts pass through a small buffer."""
    settled = workbook.with_name(f"{workbook.name}.settled")
    told = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    try:
        with (
            zipfile.ZipFile(workbook) as old,
            zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for member in old.infolist():
                # A new entry: the old one may carry the clock of whoever wrote it.
                entry = zipfile.ZipInfo(member.filename)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with old.open(member) as source, new.open(entry, "w", force_zip64=False) as target:
                    if member.filename == PROPERTIES:
                        target.write(_MOMENT.sub(rb"\g<1>" + told + rb"\g<2>", source.read()))
                    else:
                        shutil.copyfileobj(source, target, COPIED_AT_ONCE)
        settled.replace(workbook)
    finally:
        settled.unlink(missing_ok=True)
