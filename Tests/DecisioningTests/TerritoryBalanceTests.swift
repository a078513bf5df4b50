import Decisioning
import Statistics
import Testing

/// Alignment proposals against every possible alignment of small countries.
@Suite struct TerritoryBalanceTests {
    private static func country(_ accounts: Int, _ territories: Int, seed: UInt64) -> TerritoryProblem {
        var generator = SeededGenerator(seed: seed)
        var problem = TerritoryProblem(
            latitude: [], longitude: [], load: [], territory: [], territoryCount: territories)
        for _ in 0..<accounts {
            problem.latitude.append(50 + generator.uniform())
            let place = generator.uniform()
            problem.longitude.append(8 + place)
            problem.load.append(10 + 90 * generator.uniform())
            // Today's borders are drawn crooked, so that some territories have far more than others.
            problem.territory.append(min(territories - 1, Int(place * place * Double(territories))))
        }
        problem.neighbours = 4
        return problem
    }

    /// The least cost over all alignments.
    private static func best(_ problem: TerritoryProblem) -> Double {
        var assignment = [Int](repeating: 0, count: problem.count)
        var least = Double.infinity
        while true {
            least = min(least, problem.cost(assignment).total)
            var place = 0
            while place < problem.count, assignment[place] == problem.territoryCount - 1 {
                assignment[place] = 0
                place += 1
            }
            guard place < problem.count else { return least }
            assignment[place] += 1
        }
    }

    @Test func proposalsAreNearTheBestOfAllAlignments() {
        var excess: [Double] = []
        for seed in 1...12 {
            let problem = Self.country(seed % 2 == 0 ? 9 : 7, seed % 2 == 0 ? 2 : 3, seed: UInt64(seed))
            let found = TerritoryBalance(problem)
            let best = Self.best(problem)
            #expect(found.after.total <= found.before.total)
            #expect(found.after.total >= best - 1e-9)
            #expect(found.after == problem.cost(found.assignment))
            excess.append(found.after.total / best)
        }
        // Descent that keeps territories in one piece ends near the best, which need not be in one piece.
        #expect(excess.sorted()[excess.count / 2] < 1.15, "\(excess)")
    }

    @Test func territoriesStayInOnePieceAndSettledAccountsStay() {
        for seed in 1...5 {
            var problem = Self.country(60, 4, seed: UInt64(seed))
            problem.neighbours = 6
            problem.isFixed = problem.load.indices.map { $0 % 7 == 0 }
            let touching = TerritoryBalance.touching(problem)
            let whole = (0..<4).filter { TerritoryBalance.isWhole($0, problem.territory, touching) }
            let found = TerritoryBalance(problem)
            #expect(found.after.imbalance < found.before.imbalance)
            for move in found.moves {
                #expect(!problem.isFixed[move.account])
                #expect(move.from == problem.territory[move.account] && move.to == found.assignment[move.account])
            }
            for territory in whole where found.assignment.contains(territory) {
                #expect(TerritoryBalance.isWhole(territory, found.assignment, touching), "seed \(seed)")
            }
        }
    }

    @Test func noAccountGoesToATerritoryWithoutItsCountry() {
        var (moved, crossing) = (0, 0)
        for seed in 1...8 {
            var problem = Self.country(60, 4, seed: UInt64(seed))
            // A border through the middle of the map: territories on one side, and some across it.
            problem.country = problem.longitude.map { $0 < 8.3 ? 0 : 1 }
            let homes = (0..<4).map { territory in
                Set(problem.country.indices.filter { problem.territory[$0] == territory }.map { problem.country[$0] })
            }
            let found = TerritoryBalance(problem)
            #expect(found.moves.allSatisfy { homes[$0.to].contains(problem.country[$0.account]) }, "seed \(seed)")
            moved += found.moves.count
            // Without the border some would cross it.
            let countries = problem.country
            problem.country = []
            crossing += TerritoryBalance(problem).moves.count { !homes[$0.to].contains(countries[$0.account]) }
        }
        #expect(moved > 0 && crossing > 0)
    }

    @Test func aBalancedCountryIsLeftAlone() {
        var problem = Self.country(40, 2, seed: 5)
        problem.load = problem.load.map { _ in 1 }
        let west = problem.longitude.indices.sorted { problem.longitude[$0] < problem.longitude[$1] }
        for (rank, i) in west.enumerated() { problem.territory[i] = rank < 20 ? 0 : 1 }
        let found = TerritoryBalance(problem)
        #expect(found.moves.count <= 2 && found.before.imbalance == 0)
        #expect(
            TerritoryBalance(
                TerritoryProblem(
                    latitude: [], longitude: [], load: [], territory: [], territoryCount: 3)
            ).moves.isEmpty)
    }
}
