import EngagementModel

/// What the form for questions says, in the languages of the markets.
struct AskWords: MarketWords, Hashable {
    var language: String
    var title: String
    var lead: String
    var about: String
    var choices: [InquiryAsk: String]
    var name: String
    var email: String
    var emailNote: String
    var subject: String
    var text: String
    var files: String
    var filesNote: String
    var safety: String
    var send: String
    var thanks: String
    var thanksNote: String
    var privacy: String
    /// Why a form came back.
    var needsText: String
    var needsEmail: String
    var tooLong: String
    var outOfDate: String
    var tooMany: String
    var tooLarge: String
    var otherKind: String
    /// The label of the field that people never see.
    var leaveEmpty: String

    static let english = AskWords(
        language: "en", title: "Ask us",
        lead: "Your message goes to the person who can answer it: medical questions to medical colleagues.",
        about: "What is it about?",
        choices: [
            .medical: "A medical question", .order: "Order, price, delivery", .fault: "A device or a technical fault",
            .visit: "A talk or a training", .other: "Something else",
        ], name: "Your name", email: "Your e-mail address", emailNote: "We use it for the answer alone.",
        subject: "Subject", text: "Your message",
        files: "Photos or documents",
        filesNote:
            "Up to five: pictures, PDF, text or a short video; 10 MB each, 20 MB together. No faces or "
            + "names of patients, please.",
        safety:
            "Was a patient harmed, or did a device fail? Write it here: our safety colleagues get it at once.",
        send: "Send", thanks: "Thank you. Your message has arrived.",
        thanksNote: "You can close this page. The answer comes by e-mail or telephone.",
        privacy: "Please give no names of patients.",
        needsText: "Please write a message.", needsEmail: "Please give an e-mail address to which we can answer.",
        tooLong: "The message is too long: at most 5,000 characters.",
        outOfDate: "The form was open for too long. Please send it again.",
        tooMany: "Too many messages arrive just now. Please try again in a few minutes.",
        tooLarge:
            "The files are too large or too many: at most five, 10 MB each, 20 MB together. Please choose "
            + "again; without files the message can be sent as it is.",
        otherKind: "A file is neither picture, PDF, text nor video. Please choose another.",
        leaveEmpty: "Please leave this field empty")

    static let all: [AskWords] = [
        english,
        AskWords(
            language: "de", title: "Fragen Sie uns",
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
        AskWords(
            language: "fr", title: "Posez-nous votre question",
            lead: "Votre message parvient à la personne qui peut y répondre : les questions médicales vont aux "
                + "collègues médicaux.",
            about: "De quoi s'agit-il ?",
            choices: [
                .medical: "Une question médicale", .order: "Commande, prix, livraison",
                .fault: "Un dispositif ou une panne", .visit: "Un entretien ou une formation", .other: "Autre chose",
            ], name: "Votre nom", email: "Votre adresse e-mail",
            emailNote: "Elle ne sert qu'à la réponse.", subject: "Objet", text: "Votre message",
            files: "Photos ou documents",
            filesNote:
                "Cinq au plus : images, PDF, texte ou une courte vidéo ; 10 Mo chacun, 20 Mo en tout. Ni "
                + "visages ni noms de patients, merci.",
            safety: "Un patient a-t-il subi un préjudice, un dispositif est-il tombé en panne ? Écrivez-le ici : nos "
                + "collègues de la vigilance le reçoivent aussitôt.",
            send: "Envoyer", thanks: "Merci. Votre message est arrivé.",
            thanksNote: "Vous pouvez fermer cette page. La réponse vient par e-mail ou par téléphone.",
            privacy: "Merci de ne citer aucun nom de patient.", needsText: "Veuillez écrire un message.",
            needsEmail: "Veuillez indiquer une adresse e-mail pour la réponse.",
            tooLong: "Le message est trop long : 5 000 caractères au plus.",
            outOfDate: "Le formulaire est resté ouvert trop longtemps. Veuillez l'envoyer à nouveau.",
            tooMany: "Trop de messages arrivent en ce moment. Veuillez réessayer dans quelques minutes.",
            tooLarge:
                "Les fichiers sont trop lourds ou trop nombreux : cinq au plus, 10 Mo chacun, 20 Mo en tout. "
                + "Veuillez choisir à nouveau ; sans fichier, le message peut partir tel quel.",
            otherKind: "Un fichier n'est ni image, ni PDF, ni texte, ni vidéo. Veuillez en choisir un autre.",
            leaveEmpty: "Veuillez laisser ce champ vide"),
        AskWords(
            language: "es", title: "Pregúntenos",
            lead: "Su mensaje llega a la persona que puede responderlo: las preguntas médicas, a los colegas médicos.",
            about: "¿De qué se trata?",
            choices: [
                .medical: "Una pregunta médica", .order: "Pedido, precio, entrega",
                .fault: "Un dispositivo o una avería", .visit: "Una conversación o una formación", .other: "Otra cosa",
            ], name: "Su nombre", email: "Su correo electrónico", emailNote: "Solo lo usamos para la respuesta.",
            subject: "Asunto", text: "Su mensaje",
            files: "Fotos o documentos",
            filesNote:
                "Cinco como máximo: imágenes, PDF, texto o un vídeo corto; 10 MB cada uno, 20 MB en total. Sin "
                + "rostros ni nombres de pacientes, por favor.",
            safety: "¿Sufrió daño un paciente o falló un dispositivo? Escríbalo aquí: nuestros colegas de seguridad lo "
                + "reciben de inmediato.",
            send: "Enviar", thanks: "Gracias. Su mensaje ha llegado.",
            thanksNote: "Puede cerrar esta página. La respuesta llega por correo o por teléfono.",
            privacy: "Por favor, no mencione nombres de pacientes.", needsText: "Por favor, escriba un mensaje.",
            needsEmail: "Por favor, indique un correo electrónico para la respuesta.",
            tooLong: "El mensaje es demasiado largo: como máximo 5.000 caracteres.",
            outOfDate: "El formulario estuvo abierto demasiado tiempo. Por favor, envíelo otra vez.",
            tooMany: "Llegan demasiados mensajes en este momento. Inténtelo de nuevo en unos minutos.",
            tooLarge:
                "Los archivos son demasiado grandes o demasiados: como máximo cinco, 10 MB cada uno, 20 MB en "
                + "total. Elija de nuevo; sin archivos el mensaje puede enviarse así.",
            otherKind: "Un archivo no es imagen, PDF, texto ni vídeo. Por favor, elija otro.",
            leaveEmpty: "Por favor, deje este campo vacío"),
        AskWords(
            language: "it", title: "Ci scriva",
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
    ]
}
