package import EngagementModel
import Foundation

/// Measures the planner on a published instance.
package enum PlanBenchmark {
    package struct Figures: Sendable, CustomStringConvertible {
        package var instance: PlanInstance
        package var secondsToMake: Double
        package var seconds: Double
        /// Processor time of all threads while planning.
        package var cpuSeconds: Double
        package var plan: Plan
        /// Largest resident size of the process so far, MiB, the instance included; 0 where unknown.
        package var peakMiB: Double

        package var description: String {
            func f(_ x: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", x) }
            let share = plan.explorationCost / max(plan.upperBound, 1e-9)
            return """
                \(instance.hcps) HCPs × 24 × 10 days, \(instance.reps) reps, clones \(instance.clones), \
                \(f(Double(instance.repDayMinutes), 0)) minutes a rep-day: \(f(seconds, 2)) s, \
                \(f(cpuSeconds, 2)) CPU-s, gap \(f(plan.gap * 100, 3))%, exploration \(f(share * 100, 2))%, \
                \(plan.sweeps) sweeps, \(plan.touches) touches, \(plan.violations) violations, \
                peak \(f(peakMiB, 0)) MiB
                """
        }
    }

    /// The instances whose figures are published: `standard`; `clones`, twenty copies of each HCP; `two-visits` and
    /// `one-visit`, reps with room for so many visits of 45 minutes a day. nil for another name.
    package static func instance(_ name: String, hcps: Int = 1_000_000, reps: Int? = nil, seed: UInt64 = 1)
        -> PlanInstance?
    {
        var instance = PlanInstance(hcps: hcps, reps: reps ?? max(1, hcps / 500), seed: seed)
        switch name {
        case "standard": break
        case "clones": instance.clones = 20
        case "two-visits": instance.repDayMinutes = 90
        case "one-visit": instance.repDayMinutes = 45
        default: return nil
        }
        return instance
    }

    package static func run(_ instance: PlanInstance, options: PlanOptions = PlanOptions()) throws(Diagnostic)
        -> Figures
    {
        let clock = ContinuousClock()
        let start = clock.now
        let problem = instance.problem()
        let made = clock.now
        let cpu = cpuSeconds
        let plan = try Planner.plan(problem, options: options)
        let done = clock.now
        let spent = cpuSeconds - cpu
        func seconds(_ duration: Duration) -> Double {
            Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        }
        return Figures(
            instance: instance, secondsToMake: seconds(start.duration(to: made)),
            seconds: seconds(made.duration(to: done)), cpuSeconds: spent, plan: plan, peakMiB: peakMiB)
    }

    private static var cpuSeconds: Double {
        var usage = rusage()
        guard getrusage(.init(0), &usage) == 0 else { return 0 }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static var peakMiB: Double {
        var usage = rusage()
        // RUSAGE_SELF is 0 everywhere; Glibc declares it as a type of its own. Linux counts KiB, Darwin bytes.
        guard getrusage(.init(0), &usage) == 0 else { return 0 }
        #if os(Linux)
            return Double(usage.ru_maxrss) / 1024
        #else
            return Double(usage.ru_maxrss) / 1_048_576
        #endif
    }
}
