"""First names by the decades in which they were given, and surnames: common ones, put together by chance. Nobody real."""

from random import Random

_WOMEN = {
    1920: "Suzanne Yvonne Germaine Madeleine Marcelle Lucienne Renée Paulette Simone Andrée",
    1930: "Jeanne Odette Denise Simone Yvette Ginette Paulette Huguette Colette Thérèse Gisèle Raymonde Lucette Jacqueline",
    1940: "Monique Françoise Michèle Nicole Danielle Jacqueline Christiane Claudine Josette Annie Éliane Liliane Bernadette",
    1950: "Martine Chantal Brigitte Catherine Sylvie Dominique Évelyne Joëlle Marie-Claude Maryse Ghislaine Mireille Aïcha",
    1960: "Véronique Nathalie Isabelle Corinne Valérie Patricia Laurence Florence Agnès Pascale Fatima Samira Béatrice",
    1970: "Sandrine Stéphanie Céline Karine Delphine Séverine Virginie Sophie Nadège Malika Anne-Laure Carole Hélène",
    1980: "Aurélie Émilie Julie Élodie Laetitia Audrey Mélanie Vanessa Amandine Fatou Leïla Caroline Mathilde",
    1990: "Laura Marine Camille Manon Pauline Chloé Justine Morgane Inès Yasmine Clara Océane Mathilde",
    2000: "Léa Emma Sarah Lola Jade Anaïs Lucie Zoé Nour Romane Alice Louise Margot",
}
_MEN = {
    1920: "Marcel Roger Robert Raymond Lucien Fernand Maurice Georges Henri André",
    1930: "Jean Pierre Jacques René Guy Roland Claude Gilbert Georges Maurice Lucien Henri Ahmed",
    1940: "Michel Jean-Claude Daniel Bernard Gérard Christian Serge Jean-Pierre Yves Roland Antonio Mohamed",
    1950: "Alain Patrick Philippe Jean-Luc Didier Dominique Thierry Joël Hervé Régis Marc Manuel Rachid",
    1960: "Pascal Éric Laurent Bruno Franck Olivier Thierry Denis Christophe Karim Stéphane Gilles",
    1970: "Stéphane Frédéric David Sébastien Fabrice Ludovic Arnaud Cédric Jérôme Samir Emmanuel Benoît",
    1980: "Nicolas Julien Guillaume Mathieu Romain Vincent Anthony Mickaël Jonathan Mehdi Grégory Thomas",
    1990: "Kevin Alexandre Maxime Florian Quentin Dylan Antoine Adrien Bastien Yanis Clément Moussa",
    2000: "Lucas Hugo Théo Nathan Enzo Louis Tom Mathis Jules Ilyès Gabriel Paul",
}
_SURNAMES = (
    "Aubert Bailly Barbier Baron Benard Bertin Besnard Bigot Blanchet Bodin Boisseau Bonnin Boucher Boulay Bourdin Bouvier "
    "Brault Breton Brossard Brunet Camus Carlier Caron Chauvin Chevalier Chevreau Clément Colin Cordier Cornu Couturier "
    "Cousin Daniel Daumont Delage Delaunay Delorme Deschamps Desnoues Diaz Diallo Doucet Drouin Dubreuil Duchesne Dumas "
    "Dupuy Durin Émery Fabre Faucheux Ferrand Ferreira Foucher Fouquet Fournier Gaillard Garnier Gaudin Gauthier Germain "
    "Gilet Girault Goujon Granger Gros Guérin Guillot Guyon Hamelin Haddad Hardy Hébert Hervé Huet Humbert Jacquet Jamet "
    "Joly Joubert Jourdain Julien Kieffer Lacombe Laforge Lambert Langlois Launay Leblond Leclère Ledoux Lefèvre Legrand "
    "Lemoine Leroux Levasseur Loiseau Lopes Mallet Marchal Maréchal Mariette Martineau Masson Maurice Mekki Mercier "
    "Meunier Millet Monnier Morin Moulin Nicolas Noël Ollivier Pasquier Paris Pelletier Pereira Perrin Perrot Picard "
    "Pichon Pinel Poirier Poitevin Potier Prévost Proust Quentin Raynal Regnault Renard Rigault Riou Rolland Rousseau "
    "Rouxel Saïdi Salmon Saunier Sauvage Seguin Simonet Tanguy Tessier Thibaut Tissier Toussaint Traoré Turpin Vallée "
    "Vasseur Verdier Vigneron Vincent Voisin Weber"
).split()


def first_name(random: Random, is_woman: bool, year: int) -> str:
    """A name of the time she or he was born."""
    lists = _WOMEN if is_woman else _MEN
    return random.choice(lists[min(max(year // 10 * 10, 1920), 2000)].split())


def surname(random: Random) -> str:
    return random.choice(_SURNAMES)


class Names:
    """Full names, each once in a town: two people of one name would be told apart by nobody."""

    def __init__(self, random: Random, taken: tuple[tuple[str, str], ...] = ()) -> None:
        self.random, self.taken = random, set(taken)

    def full(self, is_woman: bool, year: int, last: str | None = None) -> tuple[str, str]:
        while True:
            name = first_name(self.random, is_woman, year), last or surname(self.random)
            if name not in self.taken:
                self.taken.add(name)
                return name


class Numbers:
    """Telephone numbers of a range kept for fiction, in an order drawn by lot, each once."""

    def __init__(self, random: Random, prefix: str, taken: tuple[str, ...] = ()) -> None:
        left = [f"{prefix}{n:04d}" for n in range(100, 10_000)]
        random.shuffle(left)
        self._left = [number for number in left if number not in taken]

    def next(self) -> str:
        return self._left.pop()
