import Crypto
import EngagementModel
import Foundation

/// What the first bytes of a file say that it is. Names and claimed types are never believed.
///
/// Source: the signatures of the formats' specifications, as the WHATWG MIME Sniffing Standard (2024) collects them.
package enum FileKind: String, ClosedList {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case gif = "image/gif"
    case webp = "image/webp"
    case heic = "image/heic"
    case tiff = "image/tiff"
    case bmp = "image/bmp"
    case pdf = "application/pdf"
    case mp4 = "video/mp4"
    /// Office documents are archives, too.
    case zip = "application/zip"
    case dicom = "application/dicom"
    case text = "text/plain"
    /// HTML, SVG and other markup: what a browser could run.
    case markup = "text/html"
    case other = "application/octet-stream"

    package init(of bytes: some Collection<UInt8>) {
        let head = Array(bytes.prefix(512))
        func begins(_ mark: [UInt8], at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: mark) }
        func says(_ word: String, at place: Int = 0) -> Bool { begins(Array(word.utf8), at: place) }
        self =
            if begins([0xFF, 0xD8, 0xFF]) {
                .jpeg
            } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
                .png
            } else if says("GIF87a") || says("GIF89a") {
                .gif
            } else if says("RIFF"), says("WEBP", at: 8) {
                .webp
            } else if says("ftyp", at: 4) {
                ["heic", "heix", "hevc", "mif1", "msf1"].contains { says($0, at: 8) } ? .heic : .mp4
            } else if says("II*\0") || says("MM\0*") {
                .tiff
            } else if says("BM"), begins([0, 0, 0, 0], at: 6) {
                .bmp
            } else if says("%PDF-") {
                .pdf
            } else if says("PK\u{3}\u{4}") {
                .zip
            } else if says("DICM", at: 128) {
                .dicom
            } else {
                Self.ofWords(head, isWhole: bytes.count <= head.count)
            }
    }

    private static func ofWords(_ head: [UInt8], isWhole: Bool) -> FileKind {
        // A letter of several bytes may be cut at the end of what is looked at.
        let cut = isWhole ? 0 : (0...3).first { String(validating: head.dropLast($0), as: UTF8.self) != nil } ?? 0
        guard !head.isEmpty, let text = String(validating: head.dropLast(cut), as: UTF8.self),
            head.allSatisfy({ $0 >= 32 || $0 == 9 || $0 == 10 || $0 == 13 || $0 == 12 })
        else { return .other }
        // Mail programs and browsers look further than the first letter for a tag.
        let hasTag = text.lowercased().contains(/<[!?\/a-z][^<>]*(>|$)/)
        return hasTag ? .markup : .text
    }

    /// What runs nowhere by itself: it may leave under its own name and type.
    package var isPassive: Bool {
        switch self {
        case .markup, .zip, .other: false
        default: true
        }
    }

    /// Endings that names of this kind have; the first is given to a name that has none.
    package var endings: [String] {
        switch self {
        case .jpeg: ["jpg", "jpeg", "jfif"]
        case .png: ["png"]
        case .gif: ["gif"]
        case .webp: ["webp"]
        case .heic: ["heic", "heif"]
        case .tiff: ["tif", "tiff", "dng"]
        case .bmp: ["bmp"]
        case .pdf: ["pdf"]
        case .mp4: ["mp4", "mov", "m4v", "3gp"]
        case .zip: ["zip", "docx", "xlsx", "pptx", "odt", "ods"]
        case .dicom: ["dcm"]
        case .text: ["txt", "csv", "log", "md"]
        case .markup, .other: []
        }
    }

    /// For people.
    package var title: String {
        switch self {
        case .jpeg: "JPEG picture"
        case .png: "PNG picture"
        case .gif: "GIF picture"
        case .webp: "WebP picture"
        case .heic: "HEIC picture"
        case .tiff: "TIFF picture"
        case .bmp: "BMP picture"
        case .pdf: "PDF"
        case .mp4: "video"
        case .zip: "archive or office document"
        case .dicom: "DICOM"
        case .text: "text"
        case .markup: "markup (HTML or SVG)"
        case .other: "unknown kind"
        }
    }
}

/// A file that came with a message.
package struct AttachedFile: Sendable, Hashable {
    /// Bytes of one file, and of all of one message.
    package static let longest = 10 * 1_048_576
    package static let longestTogether = 20 * 1_048_576
    /// Files of one message.
    package static let most = 10

    /// Why the bytes were not kept; the name and the size are.
    package enum Fault: String, ClosedList, Codable {
        case tooLarge = "too_large"
        case tooMany = "too_many"
        /// The mail was longer than what is read of one.
        case cut
        /// What looks for viruses found one.
        case infected
    }

    /// Without folders, control characters and what turns the direction of writing.
    package var name: String
    package var bytes: [UInt8]
    package var isCut: Bool
    package var isInfected = false

    package init(name: String, bytes: [UInt8], isCut: Bool = false) {
        self.name = Self.clean(name)
        self.bytes = bytes
        self.isCut = isCut
    }

    package var kind: FileKind { FileKind(of: bytes) }

    /// The last part of a path, on one line; `file` where nothing is left.
    package static func clean(_ name: String) -> String {
        let last = name.split { $0 == "/" || $0 == "\\" }.last ?? ""
        let letters = last.unicodeScalars.filter { letter in
            switch letter.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: false
            default: !"<>:\"|?*,;".unicodeScalars.contains(letter)
            }
        }
        let text = String(String.UnicodeScalarView(letters)).trimmingCharacters(in: .whitespaces)
        // Counted as the ledger counts: one letter may carry a thousand accents.
        let plain = Array(text.drop { $0 == "." || $0 == " " }.unicodeScalars)
        guard plain.count > longestName else { return plain.isEmpty ? "file" : line(plain) }
        // The ending says more than the middle.
        let ending = plain.lastIndex(of: ".").map { plain[$0...] } ?? []
        return ending.count > 9
            ? line(plain.prefix(longestName)) : line(plain.prefix(longestName - ending.count) + ending)
    }

    private static let longestName = 100

    private static func line(_ letters: some Sequence<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: letters)
        return String(text)
    }

    /// What is kept of the files of one message, each with why not.
    static func kept(_ files: [AttachedFile]) -> [(file: AttachedFile, fault: Fault?)] {
        var (room, count) = (longestTogether, 0)
        return files.prefix(5 * most).map { file in
            if file.isCut { return (file, .cut) }
            if file.isInfected { return (file, .infected) }
            if count >= most { return (file, .tooMany) }
            guard file.bytes.count <= min(longest, room) else { return (file, .tooLarge) }
            room -= file.bytes.count
            count += 1
            return (file, nil)
        }
    }

    var digest: Data { Data(SHA256.hash(data: bytes)) }
}

/// A file of an inquiry as it is kept.
package struct InquiryFile: Sendable, Hashable {
    package var number: Int64
    package var inquiry: Int64
    /// Empty when it was erased.
    package var name: String
    package var kind: FileKind
    package var size: Int
    /// Of the bytes, SHA-256 in hexadecimal.
    package var digest: String
    package var fault: AttachedFile.Fault?
    package var isErased: Bool

    package var isKept: Bool { fault == nil && !isErased }

    /// Whether the ending of the name is that of what the bytes are.
    package var isNamedRight: Bool { kind.endings.contains(ending) }

    private var ending: String {
        name.contains(".") ? name.split(separator: ".").last.map { $0.lowercased() } ?? "" : ""
    }

    /// A name under which it may lie on somebody's disk: its ending never says more than the bytes do.
    package var safeName: String {
        if isNamedRight { return name }
        return "\(name).\(kind.isPassive ? kind.endings.first ?? "bin" : "bin")"
    }
}
