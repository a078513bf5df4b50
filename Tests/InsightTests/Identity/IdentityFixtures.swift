import Foundation
import Insight
import Statistics

/// Records for the tests: parts of public files, and corrupted persons made from a seed.
enum IdentityFixtures {
    static func file(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").appending(path: name)
    }

    struct Records {
        var columns: [IdentityColumn]
        var truth: [Int32]
        var keys: [String]
    }

    /// A file without quoted cells; `cluster` is the truth, the first column the key.
    static func records(_ name: String) throws -> Records {
        let text = try String(contentsOf: file(name), encoding: .utf8)
        let lines = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let rows = lines.dropFirst()
        var columns: [IdentityColumn] = []
        var truth: [Int32] = []
        for (place, header) in lines[0].enumerated() where place > 0 {
            let column = IdentityColumn(name: header, cells: rows.map { $0[place] })
            if header == "cluster" { truth = column.codes } else { columns.append(column) }
        }
        return Records(columns: columns, truth: truth, keys: rows.map { $0[0] })
    }

    private static func word(_ generator: inout SeededGenerator, _ syllables: Int) -> String {
        let consonants = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "sch", "br"]
        let vowels = ["a", "e", "i", "o", "u", "au"]
        return (0..<syllables).map { _ in
            consonants[generator.below(consonants.count)] + vowels[generator.below(vowels.count)]
        }.joined()
    }

    static func typo(_ text: String, _ generator: inout SeededGenerator) -> String {
        var letters = Array(text)
        guard letters.count > 1 else { return text }
        let place = generator.below(letters.count - 1)
        let letter = Array(letters[place].isNumber ? "0123456789" : "abcdefghij")[generator.below(10)]
        switch generator.below(4) {
        case 0: letters[place] = letter
        case 1: letters.remove(at: place)
        case 2: letters.insert(letter, at: place)
        default: letters.swapAt(place, place + 1)
        }
        return String(letters)
    }

    /// Persons, half of them with a second record whose cells are corrupted with the given chance.
    static func persons(_ count: Int, seed: UInt64, errors: Double = 0.15) -> Records {
        var generator = SeededGenerator(seed: seed)
        let given = (0..<200).map { _ in word(&generator, 2) }
        let family = (0..<800).map { _ in word(&generator, 3) }
        let towns = (0..<150).map { _ in word(&generator, 2) + "stadt" }
        var rows: [[String]] = []
        var truth: [Int32] = []
        for person in 0..<count {
            let town = generator.below(towns.count)
            let row = [
                given[min(generator.below(200), generator.below(200))],
                family[min(generator.below(800), generator.below(800))],
                "19\(10 + generator.below(89))-0\(1 + generator.below(9))-\(10 + generator.below(18))",
                towns[town], "\(10_000 + town * 7)",
                "0\(171 + generator.below(8))\(1_000_000 + generator.below(8_999_999))",
            ]
            rows.append(row)
            truth.append(Int32(person))
            guard generator.chance(0.5) else { continue }
            rows.append(
                row.map { cell in
                    if generator.chance(errors) { return typo(cell, &generator) }
                    return generator.chance(errors / 2) ? "" : cell
                })
            truth.append(Int32(person))
        }
        let order = rows.indices.sorted {
            SeededGenerator.mix(UInt64($0) &+ seed) < SeededGenerator.mix(UInt64($1) &+ seed)
        }
        let names = ["first_name", "last_name", "date_of_birth", "city", "postcode", "phone"]
        return Records(
            columns: names.indices.map { column in
                IdentityColumn(name: names[column], cells: order.map { rows[$0][column] })
            }, truth: order.map { truth[$0] }, keys: order.indices.map { "r\($0)" })
    }
}
