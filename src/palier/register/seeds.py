"""The statutory register as every territory begins with it, ready: its notice is published, and the head names people."""

from palier.accounts.actor import Actor
from palier.journal.operations import record
from palier.kernel import clock
from palier.people.operations import open_compartment
from palier.register import events
from palier.register.fields import STATUTORY
from palier.register.models import Notice, Register
from palier.territories import walls
from palier.territories.models import Territory

CODE = "canicule"
NAME = "Registre des personnes à appeler en cas d’alerte"
PURPOSE = (
    "Appeler les personnes isolées et leur venir en aide quand le plan d’alerte et d’urgence est déclenché "
    "(canicule, grand froid, autre risque exceptionnel)."
)
BASIS = "Obligation légale : code de l’action sociale et des familles, articles L121-6-1 et R121-2 à R121-12"
RETENTION = "Jusqu’au retrait demandé par la personne, à son décès ou à son départ dans une autre commune (R121-5, R121-11)"
NOTICE = {
    "purpose": (
        "À vous appeler et à vous venir en aide quand le plan d’alerte et d’urgence est déclenché : canicule, grand froid, "
        "inondation, épidémie. Il ne sert à rien d’autre."
    ),
    "optional": "Personne n’est obligé de s’inscrire, et ne pas répondre n’a aucune conséquence. C’est gratuit.",
    "how": (
        "Vous-même ou votre représentant légal, à tout moment et par tout moyen : ce formulaire, une lettre, un courriel, le "
        "téléphone. Une autre personne peut le demander pour vous, par écrit seulement ; vous pouvez vous y opposer. Vous "
        "recevez une réponse écrite dans les huit jours."
    ),
    "recipients": (
        "Les agents nommés par le maire, tenus au secret professionnel. Si le plan est déclenché : le préfet, à sa demande, et "
        "les services qu’il désigne pour organiser les interventions à domicile."
    ),
    "rights": (
        "Voir ce qui est noté sur vous, le faire corriger, vous retirer du registre à tout moment : écrivez ou téléphonez-nous. "
        "Nous gardons vos informations jusqu’à votre retrait ou votre décès. En cas de désaccord, vous pouvez saisir la CNIL."
    ),
}


def plant_everywhere() -> int:
    """After each migration, as the owner: territories that were there before the registers get theirs. Gives how many."""
    planted = 0
    for territory in Territory.objects.order_by("pk"):
        with walls.inside(territory.pk):
            if not Register.objects.filter(territory=territory, kind=Register.Kind.STATUTORY).exists():
                plant_register(territory)
                planted += 1
    return planted


def plant_register(territory: Territory) -> Register:
    """Write the statutory register down, behind the territory's wall; the one that is there is left alone."""
    found = Register.objects.filter(territory=territory, kind=Register.Kind.STATUTORY).first()
    if found is not None:
        return found
    actor = Actor.job("register.seeds", territory.pk)
    register = Register.objects.create(
        territory=territory,
        code=CODE,
        kind=Register.Kind.STATUTORY,
        name=NAME,
        purpose=PURPOSE,
        legal_basis=BASIS,
        retention=RETENTION,
        fields=list(STATUTORY),
        compartment=open_compartment(name=NAME, code=f"registre_{CODE}", has_own_clock=True, actor=actor),
        signatory_authority="Pour le maire et par délégation,",
        opened_at=clock.now(),
    )
    Notice.objects.create(
        territory=territory,
        register=register,
        version=1,
        published_at=clock.now(),
        published_by="Palier",
        **NOTICE,
    )
    record(events.REGISTER_OPENED, actor=actor, about=[register], kind=register.kind)
    return register
