package import Foundation

package enum FileWriting {
    package static func write(_ bytes: [UInt8], to url: URL) throws { try Data(bytes).write(to: url) }
}
