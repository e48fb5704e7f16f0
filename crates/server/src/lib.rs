//! HTTP API: push endpoints, health, metrics and what commands need beside a running server.
