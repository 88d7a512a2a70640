"""The program for machines without internet: `python -m scripts.bundle [--out FOLDER] [--platform PLATFORM]`.

Writes one .tar.gz (for Windows one .zip): every library of requirements.txt as a wheel with its hash, the program's own
wheel, its configuration, service files, fonts for letters, an installer that asks no index, and SHA-256 of each file.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN_FILES = ROOT / "scripts" / "bundle_files"
FONTS = Path("/usr/share/fonts/truetype/liberation2")
PACKAGES = ("app", "tracker", "notifications", "letters", "migrations")
BUILT_FROM = ("pyproject.toml", "requirements.in", "requirements-forecast.in", "README.md", "LICENSE")
THIS_MACHINE = "this"
SUMS = "SHA256SUMS"
WINDOWS = "win"


def main() -> None:
    """Make the bundle and tell its name, size and SHA-256."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--platform", default=THIS_MACHINE, help="e.g. win_amd64, manylinux_2_28_x86_64")
    given = parser.parse_args()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    name = f"dunghen-{version}-{given.platform if given.platform != THIS_MACHINE else sys.platform}"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / name
        fill(folder, given.platform)
        given.out.mkdir(parents=True, exist_ok=True)
        packed = pack(folder, given.out, as_zip=given.platform.startswith(WINDOWS))
    print(f"{packed}  {packed.stat().st_size / 2**20:.1f} MiB  sha256 {_sha256(packed)}")


def fill(folder: Path, platform: str) -> None:
    """Put everything into a folder, the list of its sums last."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    _pip(
        "download",
        "--require-hashes",
        "-r",
        str(ROOT / "requirements.txt"),
        "--dest",
        str(wheels),
        *_for(platform),
    )
    _own_wheel(folder)
    for name in ("requirements.txt", "config.toml", "LICENSE", "README.md", "README.vi.md"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("images", "hinh"))
    shutil.copytree(ROOT / "scripts" / "services", folder / "services")
    for path in OWN_FILES.iterdir():
        copied = Path(shutil.copy(path, folder / path.name))
        if (
            path.suffix == ".ps1"
        ):  # without a mark the PowerShell of Windows reads our letters by its own code page
            copied.write_text(path.read_text("utf-8"), "utf-8-sig")
    if FONTS.is_dir():
        shutil.copytree(FONTS, folder / "fonts")
    lines = [
        f"{_sha256(path)}  {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / SUMS).write_text("\n".join(lines) + "\n", "utf-8")


def _own_wheel(folder: Path) -> None:
    """The program's own wheel, of a copy: what an earlier build left behind beside the sources would go into it."""
    with tempfile.TemporaryDirectory() as made:
        sources = Path(made) / "sources"
        for name in PACKAGES:
            shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in BUILT_FROM:
            shutil.copy(ROOT / name, sources / name)
        _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(sources))


def pack(folder: Path, out: Path, *, as_zip: bool) -> Path:
    """The folder as one file."""
    if as_zip:
        packed = out / f"{folder.name}.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder.parent))
        return packed
    packed = out / f"{folder.name}.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=1) as archive:
        archive.add(folder, folder.name)
    return packed


def _for(platform: str) -> list[str]:
    """What pip has to be told of a machine that is not this one: nothing can be built for it here."""
    if platform == THIS_MACHINE:
        return []
    return ["--platform", platform, "--python-version", "3.11", "--only-binary", ":all:"]


def _pip(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"], check=True
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    main()
