/// Files in which a virus was found: their bytes are not kept, as those of files that are too large.
///
/// A list of allowed words cannot grow in place: the table is made anew and takes the rows over.
extension Schema {
    static let inquiryScan = """
        CREATE TABLE inquiry_file_next (
            file_no INTEGER PRIMARY KEY,
            inquiry_no INTEGER NOT NULL REFERENCES inquiry (inquiry_no),
            entry_no INTEGER NOT NULL REFERENCES timeline_entry (entry_no),
            name TEXT NOT NULL CHECK (length(name) <= 120),
            media_type TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            digest BLOB NOT NULL CHECK (length(digest) IN (0, 32)),
            fault TEXT CHECK (fault IN ('too_large', 'too_many', 'cut', 'infected')),
            erased_at INTEGER,
            content BLOB CHECK (length(content) <= 10485760),
            CHECK ((content IS NULL) = (fault IS NOT NULL OR erased_at IS NOT NULL)),
            CHECK (content IS NULL OR (length(content) = size AND length(digest) = 32))
        ) STRICT;
        INSERT INTO inquiry_file_next SELECT file_no, inquiry_no, entry_no, name, media_type, size, digest, fault, erased_at,
            content FROM inquiry_file;
        DROP TABLE inquiry_file;
        ALTER TABLE inquiry_file_next RENAME TO inquiry_file;
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
        """
}
