import EngagementModel
import Foundation
import GRDB

/// Files of inquiries: a photo of a broken device belongs to its report, and goes with it.
///
/// A file never changes. Its bytes and its name end with the words of its inquiry, in the same transaction, and so not
/// before an open report is settled. `erased_report` keeps keyed digests of what an erasure emptied, so that a source
/// that delivers it again does not bring it back.
extension Schema {
    static let inquiryFiles = """
        CREATE TABLE inquiry_file (
            file_no INTEGER PRIMARY KEY,
            inquiry_no INTEGER NOT NULL REFERENCES inquiry (inquiry_no),
            entry_no INTEGER NOT NULL REFERENCES timeline_entry (entry_no),
            name TEXT NOT NULL CHECK (length(name) <= 120),
            media_type TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            digest BLOB NOT NULL CHECK (length(digest) IN (0, 32)),
            fault TEXT CHECK (fault IN ('too_large', 'too_many', 'cut')),
            erased_at INTEGER,
            content BLOB CHECK (length(content) <= 10485760),
            CHECK ((content IS NULL) = (fault IS NOT NULL OR erased_at IS NOT NULL)),
            CHECK (content IS NULL OR (length(content) = size AND length(digest) = 32))
        ) STRICT;
        CREATE INDEX inquiry_file_of ON inquiry_file (inquiry_no);
        CREATE TRIGGER inquiry_file_keeps_rows BEFORE DELETE ON inquiry_file
            BEGIN SELECT RAISE(ABORT, 'inquiry_file is append-only'); END;
        CREATE TRIGGER inquiry_file_keeps_values BEFORE UPDATE ON inquiry_file
            WHEN NOT (old.erased_at IS NULL AND new.erased_at IS NOT NULL AND new.name = '' AND new.content IS NULL
                AND new.digest = X''
                AND (new.file_no, new.inquiry_no, new.entry_no, new.media_type, new.size, new.fault)
                IS (old.file_no, old.inquiry_no, old.entry_no, old.media_type, old.size, old.fault)
                AND EXISTS (SELECT 1 FROM inquiry i WHERE i.inquiry_no = old.inquiry_no AND i.hcp_id LIKE 'erased:%'))
            BEGIN SELECT RAISE(ABORT, 'a file ends with its inquiry alone'); END;
        CREATE TABLE erased_report (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 16),
            inquiry_no INTEGER NOT NULL REFERENCES inquiry (inquiry_no)
        ) STRICT, WITHOUT ROWID;
        """
}

extension Ledger {
    /// Files of an inquiry that a person may see; none of an inquiry that they may not.
    package func files(ofInquiry number: Int64, seenBy sight: InquirySight) async throws -> [InquiryFile] {
        try await files(ofInquiries: [number], seenBy: sight)[number] ?? []
    }

    /// Files by inquiry, in the order of arrival.
    package func files(ofInquiries numbers: [Int64], seenBy sight: InquirySight) async throws -> [Int64: [InquiryFile]]
    {
        let at = now()
        return try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(InquiryFile.columns) WHERE f.inquiry_no IN (SELECT value FROM json_each(:numbers))
                        AND (:medical OR e.medical = 0) ORDER BY f.file_no
                    """, arguments: ["numbers": try canonicalJSON(numbers), "medical": sight.seesMedical])
            var result: [Int64: [InquiryFile]] = [:]
            for file in try rows.map(InquiryFile.init) { result[file.inquiry, default: []].append(file) }
            for number in Array(result.keys) where try Self.inquiry(db, number, sight, at) == nil {
                result[number] = nil
            }
            return result
        }
    }

    /// One file with its bytes; nil where there is none, or the person may not see it. The trail says who took it.
    package func file(_ number: Int64, ofInquiry inquiry: Int64, seenBy sight: InquirySight) async throws
        -> (file: InquiryFile, bytes: [UInt8])?
    {
        let at = now()
        return try await write { db in
            guard try Self.inquiry(db, inquiry, sight, at) != nil,
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT f.content, \(InquiryFile.columns) WHERE f.file_no = :file AND f.inquiry_no = :inquiry
                            AND (:medical OR e.medical = 0)
                        """, arguments: ["file": number, "inquiry": inquiry, "medical": sight.seesMedical]),
                let content = row[0] as Data?
            else { return nil }
            try Self.audit(
                db, at: at, by: Principal(id: sight.user), "inquiry.file_taken", subject: "inquiry:\(inquiry)",
                after: ["file": String(number)])
            return (try InquiryFile(row, from: 1), Array(content))
        }
    }

    static func insertFiles(_ db: Database, _ files: [AttachedFile], inquiry: Int64, entry: Int64) throws {
        for (file, fault) in AttachedFile.kept(files) {
            try db.execute(
                sql: """
                    INSERT INTO inquiry_file (inquiry_no, entry_no, name, media_type, size, digest, fault, content)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    inquiry, entry, file.name, file.kind.rawValue, file.bytes.count, file.digest, fault?.rawValue,
                    fault == nil ? Data(file.bytes) : nil,
                ])
        }
    }
}

extension InquiryFile {
    fileprivate static let columns = """
        f.file_no, f.inquiry_no, f.name, f.media_type, f.size, f.digest, f.fault, f.erased_at
        FROM inquiry_file f JOIN timeline_entry e ON e.entry_no = f.entry_no
        """

    fileprivate init(_ row: Row) throws { try self.init(row, from: 0) }

    fileprivate init(_ row: Row, from first: Int) throws {
        let digest: Data = row[first + 5]
        let erasedAt: Int64? = row[first + 7]
        self.init(
            number: row[first], inquiry: row[first + 1], name: row[first + 2], kind: try row.closed(first + 3),
            size: row[first + 4], digest: hex(digest), fault: try row.optionalClosed(first + 6),
            isErased: erasedAt != nil)
    }
}
