package import Foundation

/// A sentence model that is made at test time: one layer, two heads, eight numbers, whose pieces are written down here.
package enum SentenceFixture {
    /// Writes `model.safetensors`, `vocab.txt` and `config.json`.
    ///
    /// - Parameter change: of the tensors' shapes.
    package static func write(to folder: URL, _ change: (inout [String: [Int]]) -> Void = { _ in }) throws {
        var shapes: [String: [Int]] = [
            "embeddings.word_embeddings.weight": [9, 8], "embeddings.position_embeddings.weight": [6, 8],
            "embeddings.token_type_embeddings.weight": [2, 8], "embeddings.LayerNorm.weight": [8],
            "embeddings.LayerNorm.bias": [8],
        ]
        let dense = [
            ("attention.self.query", 8, 8), ("attention.self.key", 8, 8), ("attention.self.value", 8, 8),
            ("attention.output.dense", 8, 8), ("intermediate.dense", 8, 12), ("output.dense", 12, 8),
        ]
        for (name, inputs, outputs) in dense {
            shapes["encoder.layer.0.\(name).weight"] = [outputs, inputs]
            shapes["encoder.layer.0.\(name).bias"] = [outputs]
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            shapes["encoder.layer.0.\(name).weight"] = [8]
            shapes["encoder.layer.0.\(name).bias"] = [8]
        }
        change(&shapes)
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        var numbers = Data()
        for (number, (name, shape)) in shapes.sorted(by: { $0.key < $1.key }).enumerated() {
            let start = numbers.count
            for i in 0..<shape.reduce(1, *) {
                let value = Float(sin(Double(31 * number + 7 * i)))
                withUnsafeBytes(of: value.bitPattern.littleEndian) { numbers.append(contentsOf: $0) }
            }
            header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, numbers.count]]
        }
        try join(header, numbers).write(to: folder.appending(path: "model.safetensors"))
        try Data("[PAD]\n[UNK]\n[CLS]\n[SEP]\ndose\n##s\nof\n?\nhow\n".utf8)
            .write(to: folder.appending(path: "vocab.txt"))
        try Data(
            """
            {"model_type":"bert","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":12,
             "vocab_size":9,"max_position_embeddings":6,"type_vocab_size":2,"layer_norm_eps":1e-12,"hidden_act":"gelu"}
            """.utf8
        ).write(to: folder.appending(path: "config.json"))
    }

    /// Changes what the file says of its tensors, and nothing of the numbers.
    package static func rewriteHeader(in folder: URL, _ change: (inout [String: Any]) throws -> Void) throws {
        let file = folder.appending(path: "model.safetensors")
        let data = try Data(contentsOf: file)
        let length = Int(data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) })
        var header = try JSONSerialization.jsonObject(with: data[8..<(8 + length)]) as? [String: Any] ?? [:]
        try change(&header)
        try join(header, data[(8 + length)...]).write(to: file)
    }

    private static func join(_ header: [String: Any], _ numbers: Data) throws -> Data {
        let json = try JSONSerialization.data(withJSONObject: header)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json + numbers
    }
}
