import EngagementModel

extension PublicWords {
    static let spanish = PublicWords(
        language: "es",
        expired: "Este enlace ha caducado. Encontrará uno nuevo en cada mensaje nuestro.",
        channels: [
            .inPerson: "Visita", .video: "Videollamada", .phone: "Teléfono", .emailRep: "Correo de un delegado",
            .email: "Correo electrónico", .sms: "SMS", .messaging: "Mensajería", .webinar: "Seminario web",
            .event: "Evento", .mail: "Carta", .portal: "Portal", .ad: "Publicidad",
        ],
        purposes: [
            .promotional: "Información de producto", .educational: "Formación y eventos",
            .medical: "Intercambio científico",
        ],
        preferences: Preferences(
            title: "Sus preferencias",
            lead: "Decida por qué vía y sobre qué podemos contactarle. Tiene efecto inmediato.", channel: "Vía",
            allowed: "permitido", stopAll: "Ningún contacto promocional",
            stopAllNote: "Es una oposición: está por encima de cualquier otra elección, por cualquier vía.",
            hours: "¿Cuándo podemos contactarle?",
            hoursNote: "En su hora local. Sin indicación rigen las horas de descanso habituales.", from: "De",
            until: "a", pause: "Sin contacto hasta", save: "Guardar",
            saved: "Sus preferencias están guardadas y en vigor.",
            weekdays: ["Lun", "Mar", "Mié", "Jue", "Vie", "Sáb", "Dom"]),
        confirm: Confirm(
            title: "Confirme, por favor", question: "¿Podemos contactarle por este medio?",
            button: "Sí, acepto",
            done: "Gracias. Su consentimiento está confirmado; puede retirarlo en cualquier momento.",
            superseded: "Rige una decisión suya posterior. No se ha cambiado nada.",
            mailSubject: "Confirme su elección, por favor",
            mailGreeting: "Buenos días:",
            mailAsked: "esta dirección se facilitó a {company} con su consentimiento para contactarle así:",
            mailPress: "¿Es correcto? Entonces confírmelo, por favor, en esta página:",
            mailUntil: "La página puede usarse hasta el {day}.",
            mailElse: "Si no fue usted, no haga nada: sin su confirmación el consentimiento no tiene efecto, y no "
                + "volveremos a preguntar."),
        ask: Ask(
            title: "Pregúntenos",
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
        unsubscribe: Unsubscribe(
            title: "Darse de baja", question: "¿Desea dejar de recibir estos mensajes?",
            button: "Darse de baja",
            done: "Hecho. No recibirá más estos mensajes."),
        notes: Notes(
            title: "Sus mensajes", lead: "Lo que hemos dejado aquí para usted.",
            empty: "No hay ningún mensaje para usted.", unread: "nuevo", back: "Todos los mensajes",
            gone: "Este mensaje ya no está disponible."),
        signed: Signed(
            title: "Consentimiento",
            statement:
                "Acepto que {company} me contacte por las vías y sobre los temas marcados aquí. Puedo retirarlo en "
                + "cualquier momento con efecto para el futuro; cada mensaje indica cómo.",
            product: "Producto", allProducts: "Todos los productos", signature: "Firma",
            hint: "Firme aquí con el dedo, un lápiz o el ratón.", clear: "Borrar",
            picture: "O una imagen de la firma (PNG o JPEG, 256 kB como máximo)"))
}
