import EngagementModel

/// What the preference centre says, in the languages of the markets. What an HCP agreed to is these words: their version
/// and hash are kept with every choice.
struct PreferenceWords: MarketWords, Hashable {
    /// Changes with every change of the wording.
    static let version = "preferences-1"

    var language: String
    var title: String
    var lead: String
    var channel: String
    var purposes: [Purpose: String]
    var allowed: String
    var stopAll: String
    var stopAllNote: String
    var hours: String
    var hoursNote: String
    var from: String
    var until: String
    var pause: String
    var save: String
    var saved: String
    var weekdays: [String]
    var channels: [Channel: String]

    static let asked: [Purpose] = [.promotional, .educational, .medical]

    /// The text whose hash is kept.
    var text: String {
        ([Self.version, language, title, lead, allowed, stopAll, stopAllNote]
            + Self.asked.map { purposes[$0] ?? "" } + Channel.allCases.map { channels[$0] ?? "" })
            .joined(separator: "\n")
    }

    static let all: [PreferenceWords] = [
        PreferenceWords(
            language: "en", title: "Your choices",
            lead: "Decide by which way and about what we may contact you. It takes effect at once.",
            channel: "Way",
            purposes: [
                .promotional: "Product information", .educational: "Education and events",
                .medical: "Scientific exchange",
            ],
            allowed: "may be used", stopAll: "No promotional contact at all",
            stopAllNote: "This is an objection: it stands above every other choice, by whichever way.",
            hours: "When may we contact you?",
            hoursNote: "Your own local time. Without a choice, the usual quiet hours hold.", from: "From",
            until: "until", pause: "No contact until", save: "Save", saved: "Your choices are saved and in effect.",
            weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
            channels: [
                .inPerson: "Visit", .video: "Video call", .phone: "Telephone",
                .emailRep: "E-mail from a representative",
                .email: "E-mail", .sms: "SMS", .messaging: "Messenger", .webinar: "Webinar", .event: "Event",
                .mail: "Letter", .portal: "Portal", .ad: "Advertising",
            ]),
        PreferenceWords(
            language: "de", title: "Ihre Einstellungen",
            lead: "Bestimmen Sie, auf welchem Weg und worüber wir Sie ansprechen dürfen. Es gilt sofort.",
            channel: "Weg",
            purposes: [
                .promotional: "Produktinformation", .educational: "Fortbildung und Veranstaltungen",
                .medical: "Wissenschaftlicher Austausch",
            ],
            allowed: "erlaubt", stopAll: "Keine werbliche Ansprache",
            stopAllNote: "Das ist ein Widerspruch: Er steht über jeder anderen Einstellung, auf jedem Weg.",
            hours: "Wann dürfen wir Sie ansprechen?",
            hoursNote: "In Ihrer Ortszeit. Ohne Angabe gelten die üblichen Ruhezeiten.", from: "Von", until: "bis",
            pause: "Keine Ansprache bis", save: "Speichern",
            saved: "Ihre Einstellungen sind gespeichert und gelten ab sofort.",
            weekdays: ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
            channels: [
                .inPerson: "Besuch", .video: "Videogespräch", .phone: "Telefon", .emailRep: "E-Mail vom Außendienst",
                .email: "E-Mail", .sms: "SMS", .messaging: "Messenger", .webinar: "Webinar", .event: "Veranstaltung",
                .mail: "Brief", .portal: "Portal", .ad: "Anzeigen",
            ]),
        PreferenceWords(
            language: "fr", title: "Vos choix",
            lead: "Décidez par quel moyen et à quel sujet nous pouvons vous contacter. L'effet est immédiat.",
            channel: "Moyen",
            purposes: [
                .promotional: "Information produit", .educational: "Formation et événements",
                .medical: "Échange scientifique",
            ],
            allowed: "autorisé", stopAll: "Aucun contact promotionnel",
            stopAllNote: "Il s'agit d'une opposition : elle prime sur tout autre choix, quel que soit le moyen.",
            hours: "Quand pouvons-nous vous contacter ?",
            hoursNote: "À votre heure locale. Sans indication, les heures de repos habituelles s'appliquent.",
            from: "De", until: "à", pause: "Aucun contact jusqu'au", save: "Enregistrer",
            saved: "Vos choix sont enregistrés et prennent effet.",
            weekdays: ["Lun", "Mar", "Mer", "Jeu", "Ven", "Sam", "Dim"],
            channels: [
                .inPerson: "Visite", .video: "Visioconférence", .phone: "Téléphone", .emailRep: "E-mail d'un délégué",
                .email: "E-mail", .sms: "SMS", .messaging: "Messagerie", .webinar: "Webinaire", .event: "Événement",
                .mail: "Courrier", .portal: "Portail", .ad: "Publicité",
            ]),
        PreferenceWords(
            language: "es", title: "Sus preferencias",
            lead: "Decida por qué vía y sobre qué podemos contactarle. Tiene efecto inmediato.", channel: "Vía",
            purposes: [
                .promotional: "Información de producto", .educational: "Formación y eventos",
                .medical: "Intercambio científico",
            ],
            allowed: "permitido", stopAll: "Ningún contacto promocional",
            stopAllNote: "Es una oposición: está por encima de cualquier otra elección, por cualquier vía.",
            hours: "¿Cuándo podemos contactarle?",
            hoursNote: "En su hora local. Sin indicación rigen las horas de descanso habituales.", from: "De",
            until: "a", pause: "Sin contacto hasta", save: "Guardar",
            saved: "Sus preferencias están guardadas y en vigor.",
            weekdays: ["Lun", "Mar", "Mié", "Jue", "Vie", "Sáb", "Dom"],
            channels: [
                .inPerson: "Visita", .video: "Videollamada", .phone: "Teléfono", .emailRep: "Correo de un delegado",
                .email: "Correo electrónico", .sms: "SMS", .messaging: "Mensajería", .webinar: "Seminario web",
                .event: "Evento", .mail: "Carta", .portal: "Portal", .ad: "Publicidad",
            ]),
        PreferenceWords(
            language: "it", title: "Le Sue scelte",
            lead: "Decida con quale mezzo e su che cosa possiamo contattarLa. Ha effetto immediato.", channel: "Mezzo",
            purposes: [
                .promotional: "Informazioni sui prodotti", .educational: "Formazione ed eventi",
                .medical: "Scambio scientifico",
            ],
            allowed: "consentito", stopAll: "Nessun contatto promozionale",
            stopAllNote: "È un'opposizione: prevale su ogni altra scelta, con qualsiasi mezzo.",
            hours: "Quando possiamo contattarLa?",
            hoursNote: "Nella Sua ora locale. Senza indicazioni valgono le consuete ore di riposo.", from: "Dalle",
            until: "alle", pause: "Nessun contatto fino al", save: "Salva",
            saved: "Le Sue scelte sono salvate e in vigore.",
            weekdays: ["Lun", "Mar", "Mer", "Gio", "Ven", "Sab", "Dom"],
            channels: [
                .inPerson: "Visita", .video: "Videochiamata", .phone: "Telefono", .emailRep: "E-mail di un informatore",
                .email: "E-mail", .sms: "SMS", .messaging: "Messaggistica", .webinar: "Webinar", .event: "Evento",
                .mail: "Lettera", .portal: "Portale", .ad: "Pubblicità",
            ]),
    ]
}
