/// Family names put together from two parts, as many are: without them a few dozen common names would make ten times as
/// many namesakes as a country has.
enum FamilyNames {
    /// Every head with every tail, capitals first.
    static func composed(_ country: Country) -> [String] {
        let (heads, tails) = parts(country)
        let ends = tails.split(separator: " ")
        return heads.split(separator: " ").flatMap { head in ends.map { "\(head)\($0)" } }
    }

    /// Spaniards bear two names: what follows the first is a tail with its blank.
    static func second(_ names: [String], of country: Country) -> [String] {
        guard country == .es else { return [] }
        return names.indices.flatMap { place in
            // A dozen of the others: who marries whom is chance, and all pairs would be three thousand.
            (1...12).map { "\(names[place]) \(names[(place + $0 * 5) % names.count])" }
        }
    }

    private static func parts(_ country: Country) -> (heads: String, tails: String) {
        switch country {
        case .us, .uk:
            (
                """
                Ash Brad Hart Whit Thorn Lang Stan Wal Hol Fair Black Red Wood Brook Clay Mar Had Lin Nor Wes East Ald \
                Crom Den Ful Gra Hal Kings Law Mid
                """,
                "ford ley ton well wood field worth by combe ham stone more wick bourne man ridge"
            )
        case .de:
            (
                """
                Stein Linden Eichen Ober Nieder Alten Neu Rosen Wald Berg Hirsch Feld Kirch Born Brand Holz Lauter Winter \
                Sommer Grün Birken Mühl Ehren Falken Hagen Ahren Buchen Reichen
                """,
                "mann berger bacher hofer meier müller feld stein auer thaler hauser walder burger maier eder ner"
            )
        case .fr:
            (
                """
                Beau Mont Char Ville Bel Cham Bois Font Gros Haut Clair Saint Grand Roche Vau Bour Cour Dela Lamar Pont \
                Ferr Marti Barr Cast Jour Long
                """,
                "bert mont pin champ val rand nier dier net lin tier court jean neau ville rier"
            )
        case .it:
            (
                """
                Monta Bel Casa Mar Fer Bar Bene Cor Gal Mor Pel Riz San Sal Tom Val Zan Bert Ceri Dal Fab Gia Lam Maz Nar \
                Pasq
                """,
                "ini elli etti ucci one oni aldi inelli ano ari etto ato ella asso igo otti"
            )
        case .es:
            (
                "Villa Monte Casa Val Fuen Torre Cabre Mora Pala Ribe Sala Arre Carre Oli Bara Gala Herre Lina Pine Robe",
                "lba ral dero nes res llo rra zo les nte dal ra na mar vega"
            )
        }
    }
}
