//! One sentence embedding and its short forms: int8 and base64.

use data_encoding::BASE64;

use crate::AnnotateError;

/// How many dimensions an embedding has.
pub const DIMENSIONS: usize = 256;

/// A sentence embedding: of unit length, or all zero when nothing of the text is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding([f32; DIMENSIONS]);

impl Embedding {
    /// Gives the direction of a vector; a vector of length zero, or one that is not finite, has none and gives all zero.
    pub fn direction(vector: &[f32; DIMENSIONS]) -> Self {
        let length = dot(vector, vector).sqrt();
        if length > 0.0 && length.is_finite() {
            Self(vector.map(|value| value / length))
        } else {
            Self([0.0; DIMENSIONS])
        }
    }

    /// Gives the numbers.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// Tells whether nothing of the text was known.
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|value| *value == 0.0)
    }

    /// Gives the cosine of two embeddings, from −1 to 1; 0 where one is all zero.
    pub fn cosine(&self, other: &Self) -> f32 {
        dot(&self.0, &other.0).clamp(-1.0, 1.0)
    }

    /// Gives the direction in one byte a dimension; the largest number becomes 127 or −127.
    pub fn to_int8(&self) -> [i8; DIMENSIONS] {
        let most = self.0.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        if most == 0.0 {
            return [0; DIMENSIONS];
        }
        self.0.map(|value| (value / most * 127.0).round() as i8)
    }

    /// Reads the direction back from its bytes.
    pub fn from_int8(bytes: &[i8; DIMENSIONS]) -> Self {
        Self::direction(&bytes.map(f32::from))
    }

    /// Writes the bytes as base64, as `annotation.embedding` holds them; an embedding that is all zero has no text form.
    pub fn to_base64(&self) -> Option<String> {
        (!self.is_zero()).then(|| BASE64.encode(&self.to_int8().map(i8::cast_unsigned)))
    }

    /// Reads what [`Embedding::to_base64`] wrote.
    ///
    /// # Errors
    /// [`AnnotateError::Embedding`], when the text is not base64 or of another number of dimensions.
    pub fn from_base64(text: &str) -> Result<Self, AnnotateError> {
        let fault = |what| AnnotateError::Embedding { what };
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| fault("text is not base64"))?;
        let bytes: [u8; DIMENSIONS] =
            bytes.try_into().map_err(|_| fault("text has another number of dimensions"))?;
        Ok(Self::from_int8(&bytes.map(u8::cast_signed)))
    }
}

/// Sums products in eight lanes of fixed order, so that every machine rounds alike.
fn dot(left: &[f32; DIMENSIONS], right: &[f32; DIMENSIONS]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (left, right) in left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    lanes.iter().sum()
}
