"""What people say on the telephone, by what they ring for. All invented."""

TALK = (
    "Voulait juste entendre une voix. Ses roses refleurissent.",
    "A parlé de son mari et du bal de la Saint-Jean. Contente d’avoir appelé.",
    "La nuit a été longue. Rassurée d’avoir quelqu’un au bout du fil.",
    "Sa petite-fille attend un bébé. Elle tricote.",
    "Trouve le quartier bien silencieux depuis que le café est fermé.",
    "A raconté le marché de mardi. On se rappelle quand elle veut.",
    "S’ennuie le dimanche. A aimé parler un moment.",
    "A perdu son chat quelques heures, il est revenu.",
    "Le facteur ne s’arrête plus pour parler, dit-il.",
    "A entendu la sirène du premier mercredi et s’est inquiétée pour rien.",
)
INFORMATION = (
    "Demande les horaires de la navette du marché.",
    "Voulait savoir quand passe le portage de repas.",
    "Demande comment inscrire sa sœur au registre.",
    "Cherche le numéro de la pharmacie de garde.",
    "Demande où porter un dossier d’aide au logement.",
    "Voulait le jour des permanences au centre social.",
    "Demande si le repas des aînés aura lieu cette année.",
)
NEWS = (
    "Donne de ses nouvelles : le genou va mieux.",
    "Remercie pour la visite de la semaine dernière.",
    "Rentrée de chez sa fille, tout va bien.",
    "Sa voisine est passée, tout est en ordre.",
)
OTHER = (
    "Erreur de service, orienté vers l’état civil.",
    "Question sur les colis de fin d’année.",
    "Démarchage signalé dans le quartier.",
)
CALL_BACK = (
    "Préfère en parler demain matin, à tête reposée.",
    "Demande qu’on la rappelle après le passage de l’infirmière.",
    "Attend une réponse pour le transport de lundi.",
    "Voulait parler à la coordinatrice.",
)
WORRIES = (
    "Ses volets sont restés fermés depuis deux jours, dit sa voisine de palier.",
    "Se trompe de jour et répète la même question. C’est nouveau.",
    "N’a presque rien mangé depuis vendredi, dit-elle.",
    "Sa fille ne la joint plus le soir.",
    "A laissé entrer un vendeur et signé un papier.",
)
# What is wanted, and what the neighbour reads after saying yes.
NEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "shopping": (
        ("Un petit panier, moins de 5 kg", "Lait, pain, soupe, trois pommes. Elle rembourse sur le ticket."),
        ("Quelques courses au marché", "Légumes pour la soupe, un fromage. Il donne la liste et l’argent."),
        ("Des courses pour la semaine", "La liste est prête sur la table. Elle règle à votre retour."),
    ),
    "courtesy_visit": (
        ("Une heure de compagnie", "Elle aime parler du quartier d’autrefois."),
        ("Une partie de dames", "Le jeu est prêt, il fait du café."),
        ("Un moment pour parler", "Elle est seule depuis septembre."),
    ),
    "regular_calls": (("Un appel par semaine", "Le jeudi vers 10 h lui va bien."),),
    "paperwork": (
        ("Remplir un formulaire", "Un courrier de la caisse de retraite à lire avec elle."),
        ("Trier des papiers", "Ranger les factures de l’année avec lui."),
    ),
    "pharmacy": (("Passer à la pharmacie", "La commande est prête au nom de la personne, rue Haute."),),
    "small_repairs": (
        ("Changer une ampoule", "L’ampoule est achetée, il faut un escabeau."),
        ("Revisser une poignée", "Les outils sont dans l’entrée."),
    ),
    "digital_help": (("Régler un téléphone", "Il n’arrive plus à écouter ses messages."),),
    "outing": (("Une promenade au bord de l’eau", "À petits pas, une demi-heure, elle a sa canne."),),
    "transport": (("Être conduite à la mairie", "Rendez-vous à 10 h 30, retour compris."),),
    "other": (("Arroser les plantes du balcon", "Deux fois dans la semaine."),),
}
# Of a hundred needs in an ordinary year.
MIX = {
    "shopping": 20, "courtesy_visit": 18, "regular_calls": 8, "paperwork": 12, "pharmacy": 9,
    "small_repairs": 12, "digital_help": 7, "outing": 6, "transport": 6, "other": 2,
}  # fmt: skip
