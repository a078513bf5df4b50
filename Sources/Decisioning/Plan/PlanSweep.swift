import Dispatch
import Synchronization

/// HCPs in blocks of sixteen lanes, blocks in chunks: the fixed partition of all parallel work.
///
/// Results are kept per chunk and added in the order of chunks, so that sums do not depend on the number of threads.
struct LanePartition: Sendable {
    /// Blocks × 16, -1 pads.
    let lanes: [Int32]
    let blocksPerChunk: Int

    var blockCount: Int { lanes.count / LaneMath.width }
    var chunkCount: Int { (blockCount + blocksPerChunk - 1) / blocksPerChunk }
    func blocks(of chunk: Int) -> Range<Int> {
        chunk * blocksPerChunk..<min(blockCount, (chunk + 1) * blocksPerChunk)
    }

    /// Packs HCPs, ordered by variant, first sender, profile and number; a block never mixes variants.
    init(_ hcps: some Sequence<Int32>, layout: PlanLayout, blocksPerChunk: Int = 16) {
        let problem = layout.problem
        let slots = problem.slotCount
        var keyed: [(UInt64, Int32)] = hcps.map { hcp in
            let i = Int(hcp)
            let rep = slots > 0 ? UInt64(UInt32(bitPattern: problem.sender[i * slots]) &+ 1) : 0
            let variant = UInt64(layout.profiles.variantOf[i])
            let profile = UInt64(min(layout.profiles.profileOf[i], 0xFF_FFFF))
            return (variant << 56 | (rep & 0xFFFF_FFFF) << 24 | profile, hcp)
        }
        keyed.sort { $0 < $1 }
        var lanes: [Int32] = []
        lanes.reserveCapacity(keyed.count + keyed.count / 8 + 16)
        var variant = UInt64.max
        for (key, hcp) in keyed {
            if key >> 56 != variant {
                while lanes.count % LaneMath.width != 0 { lanes.append(-1) }
                variant = key >> 56
            }
            lanes.append(hcp)
        }
        while lanes.count % LaneMath.width != 0 { lanes.append(-1) }
        self.lanes = lanes
        self.blocksPerChunk = blocksPerChunk
    }
}

/// Runs chunks on threads, each with its own workspace.
final class PlanCrew {
    let layout: PlanLayout
    let workspaces: [TrellisWorkspace]

    init(_ layout: PlanLayout, threads: Int) {
        self.layout = layout
        let tables = TrellisTables(layout)
        workspaces = (0..<max(1, threads)).map { _ in TrellisWorkspace(layout, tables) }
    }

    /// Calls `work` once per chunk, in any order, from several threads; `work` writes to its chunk's place only.
    func forEachChunk(_ count: Int, _ work: (TrellisWorkspace, Int) -> Void) {
        guard workspaces.count > 1, count > 1 else {
            for chunk in 0..<count { work(workspaces[0], chunk) }
            return
        }
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(work) { work in
            // Safe to share: every thread uses its own workspace, every chunk has one worker, and
            // `concurrentPerform` returns when all are done.
            nonisolated(unsafe) let work = work
            nonisolated(unsafe) let workspaces = workspaces
            DispatchQueue.concurrentPerform(iterations: workspaces.count) { thread in
                while true {
                    let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard chunk < count else { return }
                    work(workspaces[thread], chunk)
                }
            }
        }
    }
}
