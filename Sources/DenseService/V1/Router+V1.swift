extension Router {
    /// What stands behind `/v1`, whose words are matched whatever their case.
    static func matchV1(_ segments: ArraySlice<String>) -> (PathTemplate, PathParameters)? {
        guard segments.first?.lowercased() == "models" else { return nil }
        var rest = segments.dropFirst()
        guard let last = rest.last else { return (.v1Models, PathParameters()) }
        // The verb stands behind a colon in the last segment.
        var verb: String?
        if let colon = last.lastIndex(of: ":") {
            verb = last[last.index(after: colon)...].lowercased()
            rest = rest.dropLast() + [String(last[..<colon])]
        }
        if let verb, verb != "predict", verb != "classify", verb != "regress" { return nil }
        guard let name = rest.first, !name.isEmpty else { return nil }
        var parameters = PathParameters(name: name)
        rest = rest.dropFirst()
        if let word = rest.first?.lowercased(), word == "versions" || word == "labels" {
            guard let value = rest.dropFirst().first, !value.isEmpty else { return nil }
            if word == "versions" { parameters.version = value } else { parameters.label = value }
            rest = rest.dropFirst(2)
        }
        let isMetadata = rest.count == 1 && rest.first?.lowercased() == "metadata" && verb == nil
        guard rest.isEmpty || isMetadata else { return nil }
        return (template(verb ?? (isMetadata ? "metadata" : ""), parameters), parameters)
    }

    private static func template(_ verb: String, _ parameters: PathParameters) -> PathTemplate {
        let (hasVersion, hasLabel) = (!parameters.version.isEmpty, !parameters.label.isEmpty)
        func of(_ plain: PathTemplate, _ version: PathTemplate, _ label: PathTemplate) -> PathTemplate {
            hasVersion ? version : hasLabel ? label : plain
        }
        switch verb {
        case "predict": return of(.v1Predict, .v1VersionPredict, .v1LabelPredict)
        case "classify": return of(.v1Classify, .v1VersionClassify, .v1LabelClassify)
        case "regress": return of(.v1Regress, .v1VersionRegress, .v1LabelRegress)
        case "metadata": return of(.v1Metadata, .v1VersionMetadata, .v1LabelMetadata)
        default: return of(.v1Model, .v1Version, .v1Label)
        }
    }
}
