//! In process, end to end: raw record in, mapping and report out. Properties of the pure steps, then the engine with a
//! clock that stands still.

mod corrections;
mod days;
mod dead_letters;
mod exports;
mod fold;
mod hostile;
mod imports;
mod issues;
mod maps;
mod naming;
mod order;
mod promises;
mod pushes;
mod reannotate;
mod records;
mod shape;
mod steps;
mod themes;
mod views;
