"""Invented towns to try Palier with. Never in a real territory."""


def people_who_sign_in() -> list[dict[str, str]]:
    """Who can sign in to the demo: name, e-mail, password, where and as what, what they see."""
    from palier.accounts.models import Role
    from palier.demo.belrive import BELRIVE, PASSWORD, VALMONT

    return [
        {
            "name": f"{worker.first_name} {worker.last_name}",
            "e-mail": worker.email,
            "password": PASSWORD,
            "role": f"{Role(worker.role).label}, {town.name}",
            "what they see": worker.sees,
        }
        for town in (BELRIVE, VALMONT)
        for worker in town.workers
    ]
