//! The sign that a person tells kinds of alerts apart by at a glance. The workflow in `deploy/n8n` has
//! the same ones; a test compares them.

use hawker_domain::exception::ErrorClass;

/// The sign of a kind of alert.
pub const fn sign_of(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::SignatureMismatch => "🛑",
        ErrorClass::SkuNotFound | ErrorClass::AmbiguousSku => "⚠️",
        ErrorClass::NormalizationFailed => "🧩",
        ErrorClass::MedusaWorkflowFailed => "🔥",
        ErrorClass::EscrowFetchFailed => "💸",
        ErrorClass::SdkTransient => "🔁",
        ErrorClass::TokenExpired => "🔑",
        ErrorClass::RetryExhausted => "☠️",
        ErrorClass::Unknown => "❓",
        ErrorClass::Oversold => "📦",
        ErrorClass::ActionRequired => "✋",
        ErrorClass::OrdersMissing => "🕳️",
        ErrorClass::JobFailed => "⚙️",
    }
}
