internal import Foundation

/// A serial executor on a thread of its own, so that an engine's blocking calls never hold a thread of Swift's
/// cooperative pool; also an executor of tasks, for code that wants to be where the engine is.
// Unchecked: the only mutable state, the queue, guards itself with its condition.
final class ConnectionThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private let queue: Queue

    init(name: String) {
        let queue = Queue()
        self.queue = queue
        let thread = Thread {
            // On Linux a thread can only name itself, with up to 15 bytes.
            Thread.current.name = name
            queue.run()
        }
        // Engines plan deeply nested SQL by recursion; Foundation's default of half a megabyte is too little.
        thread.stackSize = 16 << 20
        thread.start()
    }

    deinit { queue.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The job keeps its executor: the last reference to the actor may go while the job runs.
        queue.add { [self] in
            job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Whether the caller runs on this thread.
    var isCurrent: Bool { queue.isCurrent }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    func checkIsolated() { precondition(isCurrent, "not on the connection's own thread") }

    /// Runs `work` on the thread after what is queued, without waiting.
    func post(_ work: @escaping @Sendable () -> Void) { queue.add(work) }

    /// Runs `work` on the thread and waits; at once when already there.
    func perform(_ work: @escaping @Sendable () -> Void) {
        if queue.isCurrent { return work() }
        let done = DispatchSemaphore(value: 0)
        queue.add {
            work()
            done.signal()
        }
        done.wait()
    }

    /// What waits for the thread. The thread holds the queue and not the executor, so that the executor's end
    /// can end the thread.
    // Unchecked: every access happens under the condition's lock.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var waiting: [@Sendable () -> Void] = []
        private var stopped = false
        private var thread: Thread?

        var isCurrent: Bool {
            condition.lock()
            defer { condition.unlock() }
            return thread === Thread.current
        }

        func add(_ work: @escaping @Sendable () -> Void) {
            condition.lock()
            waiting.append(work)
            condition.signal()
            condition.unlock()
        }

        func stop() {
            condition.lock()
            stopped = true
            condition.signal()
            condition.unlock()
        }

        func run() {
            condition.lock()
            thread = Thread.current
            while true {
                if waiting.isEmpty {
                    if stopped { break }
                    condition.wait()
                    continue
                }
                let work = waiting
                waiting = []
                condition.unlock()
                for item in work { item() }
                condition.lock()
            }
            thread = nil
            condition.unlock()
        }
    }
}
