import EngagementModel

extension PublicWords {
    static let french = PublicWords(
        language: "fr",
        expired: "Ce lien a expiré. Vous en trouverez un nouveau dans chacun de nos messages.",
        channels: [
            .inPerson: "Visite", .video: "Visioconférence", .phone: "Téléphone", .emailRep: "E-mail d'un délégué",
            .email: "E-mail", .sms: "SMS", .messaging: "Messagerie", .webinar: "Webinaire", .event: "Événement",
            .mail: "Courrier", .portal: "Portail", .ad: "Publicité",
        ],
        purposes: [
            .promotional: "Information produit", .educational: "Formation et événements",
            .medical: "Échange scientifique",
        ],
        preferences: Preferences(
            title: "Vos choix",
            lead: "Décidez par quel moyen et à quel sujet nous pouvons vous contacter. L'effet est immédiat.",
            channel: "Moyen", allowed: "autorisé", stopAll: "Aucun contact promotionnel",
            stopAllNote: "Il s'agit d'une opposition : elle prime sur tout autre choix, quel que soit le moyen.",
            hours: "Quand pouvons-nous vous contacter ?",
            hoursNote: "À votre heure locale. Sans indication, les heures de repos habituelles s'appliquent.",
            from: "De", until: "à", pause: "Aucun contact jusqu'au", save: "Enregistrer",
            saved: "Vos choix sont enregistrés et prennent effet.",
            weekdays: ["Lun", "Mar", "Mer", "Jeu", "Ven", "Sam", "Dim"]),
        confirm: Confirm(
            title: "Veuillez confirmer", question: "Pouvons-nous vous contacter par ce moyen ?",
            button: "Oui, j’accepte",
            done: "Merci. Votre consentement est confirmé ; vous pouvez le retirer à tout moment.",
            superseded: "Un choix plus récent de votre part est en vigueur. Rien n’a été modifié.",
            mailSubject: "Veuillez confirmer votre choix",
            mailGreeting: "Bonjour,",
            mailAsked: "cette adresse a été communiquée à {company} avec votre accord pour être contacté ainsi :",
            mailPress: "Est-ce exact ? Veuillez alors le confirmer sur cette page :",
            mailUntil: "La page est valable jusqu’au {day}.",
            mailElse:
                "Si cela ne vient pas de vous, ne faites rien : sans votre confirmation, l’accord reste sans effet "
                + "et nous ne vous le demanderons plus."),
        ask: Ask(
            title: "Posez-nous votre question",
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
        unsubscribe: Unsubscribe(
            title: "Se désabonner", question: "Ne souhaitez-vous plus recevoir ces messages ?",
            button: "Se désabonner", done: "C’est fait. Vous ne recevrez plus ces messages."),
        notes: Notes(
            title: "Vos messages", lead: "Ce que nous avons déposé ici pour vous.",
            empty: "Il n’y a aucun message pour vous.", unread: "nouveau", back: "Tous les messages",
            gone: "Ce message n’est plus disponible."),
        signed: Signed(
            title: "Consentement",
            statement:
                "J’accepte que {company} me contacte par les moyens et sur les sujets cochés ici. Je peux retirer "
                + "cet accord à tout moment pour l’avenir ; chaque message indique comment.",
            product: "Produit", allProducts: "Tous les produits", signature: "Signature",
            hint: "Signez ici avec le doigt, un stylet ou la souris.", clear: "Effacer",
            picture: "Ou une image de la signature (PNG ou JPEG, 256 Ko au plus)"))
}
