package import EngagementModel
import Statistics

extension OutcomeModel {
    /// "RPOUTC", format 4: the shared stock has a greatest rise.
    private static let magic: UInt64 = 0x5250_4F55_5443_0004

    /// What the model was learnt from, as a name: another month, other volumes or other people give another one.
    ///
    /// Touches of closed months that are delivered late do not change it: they enter with the next month's fit.
    package static func inputs(volumes: VolumeColumns, hcps: HCPColumns, lastMonth: Int32, product: Int32?) -> String {
        var hash = ContentHash()
        hash.combine(UInt64(truncatingIfNeeded: lastMonth))
        hash.combine(UInt64(truncatingIfNeeded: product ?? -1))
        hash.combine(UInt64(hcps.count))
        for (hcp, segment) in hcps.specialty.enumerated() where segment >= 0 {
            hash.combine(UInt64(hcp) << 32 | UInt64(UInt32(bitPattern: segment)))
        }
        for i in volumes.hcp.indices where volumes.month[i] <= lastMonth {
            hash.combine(
                UInt64(UInt32(bitPattern: volumes.hcp[i])) << 32 | UInt64(UInt32(bitPattern: volumes.month[i])))
            hash.combine(volumes.value[i].bitPattern)
        }
        return hash.hex
    }

    /// What the models of several objectives were learnt from together: other volumes of one give all another name.
    package static func inputs(_ objectives: [OutcomeMonths], hcps: HCPColumns) -> String {
        let own = objectives.map {
            inputs(volumes: $0.volumes, hcps: hcps, lastMonth: $0.last, product: $0.product)
        }
        guard own.count > 1 else { return own.first ?? "" }
        var hash = ContentHash()
        for name in own { hash.combine(name) }
        return hash.hex
    }

    /// The model as bytes; `init(decoding:)` reads them back bit for bit.
    package func encoded() -> [UInt8] {
        var out = ByteWriter()
        out.put(Self.magic)
        out.put(Int64(hcpCount))
        out.put(isAssumption ? 1 : 0 as UInt8)
        out.put(Int64(effects.count))
        for effect in effects {
            out.put(effect.channel.code)
            out.put(effect.beta)
            out.put(effect.sd)
            out.put(effect.spread)
        }
        for number in [carryOver, dispersion, keep, meanRecent] { out.put(number) }
        for column in [expected, untouched, shape, trend, recent, carry] { out.put(array: column) }
        out.put(array: columnOfChannel.map { Int64($0) })
        out.put(array: segment)
        out.put(array: gain)
        out.put(array: gainSD)
        out.put(shared == nil ? 0 : 1 as UInt8)
        shared?.encode(&out)
        return out.bytes
    }

    /// - Throws: `model_damaged` when the bytes are not a model of this format.
    package init(decoding bytes: [UInt8], options: OutcomeOptions = OutcomeOptions()) throws(Diagnostic) {
        var input = ByteReader(bytes)
        guard try input.get(UInt64.self) == Self.magic else { throw ByteReader.damaged }
        self.init(assumedFor: Int(try input.get(Int64.self)), options: options)
        isAssumption = try input.get(UInt8.self) != 0
        for _ in 0..<(try input.get(Int64.self)) {
            let code = Int(try input.get(UInt8.self))
            guard code < Channel.allCases.count else { throw ByteReader.damaged }
            effects.append(
                Effect(
                    channel: Channel.allCases[code], beta: try input.getDouble(), sd: try input.getDouble(),
                    spread: try input.getDouble()))
        }
        carryOver = try input.getDouble()
        dispersion = try input.getDouble()
        keep = try input.getDouble()
        meanRecent = try input.getDouble()
        expected = try input.getArray(0)
        untouched = try input.getArray(0)
        shape = try input.getArray(0)
        trend = try input.getArray(0)
        recent = try input.getArray(0)
        carry = try input.getArray(0)
        columnOfChannel = try input.getArray(0 as Int64).map { Int($0) }
        segment = try input.getArray(0)
        gain = try input.getArray(0)
        gainSD = try input.getArray(0)
        if try input.get(UInt8.self) != 0 { shared = try SharedEffect(decoding: &input, hcpCount: hcpCount) }
        guard [expected, untouched, shape, trend, recent].allSatisfy({ $0.count == hcpCount }),
            columnOfChannel.count == FeatureLayout.channels, segment.count == hcpCount || isAssumption,
            isAssumption || carry.count == hcpCount * effects.count
        else { throw ByteReader.damaged }
    }
}
