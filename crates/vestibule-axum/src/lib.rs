//! The axum face of Vestibule: router, layer, extractors.
