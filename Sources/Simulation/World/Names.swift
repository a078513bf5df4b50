/// Common given and family names by country, combined at random; no real person is meant.
struct NameBook: Sendable {
    let given: [String]
    let family: [String]
    /// The same names as they stand in an e-mail address.
    let givenAddress: [[UInt8]]
    let familyAddress: [[UInt8]]
    let streets: [String]

    static let all: [NameBook] = Country.allCases.map { NameBook($0) }

    private init(_ country: Country) {
        let text = NameBook.text(country)
        given = text.given.split(separator: " ").map(String.init)
        let common = text.family.split(separator: " ").map(String.init)
        family = common + FamilyNames.second(common, of: country) + FamilyNames.composed(country)
        streets = text.streets.split(separator: ";").map(String.init)
        givenAddress = given.map(NameBook.fold)
        familyAddress = family.map(NameBook.fold)
    }

    /// Lower-case ASCII: `Jürgen` → `juergen`, `O'Brien` → `obrien`.
    static func fold(_ name: String) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in name.lowercased().unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": result.append(UInt8(scalar.value))
            case "ä", "æ": result += Array("ae".utf8)
            case "ö": result += Array("oe".utf8)
            case "ü": result += Array("ue".utf8)
            case "ß": result += Array("ss".utf8)
            case "à", "á", "â": result.append(UInt8(ascii: "a"))
            case "ç": result.append(UInt8(ascii: "c"))
            case "è", "é", "ê", "ë": result.append(UInt8(ascii: "e"))
            case "ì", "í", "î", "ï": result.append(UInt8(ascii: "i"))
            case "ñ": result.append(UInt8(ascii: "n"))
            case "ò", "ó", "ô": result.append(UInt8(ascii: "o"))
            case "ù", "ú", "û": result.append(UInt8(ascii: "u"))
            default: break
            }
        }
        return result
    }

    private static func text(_ country: Country) -> (given: String, family: String, streets: String) {
        switch country {
        case .us:
            (
                """
                James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph \
                Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Sandra Anthony Ashley Mark Emily \
                Steven Kimberly Andrew Margaret Joshua Donna Kevin Michelle Brian Carol George Amanda Priya Wei Jamal Keisha \
                Carlos Maria Luis Sofia Arjun Mei Hannah Ethan Olivia Noah Grace Aaron Rachel Samuel Naomi Victor Elena
                """,
                """
                Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson \
                Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis \
                Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera \
                Campbell Mitchell Carter Roberts Patel Shah Kim Chen Wang Singh Cohen Murphy O'Brien Sullivan Kelly Foster \
                Bennett Hughes Price Coleman Jenkins Perry Powell Long Patterson Washington Simmons Bryant Griffin Hayes
                """,
                "Oak Street;Maple Avenue;Main Street;Park Avenue;Cedar Lane;Elm Street;Lake Drive;Hill Road;Washington Street;"
                    + "Medical Center Drive;River Road;Sunset Boulevard"
            )
        case .uk:
            (
                """
                Oliver Amelia George Olivia Harry Isla Jack Ava Jacob Emily Charlie Sophie Thomas Grace Oscar Lily William \
                Freya James Charlotte Edward Alice Henry Florence Arthur Daisy Alfie Evie Rhys Megan Callum Fiona Angus Eilidh \
                Imran Aisha Sanjay Meera Kwame Abigail Duncan Bronwen
                """,
                """
                Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White \
                Roberts Green Hall Wood Jackson Clarke Khan Hughes Edwards Turner Hill Cooper Ward Morris Clark Lee King Baker \
                Harris Morgan Allen Scott Phillips Watson Parker Bennett Griffiths MacDonald Campbell Stewart Fraser Ahmed \
                Begum Owen Lloyd Pritchard Shaw Barker Mills Chapman Holmes
                """,
                "High Street;Church Road;Station Road;Victoria Road;Park Lane;Mill Lane;King Street;Queen Street;The Green"
            )
        case .de:
            (
                """
                Anna Thomas Julia Michael Sabine Andreas Katharina Stefan Petra Christian Claudia Matthias Susanne Martin \
                Monika Jürgen Birgit Uwe Heike Frank Andrea Peter Martina Klaus Stefanie Jörg Nicole Tobias Lena Felix Laura \
                Jonas Hannah Lukas Miriam Ayşe Mehmet Johanna Sebastian Franziska Björn Ulrike
                """,
                """
                Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein \
                Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier \
                Lehmann Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel \
                Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Yilmaz Kaya
                """,
                "Hauptstraße;Bahnhofstraße;Gartenstraße;Lindenweg;Schillerstraße;Goethestraße;Bergstraße;Kirchplatz;Am Markt"
            )
        case .fr:
            (
                """
                Marie Jean Nathalie Pierre Isabelle Michel Sylvie Philippe Catherine Nicolas Sophie Laurent Céline François \
                Valérie Olivier Émilie Julien Camille Thomas Claire Antoine Hélène Guillaume Élodie Mathieu Manon Hugo Léa \
                Lucas Chloé Karim Nadia Benoît Agnès Rémi Margaux Étienne
                """,
                """
                Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux David \
                Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure André \
                Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin \
                Nicolas Henry Roussel Mathieu Gautier Masson Benali Traoré
                """,
                "rue de la République;avenue Victor Hugo;rue des Lilas;rue Pasteur;boulevard Voltaire;place de l'Église;"
                    + "rue du Moulin;avenue de la Gare"
            )
        case .it:
            (
                """
                Giuseppe Maria Giovanni Anna Antonio Giulia Mario Francesca Luigi Chiara Francesco Sara Angelo Paola Vincenzo \
                Laura Pietro Elena Salvatore Silvia Carlo Valentina Franco Federica Domenico Martina Bruno Alessandra Paolo \
                Elisa Michele Roberta Giorgio Lucia Marco Ilaria Andrea Niccolò
                """,
                """
                Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Mancini Costa Giordano \
                Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo \
                Gentile Martinelli Vitale Lombardo Serra Coppola D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri \
                Bianco Marini Grasso Valentini Messina Sala
                """,
                "Via Roma;Via Garibaldi;Corso Italia;Via Verdi;Piazza del Popolo;Via Dante;Viale Europa;Via Mazzini"
            )
        case .es:
            (
                """
                Antonio María Manuel Carmen José Ana Francisco Isabel David Laura Juan Cristina Javier Marta Daniel Lucía \
                Carlos Elena Jesús Pilar Alejandro Raquel Miguel Sara Rafael Paula Pedro Silvia Pablo Rosa Sergio Beatriz \
                Fernando Alba Jorge Nuria Álvaro Irene Andrés Inés Íñigo Begoña
                """,
                """
                García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz \
                Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco \
                Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés \
                Castillo Santos Lozano Guerrero Cano Prieto
                """,
                "Calle Mayor;Avenida de la Constitución;Calle Real;Calle del Sol;Plaza de España;Calle Cervantes;Gran Vía;"
                    + "Paseo del Prado"
            )
        }
    }
}
