import EngagementModel

extension PublicWords {
    static let english = PublicWords(
        language: "en",
        expired: "This link has expired. A new one is in every message from us.",
        channels: [
            .inPerson: "Visit", .video: "Video call", .phone: "Telephone",
            .emailRep: "E-mail from a representative",
            .email: "E-mail", .sms: "SMS", .messaging: "Messenger", .webinar: "Webinar", .event: "Event",
            .mail: "Letter", .portal: "Portal", .ad: "Advertising",
        ],
        purposes: [
            .promotional: "Product information", .educational: "Education and events",
            .medical: "Scientific exchange",
        ],
        preferences: Preferences(
            title: "Your choices",
            lead: "Decide by which way and about what we may contact you. It takes effect at once.",
            channel: "Way", allowed: "may be used", stopAll: "No promotional contact at all",
            stopAllNote: "This is an objection: it stands above every other choice, by whichever way.",
            hours: "When may we contact you?",
            hoursNote: "Your own local time. Without a choice, the usual quiet hours hold.", from: "From",
            until: "until", pause: "No contact until", save: "Save", saved: "Your choices are saved and in effect.",
            weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
        confirm: Confirm(
            title: "Please confirm", question: "May we contact you in this way?",
            button: "Yes, I agree",
            done: "Thank you. Your consent is confirmed; you can withdraw it at any time.",
            superseded: "A later choice of yours stands. Nothing was changed.",
            mailSubject: "Please confirm your choice",
            mailGreeting: "Hello,",
            mailAsked: "This address was given to {company} with your consent to be contacted like this:",
            mailPress: "Is that right? Then please confirm it on this page:",
            mailUntil: "The page can be used until {day}.",
            mailElse:
                "If it was not you, please do nothing: without your confirmation the consent has no effect, and we "
                + "will not ask again."),
        ask: Ask(
            title: "Ask us",
            lead: "Your message goes to the person who can answer it: medical questions to medical colleagues.",
            about: "What is it about?",
            choices: [
                .medical: "A medical question", .order: "Order, price, delivery",
                .fault: "A device or a technical fault",
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
            leaveEmpty: "Please leave this field empty"),
        unsubscribe: Unsubscribe(
            title: "Unsubscribe", question: "Do you want to receive no more of these messages?",
            button: "Unsubscribe",
            done: "Done. You will receive no more of these messages."),
        notes: Notes(
            title: "Your messages", lead: "What we have put here for you.",
            empty: "There is no message for you.", unread: "new", back: "All messages",
            gone: "This message is no longer available."),
        signed: Signed(
            title: "Consent",
            statement:
                "I agree that {company} contacts me in the ways and about the subjects that are marked here. I can "
                + "take this back at any time with effect for the future; every message says how.",
            product: "Product", allProducts: "All products", signature: "Signature",
            hint: "Sign here with finger, pen or mouse.", clear: "Clear",
            picture: "Or a picture of the signature (PNG or JPEG, 256 kB at most)"))
}
