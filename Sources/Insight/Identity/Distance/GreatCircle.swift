import Foundation

/// Distances on the Earth taken as a ball of radius 6,371 km (haversine).
enum GreatCircle {
    /// Places as (latitude, longitude) in degrees.
    static func kilometres(_ a: (Double, Double), _ b: (Double, Double)) -> Double {
        let radians = Double.pi / 180
        let latitude = sin((b.0 - a.0) * radians / 2)
        let longitude = sin((b.1 - a.1) * radians / 2)
        let chord = latitude * latitude + cos(a.0 * radians) * cos(b.0 * radians) * longitude * longitude
        return 2 * 6_371 * asin(min(1, chord.squareRoot()))
    }
}
