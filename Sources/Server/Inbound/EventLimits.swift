/// What one request may hold, counted after unpacking.
///
/// Source: a legal Segment batch measured 507,253 bytes; RudderStack sends items of up to 4 MiB.
package struct EventLimits: Sendable {
    /// Of a body, packed and unpacked.
    package var bodyBytes = 8 * 1024 * 1024
    package var eventBytes = 4 * 1024 * 1024
    package var events = 2500
    /// Events a second of one source, on average; nil = no limit.
    package var perSecond: Int?
    /// Of the bodies of all requests that are being received.
    package var receivingBytes = 256 * 1024 * 1024
    package init() {}
}
