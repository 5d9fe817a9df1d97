/// A variable by which a host tells its containers something that is a setting here.
package struct HostVariable: Sendable {
    package let name: String
    package let setting: String
    package let host: String

    /// Of two that mean the same setting the later one counts.
    package static let all = [
        HostVariable(name: "PORT", setting: "port", host: "Cloud Run, Knative"),
        HostVariable(name: "AIP_HTTP_PORT", setting: "port", host: "Vertex AI"),
        HostVariable(name: "SAGEMAKER_BIND_TO_PORT", setting: "port", host: "SageMaker"),
        HostVariable(name: "AIP_HEALTH_ROUTE", setting: "health_route", host: "Vertex AI"),
        HostVariable(name: "AIP_PREDICT_ROUTE", setting: "predict_route", host: "Vertex AI"),
        HostVariable(name: "AIP_STORAGE_URI", setting: "models", host: "Vertex AI"),
        HostVariable(name: "MODEL_NAME", setting: "model_name", host: "KServe"),
    ]

    /// What the setting becomes; nil for what says nothing here. Of storage only a folder of this machine counts: nothing is
    /// fetched from buckets.
    func value(_ text: String) -> String? {
        guard name == "AIP_STORAGE_URI" else { return text.isEmpty ? nil : text }
        if text.hasPrefix("file:///") { return String(text.dropFirst("file://".count)) }
        return text.hasPrefix("/") ? text : nil
    }
}
