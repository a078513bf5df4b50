package import EngagementModel
import Foundation

/// Measures the planner on a published instance.
package enum PlanBenchmark {
    package struct Figures: Sendable, CustomStringConvertible {
        package var instance: PlanInstance
        package var secondsToMake: Double
        package var seconds: Double
        package var plan: Plan
        /// Largest resident size of the process so far, MiB, the instance included; 0 where unknown.
        package var peakMiB: Double

        package var description: String {
            func f(_ x: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", x) }
            let share = plan.explorationCost / max(plan.upperBound, 1e-9)
            return """
                \(instance.hcps) HCPs × 24 × 10 days, \(instance.reps) reps, clones \(instance.clones): \
                \(f(seconds, 2)) s, gap \(f(plan.gap * 100, 3))%, exploration \(f(share * 100, 2))%, \
                \(plan.sweeps) sweeps, \(plan.touches) touches, \(plan.violations) violations, \
                peak \(f(peakMiB, 0)) MiB
                """
        }
    }

    package static func run(_ instance: PlanInstance, options: PlanOptions = PlanOptions()) throws(Diagnostic)
        -> Figures
    {
        let clock = ContinuousClock()
        let start = clock.now
        let problem = instance.problem()
        let made = clock.now
        let plan = try Planner.plan(problem, options: options)
        let done = clock.now
        func seconds(_ duration: Duration) -> Double {
            Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        }
        return Figures(
            instance: instance, secondsToMake: seconds(start.duration(to: made)),
            seconds: seconds(made.duration(to: done)), plan: plan, peakMiB: peakMiB)
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
