"""A thousand acknowledgement letters in one file, as a town posts them after a campaign.

    .venv/bin/python bench/letters.py [--count 1000]

Prints one line: letters, pages, seconds, milliseconds a letter, megabytes, and the memory the process reached.
"""

import argparse
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "palier.config.settings_test")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--large", action="store_true")
    chosen = parser.parse_args()
    import django

    django.setup()
    from palier.documents import papers, samples

    letter = samples.everything()["accuse-reception"]
    batch = [
        replace(
            letter,
            reference=f"R-2026-{n:04d}",
            to=replace(samples.ODETTE, name=f"Madame Odette Marchand {n}"),
        )  # type: ignore[type-var]
        for n in range(chosen.count)
    ]
    papers.pdf(letter)
    began = time.perf_counter()
    content = papers.pdf_many(batch, large_print=chosen.large)
    took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{chosen.count} letters, one PDF/UA file: {took:.2f} s, {1000 * took / chosen.count:.2f} ms a letter, "
        f"{len(content) / 1e6:.1f} MB, {memory:.0f} MB of memory at most"
    )
    began = time.perf_counter()
    for one in batch[:50]:
        papers.pdf(one, large_print=chosen.large)
    print(f"one by one: {1000 * (time.perf_counter() - began) / 50:.1f} ms a letter")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
