/// A server-drawn picture and the table that says the same.
///
/// Every chart of a page is one of these, so no picture can be shown without its numbers.
package struct Chart: Sendable {
    package var title: String
    /// One sentence that a screen reader hears in place of the picture.
    package var summary: String
    package var svg: Markup
    package var table: DataTable

    package init(title: String, summary: String, svg: Markup, table: DataTable) {
        self.title = title
        self.summary = summary
        self.svg = svg
        self.table = table
    }

    /// Fields of the partial `chart`.
    var view: View {
        .with {
            $0.set("chartTitle", title)
            $0.set("chartMarkup", svg)
            $0.set("chartTable", table.view)
        }
    }
}

/// A table with a caption, column headings and rows whose first cell is their heading.
package struct DataTable: Sendable, Hashable {
    package struct Column: Sendable, Hashable {
        package var title: String
        package var isNumber: Bool
        package init(_ title: String, number: Bool = false) {
            self.title = title
            isNumber = number
        }
    }

    package var caption: String
    package var columns: [Column]
    package var rows: [[String]]

    package init(caption: String, columns: [Column], rows: [[String]]) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
    }

    /// Fields of the partial `table`.
    var view: View {
        .with {
            $0.set("tableCaption", caption)
            $0.set(
                "tableColumns",
                columns.map { column in
                    .with {
                        $0.set("columnTitle", column.title)
                        $0.set("isNumber", column.isNumber)
                    }
                })
            $0.set(
                "tableRows",
                rows.map { row in
                    .with { view in
                        view.set("rowHead", row.first ?? "")
                        view.set(
                            "cells",
                            zip(row, columns).dropFirst().map { text, column in
                                .with {
                                    $0.set("cellText", text)
                                    $0.set("isNumber", column.isNumber)
                                }
                            })
                    }
                })
        }
    }
}
