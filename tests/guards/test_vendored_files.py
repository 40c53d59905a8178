"""What we serve but did not write is exactly what we took, with its licence, and names nobody else."""

import hashlib
from pathlib import Path

import palier.web

STATIC = Path(palier.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
OURS = ("interface.css", "noscript.css", "desk.js", "icons.svg", "favicon.svg")


def listed() -> dict[str, str]:
    lines = (VENDOR / "MANIFEST.sha256").read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def present() -> set[str]:
    return {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {
        "MANIFEST.sha256"
    }


def test_every_vendored_file_is_in_the_manifest_and_nothing_else_is() -> None:
    assert present() == set(listed())


def test_vendored_files_are_byte_for_byte_what_the_manifest_says() -> None:
    for path, digest in listed().items():
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == digest, path


def test_each_vendored_release_carries_its_licence() -> None:
    releases = {path.parent for path in VENDOR.rglob("*") if path.is_file()} - {VENDOR}
    for release in releases:
        assert (release / "LICENSE").exists(), release.relative_to(VENDOR)


def test_no_served_file_of_ours_names_a_registry_or_a_third_party() -> None:
    for name in OURS:
        text = (STATIC / "palier" / name).read_text().replace("http://www.w3.org/2000/svg", "")
        for stranger in ("http://", "https://", "url(//"):
            assert stranger not in text, f"{name}: {stranger}"


def test_pages_name_the_vendored_release_that_is_present() -> None:
    templates = Path(palier.web.__file__).parent / "templates"
    pages = "".join(path.read_text() for path in templates.rglob("*.html"))
    sheet = (STATIC / "palier" / "interface.css").read_text()
    for path in listed():
        if not path.endswith("LICENSE"):
            assert path in pages or path in sheet, path
