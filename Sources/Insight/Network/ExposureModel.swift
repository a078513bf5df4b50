import Foundation
import Statistics

/// Does adoption by those whom someone asks make adoption likelier, once marketing contact is held constant?
///
/// A discrete-time hazard: among those who have not adopted, logit P(adopt in t) = level of period t + β · exposure +
/// contact + attributes, where exposure is the share (by weight) of one's ties whose other end adopted before t.
/// Source: Van den Bulte and Lilien, "Medical Innovation revisited: social contagion versus marketing effort"
/// (American Journal of Sociology 106, 2001), equation 1.
package struct ExposureModel: Sendable {
    package struct Coefficient: Sendable, Hashable {
        package var name: String
        package var value: Double
        package var standardError: Double
        /// 95% interval (Wald) and two-sided p.
        package var low: Double
        package var high: Double
        package var p: Double
    }

    package var exposure: Coefficient
    package var contact: [Coefficient]
    package var attributes: [Coefficient]
    package var logLikelihood: Double
    /// Rows (node × period at risk), nodes and adoptions in the fit.
    package var rows: Int
    package var nodes: Int
    package var adoptions: Int
    /// Observed nodes left out because a covariate is missing; they still count as peers.
    package var incomplete: Int
    /// Mean log odds of adopting in a period at no exposure, one a node (nan when incomplete or not observed).
    package var baseline: [Double]

    /// - Parameters:
    ///   - graph: ties from each node to those whom it asks.
    ///   - contact: false leaves the contact columns out, to show what they take away from exposure.
    /// - Throws: `NetworkRefusal` for histories that hold no answer, with the cause.
    package static func fit(
        _ graph: NetworkGraph, _ history: AdoptionHistory, contact: Bool = true
    ) throws(NetworkRefusal) -> ExposureModel {
        let design = try ExposureDesign(graph, history, contact: contact)
        let fit = try HazardFit.maximise(design)
        let named = design.names.enumerated().map { index, name in
            let position = design.bins + index
            let scale = design.scale[index]
            let error = fit.standardErrors[position] / scale
            let value = fit.coefficients[position] / scale
            let p = erfc(abs(value / error) / 2.0.squareRoot())
            let half = 1.959963984540054 * error
            return Coefficient(
                name: name, value: value, standardError: error, low: value - half, high: value + half, p: p)
        }
        let contacts = design.isContact
        return ExposureModel(
            exposure: named[0], contact: named.indices.filter { contacts[$0] }.map { named[$0] },
            attributes: named.indices.filter { $0 > 0 && !contacts[$0] }.map { named[$0] },
            logLikelihood: fit.logLikelihood, rows: design.rows, nodes: design.nodes.count,
            adoptions: design.adoptions, incomplete: design.incomplete,
            baseline: design.baseline(fit.coefficients, nodeCount: graph.nodeCount))
    }
}
