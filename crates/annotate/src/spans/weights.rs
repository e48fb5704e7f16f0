//! What the tagger learnt, as it stands in the file of heads.

/// The weights of the tagger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpanWeights {
    /// A row for each sign, by its hash: neither, expected, happened.
    pub rows: Vec<(u64, [i8; 3])>,
    /// What one step of a row is worth; 0 where nothing was learnt.
    pub step: f32,
    /// What it adds that one tag follows another.
    pub moves: [[f32; 3]; 3],
}
