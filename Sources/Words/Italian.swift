import EngagementModel

extension PublicWords {
    static let italian = PublicWords(
        language: "it",
        expired: "Questo link è scaduto. Ne trova uno nuovo in ogni nostro messaggio.",
        channels: [
            .inPerson: "Visita", .video: "Videochiamata", .phone: "Telefono", .emailRep: "E-mail di un informatore",
            .email: "E-mail", .sms: "SMS", .messaging: "Messaggistica", .webinar: "Webinar", .event: "Evento",
            .mail: "Lettera", .portal: "Portale", .ad: "Pubblicità",
        ],
        purposes: [
            .promotional: "Informazioni sui prodotti", .educational: "Formazione ed eventi",
            .medical: "Scambio scientifico",
        ],
        preferences: Preferences(
            title: "Le Sue scelte",
            lead: "Decida con quale mezzo e su che cosa possiamo contattarLa. Ha effetto immediato.", channel: "Mezzo",
            allowed: "consentito", stopAll: "Nessun contatto promozionale",
            stopAllNote: "È un'opposizione: prevale su ogni altra scelta, con qualsiasi mezzo.",
            hours: "Quando possiamo contattarLa?",
            hoursNote: "Nella Sua ora locale. Senza indicazioni valgono le consuete ore di riposo.", from: "Dalle",
            until: "alle", pause: "Nessun contatto fino al", save: "Salva",
            saved: "Le Sue scelte sono salvate e in vigore.",
            weekdays: ["Lun", "Mar", "Mer", "Gio", "Ven", "Sab", "Dom"]),
        confirm: Confirm(
            title: "La preghiamo di confermare", question: "Possiamo contattarla in questo modo?",
            button: "Sì, acconsento",
            done: "Grazie. Il suo consenso è confermato; può revocarlo in qualsiasi momento.",
            superseded: "Vale una sua scelta successiva. Non è stato cambiato nulla.",
            mailSubject: "La preghiamo di confermare la Sua scelta",
            mailGreeting: "Buongiorno,",
            mailAsked: "questo indirizzo è stato comunicato a {company} con il Suo consenso a essere contattato così:",
            mailPress: "È corretto? Allora lo confermi, per favore, su questa pagina:",
            mailUntil: "La pagina è valida fino al {day}.",
            mailElse: "Se non è stato Lei, non faccia nulla: senza la Sua conferma il consenso non ha effetto e non "
                + "chiederemo di nuovo."),
        ask: Ask(
            title: "Ci scriva",
            lead: "Il Suo messaggio arriva a chi può rispondere: le domande mediche vanno ai colleghi medici.",
            about: "Di che cosa si tratta?",
            choices: [
                .medical: "Una domanda medica", .order: "Ordine, prezzo, consegna",
                .fault: "Un dispositivo o un guasto", .visit: "Un colloquio o una formazione", .other: "Altro",
            ], name: "Il Suo nome", email: "Il Suo indirizzo e-mail", emailNote: "Lo usiamo solo per la risposta.",
            subject: "Oggetto", text: "Il Suo messaggio",
            files: "Foto o documenti",
            filesNote:
                "Al massimo cinque: immagini, PDF, testo o un breve video; 10 MB ciascuno, 20 MB in tutto. "
                + "Senza volti né nomi di pazienti, per favore.",
            safety:
                "Un paziente ha subito un danno o un dispositivo non ha funzionato? Lo scriva qui: i colleghi della "
                + "vigilanza lo ricevono subito.",
            send: "Invia", thanks: "Grazie. Il Suo messaggio è arrivato.",
            thanksNote: "Può chiudere questa pagina. La risposta arriva per e-mail o per telefono.",
            privacy: "La preghiamo di non indicare nomi di pazienti.", needsText: "Scriva un messaggio, per favore.",
            needsEmail: "Indichi un indirizzo e-mail per la risposta, per favore.",
            tooLong: "Il messaggio è troppo lungo: al massimo 5.000 caratteri.",
            outOfDate: "Il modulo è rimasto aperto troppo a lungo. Lo invii di nuovo, per favore.",
            tooMany: "In questo momento arrivano troppi messaggi. Riprovi tra qualche minuto.",
            tooLarge:
                "I file sono troppo grandi o troppi: al massimo cinque, 10 MB ciascuno, 20 MB in tutto. Scelga "
                + "di nuovo; senza file il messaggio può partire così.",
            otherKind: "Un file non è immagine, PDF, testo né video. Ne scelga un altro, per favore.",
            leaveEmpty: "Lasci vuoto questo campo, per favore"),
        unsubscribe: Unsubscribe(
            title: "Annulla iscrizione", question: "Desidera non ricevere più questi messaggi?",
            button: "Annulla iscrizione", done: "Fatto. Non riceverà più questi messaggi."),
        notes: Notes(
            title: "I Suoi messaggi", lead: "Ciò che abbiamo lasciato qui per Lei.",
            empty: "Non c’è alcun messaggio per Lei.", unread: "nuovo", back: "Tutti i messaggi",
            gone: "Questo messaggio non è più disponibile."),
        signed: Signed(
            title: "Consenso",
            statement: "Acconsento che {company} mi contatti con i mezzi e sui temi segnati qui. Posso revocarlo in "
                + "qualsiasi momento con effetto per il futuro; ogni messaggio indica come.",
            product: "Prodotto", allProducts: "Tutti i prodotti", signature: "Firma",
            hint: "Firmi qui con il dito, la penna o il mouse.", clear: "Cancella",
            picture: "Oppure un’immagine della firma (PNG o JPEG, al massimo 256 kB)"))
}
