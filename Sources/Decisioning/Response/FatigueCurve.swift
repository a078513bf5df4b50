package import EngagementModel
import Foundation

extension ResponseModel {
    /// How the chance to engage changes with the touches of the 14 days before: index = touches, 0 … 6.
    ///
    /// From the learnt fatigue effects at the channel's base rates, relative to no touch. A repeated message also says
    /// less that is new, which one touch's effect cannot show: each touch takes at least a tenth, and none adds.
    package func fatigue(channel: Channel) -> [Float] {
        let group = FeatureLayout.groupOfChannel[Int(channel.code)]
        func effect(_ step: ResponseStep, _ touches: Int32, base: Float) -> Double {
            let weights = weights(step)
            let first = FeatureLayout.fatigue + group * FeatureLayout.fatigueBuckets
            let change = weights[first + FeatureLayout.fatigueBucket(touches)].x - weights[first].x
            // d log p = (1 − p) × d logit.
            return Double((1 - base) * change)
        }
        let code = Int(channel.code)
        var result: [Float] = [1]
        for touches in 1...6 {
            let change =
                effect(.reached, Int32(touches), base: baseReach[code])
                + effect(.engaged, Int32(touches), base: baseEngage[code])
            result.append(min(result[touches - 1] * 0.9, max(0.2, Float(exp(change)))))
        }
        return result
    }
}
