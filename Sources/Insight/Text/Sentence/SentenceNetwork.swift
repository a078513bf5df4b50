import EngagementModel
import Foundation

/// The layers of a BERT encoder and the pooling of its tokens (Vaswani and others 2017; Devlin and others 2019).
///
/// 32-bit floats; sums run in a fixed order, so that the same text has the same vector on every run.
struct SentenceNetwork: Sendable {
    private struct Layer: Sendable {
        var query: DenseLayer
        var key: DenseLayer
        var value: DenseLayer
        var join: DenseLayer
        var joinNorm: LayerNorm
        var widen: DenseLayer
        var narrow: DenseLayer
        var norm: LayerNorm
    }

    private let width: Int
    private let heads: Int
    private let words: [Float]
    private let positions: [Float]
    private let segment: [Float]
    private let norm: LayerNorm
    private let layers: [Layer]
    private let takesFirst: Bool

    init(_ file: TensorFile, _ shape: SentenceModel.Shape, takesFirst: Bool) throws(Diagnostic) {
        let (width, wide) = (shape.hidden_size, shape.intermediate_size)
        func dense(_ name: String, _ inputs: Int, _ outputs: Int) throws(Diagnostic) -> DenseLayer {
            DenseLayer(
                inputs: inputs, outputs: outputs, weights: try file.numbers("\(name).weight", [outputs, inputs]),
                bias: try file.numbers("\(name).bias", [outputs]))
        }
        func norm(_ name: String) throws(Diagnostic) -> LayerNorm {
            LayerNorm(
                scale: try file.numbers("\(name).weight", [width]), shift: try file.numbers("\(name).bias", [width]),
                epsilon: shape.layer_norm_eps)
        }
        (self.width, heads, self.takesFirst) = (width, shape.num_attention_heads, takesFirst)
        words = try file.numbers("embeddings.word_embeddings.weight", [shape.vocab_size, width])
        positions = try file.numbers(
            "embeddings.position_embeddings.weight", [shape.max_position_embeddings, width])
        segment = try file.numbers("embeddings.token_type_embeddings.weight", [shape.type_vocab_size, width])
        self.norm = try norm("embeddings.LayerNorm")
        var layers: [Layer] = []
        for number in 0..<shape.num_hidden_layers {
            let name = "encoder.layer.\(number)"
            layers.append(
                Layer(
                    query: try dense("\(name).attention.self.query", width, width),
                    key: try dense("\(name).attention.self.key", width, width),
                    value: try dense("\(name).attention.self.value", width, width),
                    join: try dense("\(name).attention.output.dense", width, width),
                    joinNorm: try norm("\(name).attention.output.LayerNorm"),
                    widen: try dense("\(name).intermediate.dense", width, wide),
                    narrow: try dense("\(name).output.dense", wide, width),
                    norm: try norm("\(name).output.LayerNorm")))
        }
        self.layers = layers
    }

    /// The vector of one text, of length 1.
    ///
    /// - Parameter tokens: numbers in 0..<vocabulary, at most as many as there are positions; not empty.
    func vector(_ tokens: [Int32]) -> [Float] {
        let count = tokens.count
        var rows = [Float](repeating: 0, count: count * width)
        for (place, token) in tokens.enumerated() {
            for i in 0..<width {
                rows[place * width + i] =
                    words[Int(token) * width + i] + positions[place * width + i] + segment[i]
            }
        }
        norm.apply(&rows)
        for layer in layers {
            var joined = layer.join.apply(
                attended(
                    layer.query.apply(rows, count), layer.key.apply(rows, count), layer.value.apply(rows, count), count),
                count)
            for i in joined.indices { joined[i] += rows[i] }
            layer.joinNorm.apply(&joined)
            var wide = layer.widen.apply(joined, count)
            for i in wide.indices { wide[i] = 0.5 * wide[i] * (1 + erff(wide[i] * Float(0.5).squareRoot())) }
            rows = layer.narrow.apply(wide, count)
            for i in rows.indices { rows[i] += joined[i] }
            layer.norm.apply(&rows)
        }
        var pooled = [Double](repeating: 0, count: width)
        for place in 0..<(takesFirst ? 1 : count) {
            for i in 0..<width { pooled[i] += Double(rows[place * width + i]) }
        }
        let length = pooled.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return pooled.map { Float($0 / max(length, 1e-12)) }
    }

    /// Softmax of query · key / √d, over each head, times the values.
    private func attended(_ query: [Float], _ key: [Float], _ value: [Float], _ count: Int) -> [Float] {
        let size = width / heads
        let scale = 1 / Float(size).squareRoot()
        var result = [Float](repeating: 0, count: count * width)
        var weights = [Float](repeating: 0, count: count)
        for head in 0..<heads {
            let base = head * size
            for row in 0..<count {
                var top = -Float.infinity
                for other in 0..<count {
                    var score: Float = 0
                    for i in 0..<size { score += query[row * width + base + i] * key[other * width + base + i] }
                    weights[other] = score * scale
                    top = max(top, weights[other])
                }
                var sum: Float = 0
                for other in 0..<count {
                    weights[other] = expf(weights[other] - top)
                    sum += weights[other]
                }
                for other in 0..<count {
                    let weight = weights[other] / sum
                    for i in 0..<size {
                        result[row * width + base + i] += weight * value[other * width + base + i]
                    }
                }
            }
        }
        return result
    }
}

/// weights · x + bias, for rows of x.
struct DenseLayer: Sendable {
    /// Multiples of four.
    let inputs: Int
    let outputs: Int
    /// `outputs` rows of `inputs` numbers.
    let weights: [Float]
    let bias: [Float]

    /// `count` rows of `outputs` numbers from `count` rows of `inputs`.
    ///
    /// Tiles of four rows by two outputs keep eight sums in registers: the weights, which are what is large, are read
    /// once for four rows.
    func apply(_ rows: [Float], _ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count * outputs) { result, initialized in
            rows.withUnsafeBytes { x in
                weights.withUnsafeBytes { w in
                    var output = 0
                    while output < outputs {
                        let pair = output + 1 < outputs
                        var row = 0
                        while row < count {
                            if pair && row + 3 < count {
                                tile(x, w, row, output, result)
                                row += 4
                            } else {
                                result[row * outputs + output] = single(x, w, row, output)
                                if pair { result[row * outputs + output + 1] = single(x, w, row, output + 1) }
                                row += 1
                            }
                        }
                        output += 2
                    }
                }
            }
            initialized = count * outputs
        }
    }

    @inline(__always)
    private func tile(
        _ x: UnsafeRawBufferPointer, _ w: UnsafeRawBufferPointer, _ row: Int, _ output: Int,
        _ result: UnsafeMutableBufferPointer<Float>
    ) {
        typealias Four = SIMD4<Float>
        guard let xs = x.baseAddress, let ws = w.baseAddress else { return }
        let stride = 4 * inputs
        let (a, b, c, d) = (
            xs + row * stride, xs + (row + 1) * stride, xs + (row + 2) * stride, xs + (row + 3) * stride
        )
        let (u, v) = (ws + output * stride, ws + (output + 1) * stride)
        var (au, bu, cu, du) = (Four.zero, Four.zero, Four.zero, Four.zero)
        var (av, bv, cv, dv) = (Four.zero, Four.zero, Four.zero, Four.zero)
        var at = 0
        while at < stride {
            let (p, q) = (
                u.loadUnaligned(fromByteOffset: at, as: Four.self), v.loadUnaligned(fromByteOffset: at, as: Four.self)
            )
            let (ra, rb) = (
                a.loadUnaligned(fromByteOffset: at, as: Four.self), b.loadUnaligned(fromByteOffset: at, as: Four.self)
            )
            let (rc, rd) = (
                c.loadUnaligned(fromByteOffset: at, as: Four.self), d.loadUnaligned(fromByteOffset: at, as: Four.self)
            )
            au += ra * p
            bu += rb * p
            cu += rc * p
            du += rd * p
            av += ra * q
            bv += rb * q
            cv += rc * q
            dv += rd * q
            at += 16
        }
        for (offset, sums) in [(au, av), (bu, bv), (cu, cv), (du, dv)].enumerated() {
            result[(row + offset) * outputs + output] = sums.0.sum() + bias[output]
            result[(row + offset) * outputs + output + 1] = sums.1.sum() + bias[output + 1]
        }
    }

    private func single(_ x: UnsafeRawBufferPointer, _ w: UnsafeRawBufferPointer, _ row: Int, _ output: Int) -> Float {
        var sum = SIMD4<Float>.zero
        for at in stride(from: 0, to: 4 * inputs, by: 16) {
            sum +=
                x.loadUnaligned(fromByteOffset: 4 * row * inputs + at, as: SIMD4<Float>.self)
                * w.loadUnaligned(fromByteOffset: 4 * output * inputs + at, as: SIMD4<Float>.self)
        }
        return sum.sum() + bias[output]
    }
}

/// Each row to mean 0 and variance 1, then scaled and shifted.
struct LayerNorm: Sendable {
    let scale: [Float]
    let shift: [Float]
    let epsilon: Double

    func apply(_ rows: inout [Float]) {
        let width = scale.count
        for start in stride(from: 0, to: rows.count, by: width) {
            let row = rows[start..<(start + width)]
            let mean = row.reduce(0) { $0 + Double($1) } / Double(width)
            let variance = row.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(width)
            let root = 1 / (variance + epsilon).squareRoot()
            for i in 0..<width {
                rows[start + i] = Float((Double(rows[start + i]) - mean) * root) * scale[i] + shift[i]
            }
        }
    }
}
