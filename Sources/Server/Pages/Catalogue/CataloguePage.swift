package import EngagementModel

/// What is loaded, how fresh and complete it is, and how well the model foretells.
package struct CataloguePage: Sendable {
    package struct Completeness: Sendable, Hashable {
        package var column: String
        /// Share of rows that have a value, 0...1.
        package var filled: Double
        package init(column: String, filled: Double) {
            self.column = column
            self.filled = filled
        }
    }

    package struct Table: Sendable, Hashable {
        package var name: String
        package var columns: [Completeness]
        package init(name: String, columns: [Completeness]) {
            self.name = name
            self.columns = columns
        }
    }

    /// Rows set aside, by reason; never the cell's content.
    package struct Reject: Sendable, Hashable {
        package var file: String
        package var column: String?
        package var message: String
        package var rows: Int
        package var firstLine: Int?
        package init(file: String, column: String?, message: String, rows: Int, firstLine: Int?) {
            self.file = file
            self.column = column
            self.message = message
            self.rows = rows
            self.firstLine = firstLine
        }
    }

    /// How a channel's predictions compared with what came.
    package struct Calibration: Sendable, Hashable {
        package var channel: Channel
        /// Rung of the response ladder that was foretold.
        package var step: String
        package var n: Int
        package var logLoss: Double
        package var baseLogLoss: Double
        package var auc: Double
        package var ece: Double
        package init(
            channel: Channel, step: String, n: Int, logLoss: Double, baseLogLoss: Double, auc: Double, ece: Double
        ) {
            self.channel = channel
            self.step = step
            self.n = n
            self.logLoss = logLoss
            self.baseLogLoss = baseLogLoss
            self.auc = auc
            self.ece = ece
        }
    }

    /// What was foretold for a month, and what came.
    package struct Forecast: Sendable, Hashable {
        package var month: Day
        package var product: String
        package var measure: String
        package var hcps: Int
        package var predicted: Double
        package var observed: Double
        /// Mean deviance per HCP, and that of the mean of the three months before.
        package var deviance: Double
        package var baseDeviance: Double
        /// Outcome of the tenth of HCPs with the highest forecast, as a multiple of the average.
        package var topDecileLift: Double
        package init(
            month: Day, product: String, measure: String, hcps: Int, predicted: Double, observed: Double,
            deviance: Double, baseDeviance: Double, topDecileLift: Double
        ) {
            self.month = month
            self.product = product
            self.measure = measure
            self.hcps = hcps
            self.predicted = predicted
            self.observed = observed
            self.deviance = deviance
            self.baseDeviance = baseDeviance
            self.topDecileLift = topDecileLift
        }
    }

    /// A feature or model that the next analysis can use unchanged.
    package struct Block: Sendable, Hashable {
        package var name: String
        package var kind: String
        package var version: String
        package var owner: String
        package var grain: String
        package var inputs: String
        package var tests: String
        package var fresh: Day?
        package var rows: Int
        /// Population stability index against the run before.
        package var drift: Double?
        package var driftWord: String
        /// Table and column in SQL.
        package var place: String
        package init(
            name: String, kind: String, version: String, owner: String, grain: String, inputs: String, tests: String,
            fresh: Day?, rows: Int, drift: Double?, driftWord: String, place: String
        ) {
            self.name = name
            self.kind = kind
            self.version = version
            self.owner = owner
            self.grain = grain
            self.inputs = inputs
            self.tests = tests
            self.fresh = fresh
            self.rows = rows
            self.drift = drift
            self.driftWord = driftWord
            self.place = place
        }

        var view: View {
            .with {
                $0.set("blockName", Format.label(name))
                $0.set("blockKind", kind)
                $0.set("blockVersion", String(version.prefix(12)))
                $0.set("blockOwner", owner)
                $0.set("blockGrain", grain)
                $0.set("blockInputs", inputs)
                $0.set("blockTests", tests)
                $0.set("blockFresh", fresh.map(Format.day) ?? "–")
                $0.set("blockRows", Format.count(rows))
                $0.set("blockDrift", drift.map { "\(Format.number($0, digits: 3)), \(driftWord)" } ?? "–")
                $0.set("blockPlace", place)
            }
        }
    }

    package var sources: [SourceRow] = []
    package var blocks: [Block] = []
    package var tables: [Table] = []
    package var rejects: [Reject] = []
    package var calibration: [Calibration] = []
    package var forecasts: [Forecast] = []

    package init() {}

    package var view: View {
        .with { view in
            view.set("sources", sources.map(\.view))
            view.set("blocks", blocks.map(\.view))
            view.set(
                "tables",
                tables.map { table in
                    .with {
                        $0.set("tableName", table.name)
                        let weakest = table.columns.map(\.filled).min() ?? 1
                        $0.set("weakest", Format.percent(weakest))
                        $0.set(
                            "columns",
                            table.columns.map { column in
                                .with {
                                    $0.set("columnName", column.column)
                                    $0.set("columnShare", Format.percent(column.filled))
                                    $0.set("columnMarkup", Marks.share([(column.filled, "fill")]))
                                }
                            })
                    }
                })
            view.set(
                "rejects",
                rejects.map { reject in
                    .with {
                        $0.set("rejectFile", reject.file)
                        $0.set("rejectColumn", reject.column ?? "–")
                        $0.set("rejectMessage", reject.message)
                        $0.set("rejectRows", Format.count(reject.rows))
                        $0.set("rejectLine", reject.firstLine.map { Format.count($0) } ?? "–")
                    }
                })
            view.set(
                "calibration",
                calibration.map { row in
                    .with {
                        $0.set("calChannel", row.channel.title)
                        $0.set("calStep", Format.label(row.step))
                        $0.set("calN", Format.count(row.n))
                        $0.set("calLoss", Format.number(row.logLoss, digits: 4))
                        $0.set("calBase", Format.number(row.baseLogLoss, digits: 4))
                        $0.set("calAUC", Format.number(row.auc, digits: 3))
                        $0.set("calECE", Format.number(row.ece, digits: 3))
                    }
                })
            view.set(
                "forecasts",
                forecasts.map { row in
                    .with {
                        $0.set("foreMonth", Format.month(row.month))
                        $0.set("foreWhat", "\(row.product), \(Format.label(row.measure).lowercased())")
                        $0.set("foreHCPs", Format.count(row.hcps))
                        $0.set("forePredicted", Format.measure(row.predicted))
                        $0.set("foreObserved", Format.measure(row.observed))
                        $0.set("foreDeviance", Format.number(row.deviance, digits: 3))
                        $0.set("foreBase", Format.number(row.baseDeviance, digits: 3))
                        $0.set("foreLift", Format.number(row.topDecileLift, digits: 2) + " ×")
                    }
                })
        }
    }
}
