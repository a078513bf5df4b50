/// Questions that HCPs send in; `%` stands for the brand. None speaks of a patient.
enum InquiryTexts {
    static let all: [(medical: Bool, text: String)] = [
        (true, "Is there a dose adjustment for % in renal impairment?"),
        (true, "What are the known interactions of % with anticoagulants?"),
        (true, "Could you send the full text of the pivotal study on %, including the subgroup results?"),
        (true, "Are there data on % beyond two years of follow-up?"),
        (true, "What does the label say about % before surgery?"),
        (false, "Please send the current price list for %."),
        (false, "How do I order samples or a trial set of %?"),
        (false, "Is % covered by the regional formulary, and at which tier?"),
        (false, "When is the next training on %? We would bring two colleagues."),
        (false, "The portal says \"order blocked\" for %; who can help?"),
    ]
}

/// Notes of reps after a visit, by language; `%` stands for the brand.
enum NoteTexts {
    static let perLanguage = 6

    static func texts(_ language: String) -> [String] {
        switch language {
        case "de":
            [
                "Interesse an den neuen Daten zu %, möchte die Studie per E-Mail.",
                "Wenig Zeit, bitte künftig nur dienstags nach 13 Uhr.",
                "Fragt nach Kosten und Erstattung von %, Rückruf vereinbart.",
                "Arbeitet lieber mit Video, kein Besuch im nächsten Quartal.",
                "Zufrieden mit %, empfiehlt einen Kollegen im Haus.",
                "Wünscht Fortbildung für das Team zu %.",
            ]
        case "fr":
            [
                "Intéressé par les données récentes sur %, demande l'étude par e-mail.",
                "Peu de temps, préfère le mardi après 13 h.",
                "Demande le remboursement de %, rappel convenu.",
                "Préfère la visio, pas de visite au prochain trimestre.",
                "Satisfait de %, recommande un confrère du service.",
                "Souhaite une formation pour l'équipe sur %.",
            ]
        case "es":
            [
                "Interés por los datos nuevos de %, pide el estudio por correo.",
                "Poco tiempo, mejor los martes después de las 13 h.",
                "Pregunta por el coste y la financiación de %, acordada una llamada.",
                "Prefiere videollamada, sin visita el próximo trimestre.",
                "Contento con %, recomienda a un colega del centro.",
                "Quiere formación para el equipo sobre %.",
            ]
        case "it":
            [
                "Interesse per i nuovi dati su %, chiede lo studio per e-mail.",
                "Poco tempo, meglio il martedì dopo le 13.",
                "Chiede costi e rimborso di %, concordata una telefonata.",
                "Preferisce la videochiamata, nessuna visita nel prossimo trimestre.",
                "Soddisfatto di %, consiglia un collega del reparto.",
                "Vorrebbe formazione per il gruppo su %.",
            ]
        default:
            [
                "Interested in the new data on %, wants the paper by e-mail.",
                "Short of time; prefers Tuesdays after 1 p.m.",
                "Asked about cost and coverage of %, agreed to call back.",
                "Prefers video, no visit next quarter.",
                "Happy with %; \"send my colleague the same\", she said.",
                "Would like training for the team on %.",
            ]
        }
    }
}
