package import EngagementModel
import Foundation
import Statistics

/// A sentence model of the BERT family, read from its folder and computed here: a text becomes a direction in which
/// texts of the same meaning lie close together.
///
/// Reimers and Gurevych 2019, "Sentence-BERT". The folder is what `sentence-transformers` writes: `config.json`,
/// `vocab.txt`, `model.safetensors`, optionally `sentence_bert_config.json`, `tokenizer_config.json` and
/// `1_Pooling/config.json` (mean or first token). `script/setup --embedding` installs all-MiniLM-L6-v2, which knows
/// English.
package struct SentenceModel: Sendable {
    /// Name of the content: another file, another name.
    package let version: String
    /// Numbers of a text's vector.
    package let dimensions: Int
    package let tokenizer: WordPiece
    /// Tokens that are read of a text; the rest is left out.
    package let limit: Int
    let network: SentenceNetwork

    /// Files of the folder that `script/setup --embedding` fills.
    package static let folder = "embedding"

    /// - Throws: `embedding_missing` when the folder holds no model, `embedding_unusable` when it holds another kind.
    package static func load(_ directory: String) throws(Diagnostic) -> SentenceModel {
        let root = URL(filePath: directory, directoryHint: .isDirectory)
        guard let weights = try? Data(contentsOf: root.appending(path: "model.safetensors"), options: .alwaysMapped),
            let settings = try? Data(contentsOf: root.appending(path: "config.json"))
        else {
            throw Diagnostic(
                "embedding_missing", "\(directory) holds no sentence model (config.json, vocab.txt, model.safetensors)",
                remedy: "run script/setup --embedding, which installs one, or leave --embedding out")
        }
        guard let shape = try? JSONDecoder().decode(Shape.self, from: settings), shape.isKnown else {
            throw unusable("config.json does not describe a BERT with absolute positions and gelu")
        }
        guard let vocabulary = try? String(contentsOf: root.appending(path: "vocab.txt"), encoding: .utf8) else {
            throw unusable("vocab.txt is missing: only WordPiece vocabularies are read")
        }
        func option<T: Decodable>(_ file: String, _ type: T.Type) -> T? {
            (try? Data(contentsOf: root.appending(path: file))).flatMap { try? JSONDecoder().decode(type, from: $0) }
        }
        let lowercases = option("tokenizer_config.json", Casing.self)?.do_lower_case ?? true
        guard let tokenizer = WordPiece(vocabulary: vocabulary, lowercases: lowercases),
            tokenizer.count <= shape.vocab_size
        else { throw unusable("vocab.txt does not fit config.json") }
        let pooling = option("1_Pooling/config.json", Pooling.self)
        let takesFirst = pooling?.pooling_mode_cls_token ?? false
        guard pooling == nil || takesFirst || pooling?.pooling_mode_mean_tokens == true else {
            throw unusable("1_Pooling asks for another pooling than the mean or the first token")
        }
        let asked = option("sentence_bert_config.json", Length.self)?.max_seq_length ?? shape.max_position_embeddings
        var hash = ContentHash()
        hash.combine(vocabulary)
        // In parts: the file is larger than what should be copied at once.
        for start in stride(from: 0, to: weights.count, by: 1 << 20) {
            hash.combine(bytes: Array(weights[start..<min(weights.count, start + 1 << 20)]))
        }
        return SentenceModel(
            version: "sentence-\(hash.hex.prefix(10))", dimensions: shape.hidden_size, tokenizer: tokenizer,
            limit: max(2, min(asked, shape.max_position_embeddings)),
            network: try SentenceNetwork(TensorFile(weights), shape, takesFirst: takesFirst))
    }

    /// Vectors of length 1, in order; the same text has the same vector whatever stands beside it.
    package func vectors(_ texts: [String]) -> [[Float]] {
        Cores.map(texts.count) { network.vector(tokenizer.numbers(texts[$0], limit: limit)) }
    }

    private static func unusable(_ why: String) -> Diagnostic {
        Diagnostic(
            "embedding_unusable", "the sentence model cannot be used: \(why)",
            remedy: "name the folder of a sentence model of the BERT family, or run script/setup --embedding")
    }

    /// The keys of `config.json`, as they stand there.
    struct Shape: Decodable {
        var model_type: String
        var hidden_size: Int
        var num_hidden_layers: Int
        var num_attention_heads: Int
        var intermediate_size: Int
        var vocab_size: Int
        var max_position_embeddings: Int
        var type_vocab_size: Int
        var layer_norm_eps: Double
        var hidden_act: String
        var position_embedding_type: String?

        /// Widths are read in steps of four.
        var isKnown: Bool {
            model_type == "bert" && hidden_act == "gelu" && (position_embedding_type ?? "absolute") == "absolute"
                && hidden_size > 0 && num_hidden_layers > 0 && num_attention_heads > 0 && vocab_size > 0
                && max_position_embeddings > 1 && type_vocab_size > 0 && layer_norm_eps > 0
                && num_attention_heads <= hidden_size && hidden_size <= 1 << 20
                && hidden_size % (4 * num_attention_heads) == 0 && intermediate_size > 0 && intermediate_size % 4 == 0
        }
    }

    private struct Casing: Decodable { var do_lower_case: Bool? }
    private struct Length: Decodable { var max_seq_length: Int }
    private struct Pooling: Decodable {
        var pooling_mode_cls_token: Bool
        var pooling_mode_mean_tokens: Bool
    }
}
