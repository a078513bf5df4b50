import HTTPTypes
import Hummingbird
import Synchronization

/// Counts requests by operation and status, and how long they took; base units, no personal data in labels.
package final class RequestMetrics: Sendable {
    /// Upper bounds in seconds.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Series {
        var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private struct Key: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private struct State {
        var series: [Key: Series] = [:]
        var inFlight = 0
    }

    private let state = Mutex(State())

    package init() {}

    func begin() { state.withLock { $0.inFlight += 1 } }

    func end(route: String, method: String, status: Int, seconds: Double) {
        state.withLock { state in
            state.inFlight -= 1
            var series = state.series[Key(route: route, method: method, status: status)] ?? Series()
            series.count += 1
            series.sum += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { series.buckets[index] += 1 }
            state.series[Key(route: route, method: method, status: status)] = series
        }
    }

    /// Prometheus text format 0.0.4.
    package func text() -> String {
        let (series, inFlight) = state.withLock { ($0.series, $0.inFlight) }
        var lines = [
            "# HELP rapport_http_requests_in_flight Requests that are being answered.",
            "# TYPE rapport_http_requests_in_flight gauge",
            "rapport_http_requests_in_flight \(inFlight)",
            "# HELP rapport_http_request_duration_seconds Time to answer a request.",
            "# TYPE rapport_http_request_duration_seconds histogram",
        ]
        let sorted = series.sorted {
            ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
        }
        for (key, value) in sorted {
            let labels = "route=\"\(key.route)\",method=\"\(key.method)\",status=\"\(key.status)\""
            for (bound, count) in zip(Self.bounds, value.buckets) {
                lines.append("rapport_http_request_duration_seconds_bucket{\(labels),le=\"\(bound)\"} \(count)")
            }
            lines.append("rapport_http_request_duration_seconds_bucket{\(labels),le=\"+Inf\"} \(value.count)")
            lines.append("rapport_http_request_duration_seconds_sum{\(labels)} \(value.sum)")
            lines.append("rapport_http_request_duration_seconds_count{\(labels)} \(value.count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Measures every request, also those that no route takes.
struct MeasureRequests: RouterMiddleware {
    typealias Context = PageContext
    let metrics: RequestMetrics

    func handle(
        _ request: Request, context: PageContext, next: @concurrent (Request, PageContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        metrics.begin()
        func finish(_ status: Int) {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            // The pattern of the route, never the path: paths hold identifiers.
            let known = context.endpointPath.map { $0.hasPrefix("/") ? $0 : "other" } ?? "other"
            let method = Operation.allCases.contains { $0.method == request.method } ? request.method.rawValue : "other"
            metrics.end(route: known, method: method, status: status, seconds: seconds)
        }
        do {
            let response = try await next(request, context)
            finish(response.status.code)
            return response
        } catch {
            finish(500)
            throw error
        }
    }
}
