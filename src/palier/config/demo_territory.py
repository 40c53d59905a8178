"""Build the demo's territory and note who can sign in: run as a program by the demo."""

import json
import sys
from pathlib import Path

import django


def main(people_file: Path) -> None:
    django.setup()
    from django.core.management import call_command

    from palier.demo import people_who_sign_in

    call_command("build_demo")
    text = json.dumps([dict(person) for person in people_who_sign_in()], ensure_ascii=False)
    fresh = people_file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(people_file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
