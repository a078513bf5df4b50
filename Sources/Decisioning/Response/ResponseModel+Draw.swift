package import Statistics

extension ResponseModel {
    /// A model drawn from the posterior: every weight at a value that the data leave possible, without doubt of its own.
    package func drawn(using generator: inout SeededGenerator) -> ResponseModel {
        var model = self
        func draw(_ weights: inout [SIMD2<Float>]) {
            for i in weights.indices {
                let z = Float(generator.normal())
                weights[i] = SIMD2(weights[i].x + z * max(weights[i].y, 0).squareRoot(), 0)
            }
        }
        draw(&model.reach)
        draw(&model.engage)
        return model
    }
}
