import EngagementModel

extension PublicWords {
    static let german = PublicWords(
        language: "de",
        expired: "Dieser Link ist abgelaufen. Einen neuen finden Sie in jeder Nachricht von uns.",
        channels: [
            .inPerson: "Besuch", .video: "Videogespräch", .phone: "Telefon", .emailRep: "E-Mail vom Außendienst",
            .email: "E-Mail", .sms: "SMS", .messaging: "Messenger", .webinar: "Webinar", .event: "Veranstaltung",
            .mail: "Brief", .portal: "Portal", .ad: "Anzeigen",
        ],
        purposes: [
            .promotional: "Produktinformation", .educational: "Fortbildung und Veranstaltungen",
            .medical: "Wissenschaftlicher Austausch",
        ],
        preferences: Preferences(
            title: "Ihre Einstellungen",
            lead: "Bestimmen Sie, auf welchem Weg und worüber wir Sie ansprechen dürfen. Es gilt sofort.",
            channel: "Weg", allowed: "erlaubt", stopAll: "Keine werbliche Ansprache",
            stopAllNote: "Das ist ein Widerspruch: Er steht über jeder anderen Einstellung, auf jedem Weg.",
            hours: "Wann dürfen wir Sie ansprechen?",
            hoursNote: "In Ihrer Ortszeit. Ohne Angabe gelten die üblichen Ruhezeiten.", from: "Von", until: "bis",
            pause: "Keine Ansprache bis", save: "Speichern",
            saved: "Ihre Einstellungen sind gespeichert und gelten ab sofort.",
            weekdays: ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]),
        confirm: Confirm(
            title: "Bitte bestätigen Sie", question: "Dürfen wir Sie auf diesem Weg ansprechen?",
            button: "Ja, ich stimme zu",
            done: "Vielen Dank. Ihre Einwilligung ist bestätigt; Sie können sie jederzeit widerrufen.",
            superseded: "Es gilt eine spätere Entscheidung von Ihnen. Es wurde nichts geändert.",
            mailSubject: "Bitte bestätigen Sie Ihre Einwilligung",
            mailGreeting: "Guten Tag,",
            mailAsked: "diese Adresse wurde {company} mit Ihrer Einwilligung genannt, Sie so anzusprechen:",
            mailPress: "Ist das richtig? Dann bestätigen Sie es bitte auf dieser Seite:",
            mailUntil: "Die Seite kann bis {day} genutzt werden.",
            mailElse: "Wenn das nicht von Ihnen kam, brauchen Sie nichts zu tun: Ohne Ihre Bestätigung gilt die "
                + "Einwilligung nicht, und wir fragen nicht noch einmal."),
        ask: Ask(
            title: "Fragen Sie uns",
            lead: "Ihre Nachricht geht an die Person, die sie beantworten kann: medizinische Fragen an medizinische "
                + "Kolleginnen und Kollegen.",
            about: "Worum geht es?",
            choices: [
                .medical: "Eine medizinische Frage", .order: "Bestellung, Preis, Lieferung",
                .fault: "Ein Gerät oder eine technische Störung", .visit: "Ein Gespräch oder eine Schulung",
                .other: "Etwas anderes",
            ], name: "Ihr Name", email: "Ihre E-Mail-Adresse", emailNote: "Wir nutzen sie nur für die Antwort.",
            subject: "Betreff", text: "Ihre Nachricht",
            files: "Fotos oder Dokumente",
            filesNote:
                "Bis zu fünf: Bilder, PDF, Text oder ein kurzes Video; je 10 MB, zusammen 20 MB. Bitte keine "
                + "Gesichter oder Namen von Patienten.",
            safety: "Kam ein Patient zu Schaden, oder hat ein Gerät versagt? Schreiben Sie es hier: Unsere "
                + "Arzneimittel- und Gerätesicherheit erhält es sofort.",
            send: "Senden", thanks: "Vielen Dank. Ihre Nachricht ist angekommen.",
            thanksNote: "Sie können diese Seite schließen. Die Antwort kommt per E-Mail oder Telefon.",
            privacy: "Bitte nennen Sie keine Patientennamen.", needsText: "Bitte schreiben Sie eine Nachricht.",
            needsEmail: "Bitte geben Sie eine E-Mail-Adresse für die Antwort an.",
            tooLong: "Die Nachricht ist zu lang: höchstens 5.000 Zeichen.",
            outOfDate: "Das Formular war zu lange offen. Bitte senden Sie es noch einmal.",
            tooMany: "Gerade kommen zu viele Nachrichten an. Bitte versuchen Sie es in einigen Minuten noch einmal.",
            tooLarge:
                "Die Dateien sind zu groß oder zu viele: höchstens fünf, je 10 MB, zusammen 20 MB. Bitte wählen "
                + "Sie neu; ohne Dateien kann die Nachricht so gesendet werden.",
            otherKind: "Eine Datei ist weder Bild, PDF, Text noch Video. Bitte wählen Sie eine andere.",
            leaveEmpty: "Bitte lassen Sie dieses Feld leer"),
        unsubscribe: Unsubscribe(
            title: "Abmelden", question: "Möchten Sie diese Nachrichten nicht mehr erhalten?",
            button: "Abmelden",
            done: "Erledigt. Sie erhalten diese Nachrichten nicht mehr."),
        notes: Notes(
            title: "Ihre Nachrichten", lead: "Was wir hier für Sie hinterlegt haben.",
            empty: "Es liegt keine Nachricht für Sie vor.", unread: "neu", back: "Alle Nachrichten",
            gone: "Diese Nachricht ist nicht mehr verfügbar."),
        signed: Signed(
            title: "Einwilligung",
            statement: "Ich bin einverstanden, dass {company} mich auf den hier angekreuzten Wegen und zu den "
                + "angekreuzten Themen anspricht. Ich kann das jederzeit mit Wirkung für die Zukunft widerrufen; wie, "
                + "steht in jeder Nachricht.",
            product: "Produkt", allProducts: "Alle Produkte", signature: "Unterschrift",
            hint: "Unterschreiben Sie hier mit Finger, Stift oder Maus.", clear: "Löschen",
            picture: "Oder ein Bild der Unterschrift (PNG oder JPEG, höchstens 256 kB)"))
}
