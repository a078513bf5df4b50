/// Vectors of texts by one sentence model, each distinct text computed once.
package struct TextMeanings: Sendable {
    /// The model that made them.
    package let version: String
    /// Numbers of a vector.
    package let dimensions: Int
    private let vectors: [String: [Float]]

    package init(_ texts: [String], by model: SentenceModel) {
        let distinct = Set(texts).sorted()
        self.init(
            version: model.version, dimensions: model.dimensions,
            vectors: Dictionary(uniqueKeysWithValues: zip(distinct, model.vectors(distinct))))
    }

    /// - Parameter vectors: each `dimensions` long.
    package init(version: String, dimensions: Int, vectors: [String: [Float]]) {
        (self.version, self.dimensions, self.vectors) = (version, dimensions, vectors)
    }

    /// Nil for a text that was not among them.
    subscript(text: String) -> [Float]? { vectors[text] }
}
