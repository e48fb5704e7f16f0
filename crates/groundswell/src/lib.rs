//! The program as a library: configuration, the data folder, the engine with its loops, the commands.

pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod engine;
pub mod folder;
pub mod naming;
pub mod pipelines;
pub mod remote;
pub mod render;
pub mod spans;
