import Statistics

/// Names to dense numbers that stay the same from run to run.
///
/// Numbers are given in order of first appearance; names beyond the capacity share numbers by hash.
struct NameIndex: Sendable, Equatable {
    let capacity: Int
    private(set) var names: [String]
    private var numbers: [String: Int32]

    init(capacity: Int, names: [String] = []) {
        self.capacity = capacity
        self.names = names
        numbers = Dictionary(names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Numbers for names, new ones added.
    mutating func add(_ list: [String]) -> [Int32] {
        list.map { name in
            if let known = numbers[name] { return known }
            if names.count < capacity {
                let number = Int32(names.count)
                names.append(name)
                numbers[name] = number
                return number
            }
            return overflow(name)
        }
    }

    private func overflow(_ name: String) -> Int32 {
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int32(SeededGenerator.mix(hash) % UInt64(capacity))
    }
}

/// The names that the model knows.
struct ResponseVocabulary: Sendable, Equatable {
    var specialties = NameIndex(capacity: FeatureLayout.specialties)
    var countries = NameIndex(capacity: FeatureLayout.countries)
    var topics = NameIndex(capacity: FeatureLayout.topics)
    var formats = NameIndex(capacity: FeatureLayout.formats)
    var contents = NameIndex(capacity: FeatureLayout.contents)
    var reps = NameIndex(capacity: FeatureLayout.reps)
}

/// An input's own numbers translated to the model's; −1 stays "none".
struct Translation: Sendable {
    let specialty: [Int32]
    let country: [Int32]
    let contentTopic: [Int32]
    let contentFormat: [Int32]
    let content: [Int32]
    let rep: [Int32]

    init(_ input: ResponseInput, _ vocabulary: inout ResponseVocabulary) {
        specialty = vocabulary.specialties.add(input.hcps.specialtyNames)
        country = vocabulary.countries.add(input.hcps.countryNames)
        let topics = vocabulary.topics.add(input.contents.topicNames)
        let formats = vocabulary.formats.add(input.contents.formatNames)
        contentTopic = input.contents.topic.map { $0 < 0 ? -1 : topics[Int($0)] }
        contentFormat = input.contents.format.map { $0 < 0 ? -1 : formats[Int($0)] }
        content = vocabulary.contents.add(input.contents.ids)
        rep = vocabulary.reps.add(input.reps)
    }
}
