//! Counters and times for Prometheus, in its text format.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// All of them.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    times: Family<RouteLabels, Histogram, fn() -> Histogram>,
    operations: Family<OperationLabels, Counter>,
    /// Connections that are open.
    pub connections: Gauge,
    /// Connections that were turned away, for there were too many.
    pub turned_away: Counter,
    /// TLS handshakes that failed.
    pub handshakes_failed: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    kind: &'static str,
    outcome: &'static str,
}

/// The media type of [`Metrics::encode`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the times that are told apart, in seconds.
const TIMES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("lichna_authority");
        let requests = Family::default();
        let make: fn() -> Histogram = || Histogram::new(TIMES);
        let times = Family::new_with_constructor(make);
        let operations = Family::default();
        let (connections, turned_away) = (Gauge::default(), Counter::default());
        let handshakes_failed = Counter::default();
        registry.register("requests", "Requests by route and status", requests.clone());
        registry.register(
            "request_seconds",
            "Times from a request to its answer",
            times.clone(),
        );
        registry.register(
            "operations",
            "Operations in the registers by kind and outcome",
            operations.clone(),
        );
        registry.register("connections", "Open connections", connections.clone());
        registry.register(
            "connections_turned_away",
            "Connections beyond the limit",
            turned_away.clone(),
        );
        registry.register(
            "handshakes_failed",
            "TLS handshakes that failed",
            handshakes_failed.clone(),
        );
        Self {
            registry,
            requests,
            times,
            operations,
            connections,
            turned_away,
            handshakes_failed,
        }
    }
}

impl Metrics {
    /// Counts a request. `route` is the pattern of its path, so nobody's number is in it.
    pub fn request(&self, method: &'static str, route: &str, status: u16, time: Duration) {
        let route = route.to_owned();
        self.times
            .get_or_create(&RouteLabels {
                route: route.clone(),
            })
            .observe(time.as_secs_f64());
        self.requests
            .get_or_create(&RequestLabels {
                method,
                route,
                status,
            })
            .inc();
    }

    /// Counts an operation in the registers.
    pub fn operation(&self, kind: &'static str, outcome: &'static str) {
        let labels = OperationLabels { kind, outcome };
        self.operations.get_or_create(&labels).inc();
    }

    /// All of them in the text format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}
