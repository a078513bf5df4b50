internal import CNative
package import EngagementModel
import Foundation
import Synchronization

/// LightGBM's shared library, found at run time and kept for the life of the process.
// Unchecked: the table of functions is filled before the initialiser returns and only read afterwards; LightGBM's own
// calls may be made from any thread, one at a time for a handle.
package final class TreeLibrary: @unchecked Sendable {
    let lastError: LGBM_GetLastErrorFunction
    let datasetCreate: LGBM_DatasetCreateFromMatFunction
    let datasetSetField: LGBM_DatasetSetFieldFunction
    let datasetFree: LGBM_DatasetFreeFunction
    let boosterCreate: LGBM_BoosterCreateFunction
    let boosterUpdate: LGBM_BoosterUpdateOneIterFunction
    let boosterFree: LGBM_BoosterFreeFunction
    let boosterSave: LGBM_BoosterSaveModelToStringFunction
    let boosterLoad: LGBM_BoosterLoadModelFromStringFunction
    let boosterPredict: LGBM_BoosterPredictForMatFunction

    private static let loaded = Mutex<[String: TreeLibrary]>([:])

    /// - Parameters:
    ///   - nativeDirectory: the folder that `script/setup` fills; a system library is tried first.
    ///   - name: without the system's ending.
    /// - Throws: `library_missing` with the command that installs it; `library_unusable` for another version's.
    package static func load(
        nativeDirectory: String, name: String = "lib_lightgbm"
    ) throws(Diagnostic) -> TreeLibrary {
        let result: Result<TreeLibrary, Diagnostic> = loaded.withLock { known in
            let key = nativeDirectory + "/" + name
            if let found = known[key] { return .success(found) }
            do throws(Diagnostic) {
                let made = try open(nativeDirectory, name)
                known[key] = made
                return .success(made)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func open(_ nativeDirectory: String, _ name: String) throws(Diagnostic) -> TreeLibrary {
        #if os(macOS)
            let file = name + ".dylib"
        #else
            let file = name + ".so"
        #endif
        var reasons: [String] = []
        for path in [file, "\(nativeDirectory)/lightgbm/\(file)"] {
            if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return try TreeLibrary(handle, path) }
            reasons.append(dlerror().map { String(cString: $0) } ?? path)
        }
        throw Diagnostic(
            "library_missing",
            "LightGBM was not found, neither in the system's library folders nor in \(nativeDirectory)/lightgbm: "
                + reasons.joined(separator: "; "),
            remedy: "run script/setup, which installs it, or take the lightgbm model out of models.yaml")
    }

    private init(_ handle: UnsafeMutableRawPointer, _ path: String) throws(Diagnostic) {
        func find<F>(_ name: String, _ type: F.Type) throws(Diagnostic) -> F {
            guard let symbol = dlsym(handle, name) else {
                throw Diagnostic(
                    "library_unusable", "\(path) has no \(name): it is not LightGBM 3.3 or later",
                    remedy: "run script/setup, which installs a version that fits")
            }
            // A C function's address as the pointer type that CNative declares for it.
            return unsafeBitCast(symbol, to: type)
        }
        lastError = try find("LGBM_GetLastError", LGBM_GetLastErrorFunction.self)
        datasetCreate = try find("LGBM_DatasetCreateFromMat", LGBM_DatasetCreateFromMatFunction.self)
        datasetSetField = try find("LGBM_DatasetSetField", LGBM_DatasetSetFieldFunction.self)
        datasetFree = try find("LGBM_DatasetFree", LGBM_DatasetFreeFunction.self)
        boosterCreate = try find("LGBM_BoosterCreate", LGBM_BoosterCreateFunction.self)
        boosterUpdate = try find("LGBM_BoosterUpdateOneIter", LGBM_BoosterUpdateOneIterFunction.self)
        boosterFree = try find("LGBM_BoosterFree", LGBM_BoosterFreeFunction.self)
        boosterSave = try find("LGBM_BoosterSaveModelToString", LGBM_BoosterSaveModelToStringFunction.self)
        boosterLoad = try find("LGBM_BoosterLoadModelFromString", LGBM_BoosterLoadModelFromStringFunction.self)
        boosterPredict = try find("LGBM_BoosterPredictForMat", LGBM_BoosterPredictForMatFunction.self)
    }

    /// Turns an answer of the library into an error.
    func check(_ status: CInt, _ what: String) throws(Diagnostic) {
        guard status != 0 else { return }
        let text = lastError().map { String(cString: $0) } ?? "unknown"
        throw Diagnostic("trees_failed", "LightGBM could not \(what): \(text)")
    }
}
