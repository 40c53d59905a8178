"""What we serve or print with but did not write is exactly what we took, with its licence, and names nobody else."""

import hashlib
from pathlib import Path

import pytest

import palier.documents
import palier.web

STATIC = Path(palier.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
FONTS = Path(palier.documents.__file__).parent / "fonts"
OURS = ("interface.css", "noscript.css", "desk.js", "icons.svg", "favicon.svg")

everywhere = pytest.mark.parametrize("folder", [VENDOR, FONTS], ids=["served", "printed with"])


def listed(folder: Path) -> dict[str, str]:
    lines = (folder / "MANIFEST.sha256").read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def present(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {
        "MANIFEST.sha256"
    }


@everywhere
def test_every_vendored_file_is_in_the_manifest_and_nothing_else_is(folder: Path) -> None:
    assert present(folder) == set(listed(folder))


@everywhere
def test_vendored_files_are_byte_for_byte_what_the_manifest_says(folder: Path) -> None:
    for path, digest in listed(folder).items():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest, path


@everywhere
def test_each_vendored_release_carries_its_licence(folder: Path) -> None:
    releases = {path.parent for path in folder.rglob("*") if path.is_file()} - {folder}
    for release in releases:
        assert (release / "LICENSE").exists(), release.relative_to(folder)


def test_no_served_file_of_ours_names_a_registry_or_a_third_party() -> None:
    for name in OURS:
        text = (STATIC / "palier" / name).read_text().replace("http://www.w3.org/2000/svg", "")
        for stranger in ("http://", "https://", "url(//"):
            assert stranger not in text, f"{name}: {stranger}"


def test_pages_name_the_vendored_release_that_is_present() -> None:
    templates = Path(palier.web.__file__).parent / "templates"
    pages = "".join(path.read_text() for path in templates.rglob("*.html"))
    sheet = (STATIC / "palier" / "interface.css").read_text()
    for path in listed(VENDOR):
        if not path.endswith("LICENSE"):
            assert path in pages or path in sheet, path
