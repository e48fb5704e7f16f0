//! The log: read from a position, read at positions, a transaction that appends and advances. Payloads are opaque bytes.
