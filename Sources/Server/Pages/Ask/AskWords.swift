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
        safety:
            "Was a patient harmed, or did a device fail? Write it here: our safety colleagues get it at once.",
        send: "Send", thanks: "Thank you. Your message has arrived.",
        thanksNote: "You can close this page. The answer comes by e-mail or telephone.",
        privacy: "Please give no names of patients.",
        needsText: "Please write a message.", needsEmail: "Please give an e-mail address to which we can answer.",
        tooLong: "The message is too long: at most 5,000 characters.",
        outOfDate: "The form was open for too long. Please send it again.",
        tooMany: "Too many messages arrive just now. Please try again in a few minutes.",
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
            safety: "Kam ein Patient zu Schaden, oder hat ein Gerät versagt? Schreiben Sie es hier: Unsere "
                + "Arzneimittel- und Gerätesicherheit erhält es sofort.",
            send: "Senden", thanks: "Vielen Dank. Ihre Nachricht ist angekommen.",
            thanksNote: "Sie können diese Seite schließen. Die Antwort kommt per E-Mail oder Telefon.",
            privacy: "Bitte nennen Sie keine Patientennamen.", needsText: "Bitte schreiben Sie eine Nachricht.",
            needsEmail: "Bitte geben Sie eine E-Mail-Adresse für die Antwort an.",
            tooLong: "Die Nachricht ist zu lang: höchstens 5.000 Zeichen.",
            outOfDate: "Das Formular war zu lange offen. Bitte senden Sie es noch einmal.",
            tooMany: "Gerade kommen zu viele Nachrichten an. Bitte versuchen Sie es in einigen Minuten noch einmal.",
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
            safety: "Un patient a-t-il subi un préjudice, un dispositif est-il tombé en panne ? Écrivez-le ici : nos "
                + "collègues de la vigilance le reçoivent aussitôt.",
            send: "Envoyer", thanks: "Merci. Votre message est arrivé.",
            thanksNote: "Vous pouvez fermer cette page. La réponse vient par e-mail ou par téléphone.",
            privacy: "Merci de ne citer aucun nom de patient.", needsText: "Veuillez écrire un message.",
            needsEmail: "Veuillez indiquer une adresse e-mail pour la réponse.",
            tooLong: "Le message est trop long : 5 000 caractères au plus.",
            outOfDate: "Le formulaire est resté ouvert trop longtemps. Veuillez l'envoyer à nouveau.",
            tooMany: "Trop de messages arrivent en ce moment. Veuillez réessayer dans quelques minutes.",
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
            safety: "¿Sufrió daño un paciente o falló un dispositivo? Escríbalo aquí: nuestros colegas de seguridad lo "
                + "reciben de inmediato.",
            send: "Enviar", thanks: "Gracias. Su mensaje ha llegado.",
            thanksNote: "Puede cerrar esta página. La respuesta llega por correo o por teléfono.",
            privacy: "Por favor, no mencione nombres de pacientes.", needsText: "Por favor, escriba un mensaje.",
            needsEmail: "Por favor, indique un correo electrónico para la respuesta.",
            tooLong: "El mensaje es demasiado largo: como máximo 5.000 caracteres.",
            outOfDate: "El formulario estuvo abierto demasiado tiempo. Por favor, envíelo otra vez.",
            tooMany: "Llegan demasiados mensajes en este momento. Inténtelo de nuevo en unos minutos.",
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
            leaveEmpty: "Lasci vuoto questo campo, per favore"),
    ]
}
