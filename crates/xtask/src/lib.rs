//! What the project's tasks and its tests share: real services on this machine, without containers.

pub mod services;
