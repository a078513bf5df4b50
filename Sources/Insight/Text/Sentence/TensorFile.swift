import EngagementModel
import Foundation

/// Named arrays of numbers in a `safetensors` file: eight bytes of length, a JSON header, then the numbers.
struct TensorFile {
    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    private let data: Data
    private let start: Int
    private let entries: [String: Entry]

    /// - Throws: `embedding_unusable` when the header does not fit the file.
    init(_ data: Data) throws(Diagnostic) {
        guard data.count > 8 else { throw Self.damaged("it is shorter than its header") }
        let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= UInt64(data.count - 8) else { throw Self.damaged("its header is longer than the file") }
        let start = 8 + Int(length)
        let header = data[data.startIndex + 8..<data.startIndex + start]
        guard var object = try? JSONSerialization.jsonObject(with: header) as? [String: Any] else {
            throw Self.damaged("its header is no JSON object")
        }
        object["__metadata__"] = nil
        guard let rest = try? JSONSerialization.data(withJSONObject: object),
            let entries = try? JSONDecoder().decode([String: Entry].self, from: rest)
        else { throw Self.damaged("its header does not describe tensors") }
        (self.data, self.start, self.entries) = (data, start, entries)
    }

    /// The numbers of one tensor, the last axis running fastest.
    ///
    /// - Throws: `embedding_unusable` when it is missing, of another shape, or of a type other than F32, F16, BF16.
    func numbers(_ name: String, _ shape: [Int]) throws(Diagnostic) -> [Float] {
        guard let entry = entries[name] ?? entries["bert." + name] else { throw Self.damaged("`\(name)` is missing") }
        guard entry.shape == shape else {
            throw Self.damaged("`\(name)` has the shape \(entry.shape), not \(shape)")
        }
        let size = entry.dtype == "F32" ? 4 : 2
        // The sizes come from the file: their product may be beyond any number, and then beyond the file.
        var count = 1
        for length in shape {
            let product = count.multipliedReportingOverflow(by: length)
            guard length >= 0, !product.overflow, product.partialValue <= data.count / size else {
                throw Self.damaged("`\(name)` is said to hold more numbers than the file")
            }
            count = product.partialValue
        }
        guard entry.data_offsets.count == 2, case let (begin, end) = (entry.data_offsets[0], entry.data_offsets[1]),
            begin >= 0, end >= begin, end <= data.count - start, end - begin == count * size
        else { throw Self.damaged("`\(name)` lies outside the file") }
        let from = start + begin
        let read: (@Sendable (UnsafeRawBufferPointer, Int) -> Float)?
        switch entry.dtype {
        case "F32":
            read = {
                Float(
                    bitPattern: UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: from + 4 * $1, as: UInt32.self)))
            }
        case "F16":
            read = {
                Self.half(UInt16(littleEndian: $0.loadUnaligned(fromByteOffset: from + 2 * $1, as: UInt16.self)))
            }
        case "BF16":
            read = {
                let bits = UInt16(littleEndian: $0.loadUnaligned(fromByteOffset: from + 2 * $1, as: UInt16.self))
                return Float(bitPattern: UInt32(bits) << 16)
            }
        default: read = nil
        }
        guard let read else { throw Self.damaged("`\(name)` is of the type \(entry.dtype), not F32, F16 or BF16") }
        let values = data.withUnsafeBytes { bytes in (0..<count).map { read(bytes, $0) } }
        guard values.allSatisfy(\.isFinite) else { throw Self.damaged("`\(name)` holds numbers that are not finite") }
        return values
    }

    /// Sixteen-bit IEEE 754 to 32 bits.
    static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Float(bits & 0x3FF))
        switch exponent {
        case 0: return sign * fraction * Float(sign: .plus, exponent: -24, significand: 1)
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    }

    private static func damaged(_ why: String) -> Diagnostic {
        Diagnostic(
            "embedding_unusable", "model.safetensors cannot be used: \(why)",
            remedy: "name the folder of a sentence model of the BERT family, or run script/setup --embedding")
    }
}
