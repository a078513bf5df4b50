package import Delivery

/// What the server needs of delivery: the links of messages, mail that comes back, the sandbox.
package struct MailContext: Sendable {
    package var tracking: TrackingDesk
    package var returns: ReturnDesk
    /// Messages by channel and what became of them, since the program began.
    package var figures: @Sendable () -> [DeliveryWorker.Figure: Int] = { [:] }
    /// What providers say about messages later; nil = no webhook is set up.
    package var statuses: StatusDesk?
    /// Folder of the sandbox, `state/outbox`; nil = there is none.
    package var outboxFolder: String?
    /// Whether messages leave, or are written into the folder.
    package var isLive: Bool
    /// Called when a person has released something to be sent.
    package var nudge: @Sendable () -> Void

    package init(
        tracking: TrackingDesk, returns: ReturnDesk, outboxFolder: String? = nil, isLive: Bool = false,
        nudge: @escaping @Sendable () -> Void = {}
    ) {
        self.tracking = tracking
        self.returns = returns
        self.outboxFolder = outboxFolder
        self.isLive = isLive
        self.nudge = nudge
    }
}
